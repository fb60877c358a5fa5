"""Questions: each is answered with facts that are there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tl_core.lessons import lesson
from tl_core.lessons.questions import Question, answer, questions


@pytest.mark.parametrize("one", questions(), ids=lambda one: one.id)
def test_an_answer_has_its_facts_and_a_lesson_that_shows_more(one: Question) -> None:
    said = answer(one)
    assert "{" not in said
    assert any(letter.isdigit() for letter in said) or "has only ever seen" in said
    assert one.option in {option.id for option in lesson(one.lesson).options}
    assert one.question.endswith("?")


def test_what_is_not_recorded_is_said_so() -> None:
    assert "no recording" in answer(replace(questions()[0], option="nonsense"))
