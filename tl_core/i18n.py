"""Translation of every string that a person reads.

`_` translates now; `N_` only marks a string that a data file or a constant holds and that is
translated where it is shown. The English catalog is `locale/thaw.pot` itself: a missing catalog
falls back to the text in the source.
"""

from __future__ import annotations

import gettext as _gettext
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

_LOCALE = Path(__file__).with_name("locale")
_translation = _gettext.translation("thaw", _LOCALE, fallback=True)

TRANSLATED_KEYS = frozenset(
    {"because", "domain", "effect_text", "fact_text", "good_for", "licence_note", "technical",
     "text", "title", "trained_on"}
)  # fmt: skip
"""Keys whose values in our TOML files are shown to people."""


def _(message: str) -> str:
    """Return `message` in the current language."""
    return _translation.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form of the message that fits the count `n`."""
    return _translation.ngettext(singular, plural, n)


def N_(message: str) -> str:
    """Mark `message` for translation without translating it yet."""
    return message


def extract_toml(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the strings for people in a TOML file; called by `pybabel extract`."""
    text = fileobj.read().decode()
    lines = text.splitlines()
    for key, value in _texts(tomllib.loads(text)):
        first = value.strip().splitlines()[0]
        number = next((i for i, line in enumerate(lines, 1) if first in line), 1)
        yield number, "_", value, [key]


def _texts(node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in TRANSLATED_KEYS and isinstance(value, str):
                yield key, value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)
