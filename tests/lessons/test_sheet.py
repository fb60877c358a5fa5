"""Sheets for teachers: whole, and without anything from outside."""

from __future__ import annotations

import dataclasses
from html import escape

import pytest

from tl_core.lessons import sheet
from tl_core.lessons.course import Lesson, course


@pytest.mark.parametrize("one", course(), ids=lambda one: one.id)
def test_a_sheet_has_all_that_is_asked_shown_and_answered(one: Lesson) -> None:
    html = sheet.of_lesson(one)
    texts = (one.title, one.idea, one.guess, one.takeaway, one.question)
    said = (*texts, *(o.label for o in one.options), *(a.feedback for a in one.answers))
    assert all(escape(text) in html for text in said)
    assert html.count('class="right"') == 1
    assert "http" not in html
    assert "<script" not in html


def test_texts_are_escaped() -> None:
    html = sheet.of_lesson(dataclasses.replace(course()[0], title="<b>&?"))
    assert "<title>&lt;b&gt;&amp;?</title>" in html
