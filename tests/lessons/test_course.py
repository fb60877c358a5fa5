"""The course: every lesson is whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.lessons import flights
from tl_core.lessons.course import course, lesson


def test_there_are_twelve_lessons_with_names_of_their_own() -> None:
    assert len(course()) == 12
    assert len({one.id for one in course()}) == 12
    assert len({one.title for one in course()}) == 12


ON_A_PHONE = 46
"""Letters of a link that a window of 390 pixels shows; links do not wrap."""


@pytest.mark.parametrize("code", ["en", "de"])
def test_titles_are_not_cut_off_on_a_phone(code: str, speak: Callable[[str], None]) -> None:
    speak(code)
    titles = [_(one.title) for one in (*course(), *flights())]
    assert [title for title in titles if len(title) > ON_A_PHONE] == []


@pytest.mark.parametrize("one", course(), ids=lambda one: one.id)
def test_a_lesson_asks_offers_and_checks(one) -> None:  # type: ignore[no-untyped-def]
    assert one.title.endswith("?")
    assert one.question.endswith("?")
    assert len(one.options) >= 2
    assert len({option.id for option in one.options}) == len(one.options)
    assert [answer.is_right for answer in one.answers].count(True) == 1
    assert len(one.answers) >= 3
    assert len({answer.label for answer in one.answers}) == len(one.answers)
    assert all(answer.feedback for answer in one.answers)


def test_a_lesson_is_found_by_its_id_or_refused_with_the_way_out() -> None:
    assert lesson("portable") is course()[0]
    with pytest.raises(InputError, match="no lesson") as error:
        lesson("nonsense")
    assert "Learn" in error.value.issues[0].fix
