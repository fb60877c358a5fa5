"""Questions that many people have, answered with measured facts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tl_core.i18n import _
from tl_core.lessons.course import Option
from tl_core.lessons.scenes import scene, told


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answer; texts are still to be translated."""

    id: str
    question: str
    said: str
    """The answer, with the names of facts in curly brackets."""
    lesson: str
    """The lesson that shows more, and has the facts."""
    option: str


@cache
def questions() -> tuple[Question, ...]:
    """Return all questions."""
    text = Path(__file__).with_name("questions.toml").read_text(encoding="utf-8")
    return tuple(Question(**entry) for entry in tomllib.loads(text)["ask"])


def answer(one: Question) -> str:
    """Return the answer in the current language, its facts put in."""
    shown = scene(one.lesson, one.option)
    if shown is None:
        return _("This installation has no recording of it.")
    return told(Option(one.option, one.question, one.said), shown)
