"""The lessons in their order, each with its question, what can be chosen, and its check."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tl_core.errors import InputError, Issue
from tl_core.i18n import _


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose, and what one then reads; texts are still to be translated."""

    id: str
    label: str
    said: str
    """What the picture shows, with the names of facts in curly brackets."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to the check question, with what is said to who gives it."""

    label: str
    is_right: bool
    feedback: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One idea; texts are still to be translated."""

    id: str
    title: str
    """A question."""
    term: str
    """By what name the field knows it."""
    idea: str
    guess: str
    """What to ask oneself before looking."""
    choose: str
    """What is to be chosen."""
    takeaway: str
    """One sentence to take home."""
    shown_by: str
    """The option that shows it."""
    question: str
    """The check question."""
    options: tuple[Option, ...]
    answers: tuple[Answer, ...]
    shows: str = ""
    """What the bars of its pictures count; curves name their axes themselves."""
    folklore: str = ""
    """Where measurements disagree with what one often hears, with facts of that same option."""


@cache
def course() -> tuple[Lesson, ...]:
    """Return all lessons in the order of the decision path."""
    text = Path(__file__).with_name("lessons.toml").read_text(encoding="utf-8")
    return tuple(map(_lesson, tomllib.loads(text)["lesson"]))


def lesson(lesson_id: str) -> Lesson:
    """Return one lesson.

    Raises:
        InputError: if there is none of that id.
    """
    for one in course():
        if one.id == lesson_id:
            return one
    message = _("There is no lesson '{id}'.").format(id=lesson_id[:40])
    raise InputError([Issue("lesson", message, _("Choose one from the list on the Learn page."))])


def _lesson(entry: dict[str, Any]) -> Lesson:
    options = tuple(Option(**option) for option in entry.pop("option"))
    answers = tuple(Answer(**answer) for answer in entry.pop("answer"))
    return Lesson(options=options, answers=answers, **entry)
