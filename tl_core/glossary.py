"""What the numbers on screen mean: definitions kept as data, each with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Term:
    """One number that is shown, defined; title, technical and text are still to be translated."""

    id: str
    title: str
    """What it is called on screen."""
    technical: str
    """The name by which the literature knows it."""
    text: str
    """What it means, in plain words, and how it is made."""
    source: str
    """Who says so: a publication, or the file of this project that measures or counts it."""


@cache
def terms() -> dict[str, Term]:
    """Return every definition by its id, in the order of the file."""
    text = Path(__file__).with_name("glossary.toml").read_text(encoding="utf-8")
    return {entry["id"]: Term(**entry) for entry in tomllib.loads(text)["term"]}


def term(term_id: str) -> Term:
    """Return one definition; KeyError if there is none of that id."""
    return terms()[term_id]
