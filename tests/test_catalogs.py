"""Every language has every text, whole: its placeholders, its marks, its plurals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.catalogs import OTHERS, catalog, forms, missing, translated

PLACEHOLDER = re.compile(r"\{[^{}]*\}")
MARKS = re.compile(r"\*\*|:[a-z]+(?:-[a-z]+)?\[|\]|:material/\w+:|`|--[a-z]+[a-z-]*|<[^>]+>")
"""Markdown of Streamlit's kind, options of the command line, markup."""


def pairs(code: str) -> Iterator[tuple[str, str]]:
    """Yield each form of each text of the source beside its translation."""
    for message, found in translated(code):
        theirs = forms(found.string)
        ours = forms(message.id)
        yield from zip((*ours, *ours[-1:] * (len(theirs) - len(ours))), theirs, strict=True)


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_missing(code: str) -> None:
    assert missing(code) == [], "translate them; make untranslated lists them"


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_left_that_nobody_asks_for(code: str) -> None:
    asked = {message.id for message, _ in translated(code)}
    assert {message.id for message in catalog(code) if message.id} == asked, "run: make pot"


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("kind", [PLACEHOLDER, MARKS], ids=["placeholders", "marks"])
def test_what_is_no_word_is_kept(code: str, kind: re.Pattern[str]) -> None:
    changed = [
        (ours, theirs)
        for ours, theirs in pairs(code)
        if sorted(kind.findall(ours)) != sorted(kind.findall(theirs))
    ]
    assert changed == []


@pytest.mark.parametrize("code", OTHERS)
def test_texts_that_are_joined_keep_their_ends(code: str) -> None:
    def ends(text: str) -> tuple[bool, bool]:
        return text[:1].isspace(), text[-1:].isspace()

    assert [pair for pair in pairs(code) if ends(pair[0]) != ends(pair[1])] == []
