"""Translation of every string that a person reads.

`_` translates now; `N_` only marks a string that a data file or a constant holds and that is
translated where it is shown. Nothing is translated while modules are imported, because the
language belongs to a person: the command line speaks that of the environment, the web app that of
each browser session, and a job that of whoever began it.
"""

from __future__ import annotations

import io
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import IO, Any

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""The languages of Thaw by their own names; the texts in the source are English."""
SOURCE = "en"

LOCALE = Path(__file__).with_name("locale")
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

TRANSLATED_KEYS = frozenset(
    {"because", "choose", "domain", "effect_text", "fact_text", "feedback", "folklore",
     "good_for", "guess", "idea", "label", "licence_note", "question", "said", "shows",
     "takeaway", "technical", "term", "text", "title", "trained_on"}
)  # fmt: skip
"""Keys whose values in our TOML files are shown to people."""


def from_environment() -> str:
    """Return the language that the environment asks for; empty if it is none of ours.

    As gettext has it, the first variable that is set decides, and LANGUAGE may list several.
    """
    asked = next(filter(None, map(os.environ.get, _VARIABLES)), "")
    return next((code for one in asked.split(":") if (code := known(one))), "")


def known(tag: str) -> str:
    """Return the language of a tag such as `de`, `de-AT` or `de_DE.UTF-8`; empty if not ours."""
    code = tag.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return code if code in LANGUAGES else ""


_wanted: Callable[[], str] = from_environment


def follow(wanted: Callable[[], str]) -> None:
    """From now on, in all threads, ask `wanted` for the language of each text."""
    global _wanted
    _wanted = wanted


def language() -> str:
    """Return the code of the language of a text that is made here and now."""
    return known(_wanted()) or SOURCE


def _(message: str) -> str:
    """Return `message` in the current language."""
    # In a catalog the empty text stands for its head.
    return _catalog(language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form of the message that fits the count `n`."""
    return _catalog(language()).ngettext(singular, plural, n)


@cache
def _catalog(code: str) -> NullTranslations:
    """Return the texts of a language, read from what translators write: nothing is compiled."""
    if code == SOURCE:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with (LOCALE / code / "LC_MESSAGES" / "thaw.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


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
