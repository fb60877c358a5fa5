"""Numbers as people read them: shares, intervals, times and counts in plain words.

Two significant figures, units always. Nothing here knows what the numbers mean. What is counted
is a picture or a text, as the data are. Decimals and thousands are set apart as the language does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from tl_core import i18n
from tl_core.i18n import _, ngettext

_NEARLY_ONE = 0.995
_SMALLEST = 0.0005  # smaller numbers, of losses and shifts, tell a person no more than 0 does
_MINUS = "−"


class Interval(Protocol):
    """A share with the ends of its interval, all in [0, 1]."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def written(text: str) -> str:
    """Return a number with a true minus and the marks of the language: −1,437.5 or −1.437,5."""
    return text.replace("-", _MINUS).translate(_marks(i18n.language()))


def number(value: float) -> str:
    """Return `value` with two significant figures: 0.065, 0.20, 2.1, 140."""
    if not math.isfinite(value):
        return "–"
    if 0 < abs(value) < _SMALLEST:
        return _("nearly 0")
    if abs(value) >= 99.5:
        return count(round(value))
    return written(f"{value:#.2g}".rstrip(".")) if value else "0"


def count(value: int) -> str:
    """Return a whole number with its thousands set apart: 1,437."""
    return written(f"{value:,}")


def examples(n: int, modality: str) -> str:
    """Return how many examples there are: 1,437 pictures, 1 text."""
    words = {
        "text": lambda: ngettext("{n} text", "{n} texts", n),
        "picture": lambda: ngettext("{n} picture", "{n} pictures", n),
    }[modality]()
    return words.format(n=count(n))


def things(modality: str) -> str:
    """Return what examples are called where their number stands before: pictures, texts."""
    return {"text": _("texts"), "picture": _("pictures")}[modality]


def language(code: str) -> str:
    """Return the name of a language; its code where it has none."""
    from babel import Locale
    from babel.core import UnknownLocaleError

    try:
        return str(Locale.parse(code).get_language_name(i18n.language()) or code)
    except (UnknownLocaleError, ValueError):
        return code


def languages(shares: Mapping[str, float]) -> str:
    """Return languages with their shares: English (97 %), German (3 %)."""
    return ", ".join(f"{language(code)} ({percent(share)})" for code, share in shares.items())


def reading(modality: str) -> str:
    """Return that the examples are being read."""
    return {"text": _("Reading your texts"), "picture": _("Reading your pictures")}[modality]


def percent(share: float) -> str:
    """Return a share in [0, 1] as whole per cent; what is not quite all never reads as 100."""
    return _("{number} %").format(number=per_hundred(share))


def percent_interval(share: Interval) -> str:
    """Return a share with its interval: 95 % (91 to 97)."""
    return _("{value} ({low} to {high})").format(
        value=percent(share.value), low=per_hundred(share.low), high=per_hundred(share.high)
    )


def per_hundred(share: float) -> str:
    """Return how many of a hundred a share in [0, 1] stands for, without a unit."""
    if _NEARLY_ONE <= share < 1:
        return written(f"{min(100 * share, 99.9):.1f}")
    if 0 < share < 1 - _NEARLY_ONE:
        return written(f"{max(100 * share, 0.1):.1f}")
    return _half_up(100 * share)


def share(value: float) -> str:
    """Return a share in [0, 1] with two decimals; what is not quite 1 never reads as 1.00."""
    if _NEARLY_ONE <= value < 1:
        return written(f"{min(value, 0.999):.3f}")
    return written(f"{value + 1e-9:.2f}")


def share_interval(value: Interval) -> str:
    """Return a share with its interval in decimals: 0.91 (0.86 to 0.95)."""
    return _("{value} ({low} to {high})").format(
        value=share(value.value), low=share(value.low), high=share(value.high)
    )


def points(difference: float) -> str:
    """Return a difference of two shares in percentage points: 18 points, −0.5 points."""
    found = 100 * difference
    text = _half_up(found) if abs(found) >= 1 or not found else f"{found:.1g}"
    shown = abs(round(found)) if abs(found) >= 1 else 2
    return ngettext("{number} point", "{number} points", shown).format(number=written(text))


def duration(seconds: float) -> str:
    """Return a time span: 50 s, 4 minutes, 1.5 hours."""
    if seconds < 1:
        return _("less than a second")
    if seconds < 99.5:
        return _("{number} s").format(number=round(seconds))
    minutes = seconds / 60
    if minutes < 99.5:
        shown = number(minutes) if minutes < 1.95 else str(round(minutes))
        return _("{number} minutes").format(number=shown)
    return _("{number} hours").format(number=number(minutes / 60))


def file_size(count_bytes: int) -> str:
    """Return the size of a file: 31 kB, 12 MB, 1.4 GB."""
    for unit, name in ((10**9, _("{number} GB")), (10**6, _("{number} MB"))):
        if count_bytes >= unit:
            return name.format(number=number(count_bytes / unit))
    return _("{number} kB").format(number=number(count_bytes / 1000))


def _half_up(value: float) -> str:
    """Round halves away from zero, as people expect; the nudge undoes binary fractions."""
    return f"{math.copysign(math.floor(abs(value) + 0.5 + 1e-9), value):.0f}"


@cache
def _marks(language: str) -> dict[int, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    if language == i18n.SOURCE:
        return {}
    return {ord("."): get_decimal_symbol(language), ord(","): get_group_symbol(language)}


def separators() -> str:
    """Return the marks for decimals and thousands, as plotly wants to hear them."""
    marks = _marks(i18n.language())
    return "".join(marks.get(ord(mark), mark) for mark in ".,")
