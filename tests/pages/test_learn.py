"""Learn: from the list through a lesson to its check."""

from __future__ import annotations

from tests.pages.conftest import Open
from tl_core.data.dataset import Dataset
from tl_core.lessons import course, mark_done, read_done


def test_all_lessons_are_offered_and_those_done_are_marked(open_page: Open) -> None:
    mark_done("portable")
    page = open_page("learn")
    assert not page.exception
    assert page.header[0].value == "11 lessons of a few minutes each, with real results."
    leading = [link.proto.query_string for link in page.get("page_link")]
    assert {f"lesson={one.id}" for one in course()} <= set(leading)
    assert any("Is this only for deep networks" in fold.label for fold in page.expander)
    assert any("temperature scaling" in told.value for told in page.markdown)


def test_takeaways_stand_beside_what_was_measured(open_page: Open) -> None:
    said = [told.value for told in open_page("learn").markdown]
    assert sum("Against the folklore:" in one for one in said) >= 5
    assert any("knowledge is portable" in one and "%" in one for one in said)


def test_the_benefits_of_a_sample_are_there_at_once(open_page: Open, shapes: Dataset) -> None:
    page = open_page("learn")
    leading = [link.proto.query_string for link in page.get("page_link")]
    assert "benefit=shapes" in leading
    assert f"data={shapes.id}" in leading
    page = open_page("learn", benefit="shapes")
    assert not page.exception
    assert [head.value for head in page.subheader][:2] == ["Fewer labels", "Faster learning"]
    assert "no recording" in open_page("learn", benefit="nonsense").header[0].value


def test_a_lesson_shows_nothing_before_something_is_chosen(open_page: Open) -> None:
    page = open_page("learn", lesson="negative")
    assert page.title[0].value == ":gray[Can a base stand in the way?]"
    assert not page.dataframe
    page.get("button_group")[0].set_value("digits").run()
    assert not page.exception
    assert page.dataframe
    assert any("the base stands in the way" in text.value for text in page.markdown)


def test_every_answer_is_explained_and_the_right_one_counts(open_page: Open) -> None:
    lesson = course()[0]
    wrong, right = (
        next(a for a in lesson.answers if a.is_right is truth) for truth in (False, True)
    )
    page = open_page("learn", lesson=lesson.id)
    page.radio[0].set_value(wrong.label).run()
    assert page.info[0].value == wrong.feedback
    assert not read_done()
    page.radio[0].set_value(right.label).run()
    assert page.success[0].value == right.feedback
    assert read_done() == {lesson.id}


def test_projected_it_has_every_result_and_no_controls(open_page: Open) -> None:
    for lesson in course():
        page = open_page("learn", lesson=lesson.id, view="plain")
        assert not page.exception
        assert not page.radio
        assert not page.get("button_group")
        assert len(page.dataframe) == len(lesson.options)


def test_an_unknown_lesson_is_said_so(open_page: Open) -> None:
    page = open_page("learn", lesson="nonsense")
    assert "There is no lesson" in page.error[0].value
