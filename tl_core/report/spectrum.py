"""The spectrum of strategies: from changing nothing to changing everything, with marks on it.

A strategy is drawn as a column that stands for the whole network; the part of it that learns is
filled. Places are in per cent and letters in pixels, as in the strip. What is marked is marked by
weight and in words too, so that colour is never needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from tl_core.i18n import _
from tl_core.report.strip import COOL, HEAD, WARM, hatching

Mark = Literal["", "recommended", "chosen", "runner_up", "now"]

_LINE, _SAID, _POINT, _TOP, _TALL = 20, 41, 47, 60, 62  # pixels from above, then a height
_NAMES = _TOP + _TALL + 17
_SHARES, _MARKS, _HEIGHT = _NAMES + 33, _NAMES + 50, _NAMES + 58
_LEAST_PX = 2  # however little learns, it is seen
_WIDE = 0.52  # of what a strategy has: how wide its column is
_PALE = {"": 0.42, "runner_up": 0.7, "now": 0.7, "chosen": 1.0, "recommended": 1.0}
_RIM = {"runner_up": 1.2, "now": 1.2, "chosen": 2.0, "recommended": 3.0}
_DASHED = ("chosen", "now")
_WORD = "font-size:clamp(9.5px,2.6vw,12.5px)"
_STRONG = "font-weight:700;font-size:clamp(11px,3vw,13.5px)"


@dataclass(frozen=True, slots=True)
class Rung:
    """One strategy on the spectrum."""

    strategy: str
    name: str
    """In a word or two."""
    title: str
    """In full."""
    share: float
    """Of the network that learns, in [0, 1]."""
    said: str
    """The same in words."""
    mark: Mark = ""
    is_anew: bool = False
    """True if what learns begins without the base."""


def spectrum_svg(rungs: Sequence[Rung], *, alt: str) -> str:
    """Return the spectrum as inline SVG; it takes the colour of the text around it.

    Args:
        rungs: from changing least to changing most.
        alt: what the picture shows, in one sentence.
    """
    code = hashlib.sha256(repr(rungs).encode()).hexdigest()[:8]
    each = 100 / max(len(rungs), 1)
    columns = "".join(_rung(rung, each * (i + 0.5), each, code) for i, rung in enumerate(rungs))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" '
        f'width="100%" height="{_HEIGHT}" style="width:100%;height:{_HEIGHT}px;display:block">'
        f"<title>{escape(alt)}</title>{_fills(code)}{_axis(code)}{columns}</svg>"
    )


def _fills(code: str) -> str:
    """Return the hatch of what stays, and the way from cool to warm."""
    return (
        f'{hatching(f"still-{code}")}<defs><linearGradient id="way-{code}">'
        f'<stop offset="0" stop-color="{COOL}"/><stop offset="1" stop-color="{WARM}"/>'
        f"</linearGradient></defs>"
    )


def _axis(code: str) -> str:
    nothing, everything = _("change nothing"), _("change everything")
    look = f'y="12" fill="currentColor" fill-opacity=".78" style="{_WORD}"'
    return (
        f'<text x="0" {look}>{escape(nothing)}</text>'
        f'<text x="100%" text-anchor="end" {look}>{escape(everything)}</text>'
        f'<rect x="0" y="{_LINE}" width="100%" height="3" rx="1.5" fill="url(#way-{code})"/>'
    )


def _rung(rung: Rung, middle: float, each: float, code: str) -> str:
    wide = _WIDE * each
    box = f'x="{middle - wide / 2:.2f}%" width="{wide:.2f}%"'
    learns = max(_TALL * rung.share, _LEAST_PX)
    told = _("{strategy}: {share} of the network learns").format(
        strategy=rung.title, share=rung.said
    )
    return (
        f'<g data-strategy="{escape(rung.strategy)}" data-mark="{rung.mark}">'
        f"<title>{escape(told)}</title>"
        f'<g opacity="{_PALE[rung.mark]:g}">'
        f'<rect {box} y="{_TOP}" height="{_TALL}" rx="5" fill="url(#still-{code})"/>'
        f'<rect {box} y="{_TOP + _TALL - learns:.1f}" height="{learns:.1f}" '
        f'rx="{min(5, learns / 2):g}" fill="{HEAD if rung.is_anew else WARM}"/></g>'
        f"{_rim(rung, box)}{_words(rung, middle)}</g>"
    )


def _rim(rung: Rung, box: str) -> str:
    """Return the frame around what is marked: heavy, dashed or fine."""
    if not rung.mark:
        return ""
    dashes = ' stroke-dasharray="5 3"' if rung.mark in _DASHED else ""
    return (
        f'<rect {box} y="{_TOP}" height="{_TALL}" rx="5" fill="none" stroke="currentColor" '
        f'stroke-width="{_RIM[rung.mark]:g}"{dashes}/>'
    )


def _words(rung: Rung, middle: float) -> str:
    is_best = rung.mark == "recommended"
    lines = rung.name.split(" ", 1) if " " in rung.name else [rung.name]
    told = [(line, _NAMES + 14 * i) for i, line in enumerate(lines)]
    words = "".join(_text(line, middle, y, strong=is_best) for line, y in told)
    words += _text(rung.said, middle, _SHARES)
    if is_best:
        return words + _pointer(middle)
    said = {"chosen": _("your choice"), "runner_up": _("runner-up"), "now": _("now")}
    below = said.get(rung.mark, "")
    return words + (_text(below, middle, _MARKS, strong=rung.mark == "chosen") if below else "")


def _text(words: str, middle: float, y: int, *, strong: bool = False) -> str:
    style = f"{_WORD};font-weight:700" if strong else _WORD
    faint = "" if strong else ' fill-opacity=".78"'
    return (
        f'<text x="{middle:.2f}%" y="{y}" text-anchor="middle" fill="currentColor"{faint} '
        f'style="{style}">{escape(words)}</text>'
    )


def _pointer(middle: float) -> str:
    """Return the word above the recommended column, and the mark that points at it."""
    at, side = f"{middle:.2f}%", "middle"
    if middle < 15:
        at, side = "0", "start"
    elif middle > 85:
        at, side = "100%", "end"
    word = _("recommended")
    return (
        f'<text x="{at}" y="{_SAID}" text-anchor="{side}" fill="currentColor" '
        f'style="{_STRONG}">{escape(word)}</text>'
        f'<svg x="{middle:.2f}%" y="{_POINT}" overflow="visible">'
        f'<path d="M-7 0H7L0 9Z" fill="{WARM}"/></svg>'
    )
