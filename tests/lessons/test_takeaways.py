"""What to take home: every sentence has its measurement, and folklore is met with one."""

from __future__ import annotations

import pytest

from tl_core.lessons import course, scenes
from tl_core.lessons.takeaways import takeaways


def test_every_sentence_has_a_measurement() -> None:
    found = takeaways()
    assert [one.lesson for one in found] == list(course())
    for one in found:
        assert one.sentence == one.lesson.takeaway
        assert any(letter.isdigit() for letter in one.shown) or "has only ever seen" in one.shown
        assert "{" not in one.shown + one.folklore


def test_folklore_is_met_with_numbers() -> None:
    against = [one.folklore for one in takeaways() if one.folklore]
    assert len(against) == sum(bool(lesson.folklore) for lesson in course()) >= 5
    assert all("%" in said or "point" in said for said in against)


def test_without_recordings_the_sentences_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "_scenes", dict)
    assert {(one.shown, one.folklore) for one in takeaways()} == {("", "")}
