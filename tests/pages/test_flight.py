"""A flight through the simulator, once for each kind of ending."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open
from tl_core.lessons import flights
from tl_core.lessons.flown import read_flown
from tl_core.lessons.legs import recorded

HIGH, LEARNED, SOUND = "heron", "rook", "wren"


def step(page: AppTest, flight: str, epochs: int) -> AppTest:
    for _n in range(epochs):
        page.button(key=f"flight.{flight}.next").click().run()
    return page


def call(page: AppTest, flight: str, trouble: str, choice: str) -> AppTest:
    page.radio(key=f"flight.{flight}.call").set_value(trouble)
    page.radio(key=f"flight.{flight}.choice").set_value(choice)
    page.button(key=f"flight.{flight}.submit").click().run()
    assert not page.exception
    return page


def skip(page: AppTest, flight: str) -> str:
    """Skip to the end and return the headline there."""
    page.button(key=f"flight.{flight}.skip").click().run()
    assert not page.exception
    return str(page.header[-1].value)


def said(page: AppTest) -> str:
    return " ".join(str(told.value) for told in page.markdown)


def test_every_flight_is_offered_and_none_tells_what_happens(open_page: Open) -> None:
    page = open_page("learn")
    leading = [link.proto.query_string for link in page.get("page_link")]
    assert {f"flight={one.id}" for one in flights()} <= set(leading)
    for one in flights():
        assert one.trouble not in one.id


@pytest.mark.parametrize("flight", [one.id for one in flights()])
def test_every_flight_begins_before_training_and_waits(open_page: Open, flight: str) -> None:
    page = open_page("learn", flight=flight)
    assert not page.exception
    assert any("epoch 0 of at most" in told.value for told in page.caption)
    assert not any("points" in told.value for told in page.header)
    assert not read_flown()


def test_right_and_early(open_page: Open) -> None:
    page = step(open_page("learn", flight=HIGH), HIGH, 6)
    call(page, HIGH, "rate_high", "lower_lr")
    assert "You chose" in said(page)
    assert skip(page, HIGH) == "Right and early: 100 of 100 points."
    assert read_flown() == {HIGH: 100}
    assert "test examples that neither has learned from" in said(page)
    assert "It was this" in said(page)


def test_right_but_late(open_page: Open) -> None:
    page = step(open_page("learn", flight=LEARNED), LEARNED, 14)
    call(page, LEARNED, "overfitting", "stop_keep_best")
    assert skip(page, LEARNED).startswith("Right, but late")
    assert 0 < read_flown()[LEARNED] < 60
    assert "first warn at epoch" in said(page)


def test_a_wrong_call(open_page: Open) -> None:
    page = step(open_page("learn", flight=HIGH), HIGH, 7)
    call(page, HIGH, "leak", "lower_lr")
    assert skip(page, HIGH).startswith("It was something else")
    assert read_flown() == {HIGH: 0}


def test_a_false_alarm_on_a_sound_run(open_page: Open) -> None:
    page = step(open_page("learn", flight=SOUND), SOUND, 6)
    call(page, SOUND, "rate_high", "stop_keep_best")
    assert skip(page, SOUND).startswith("A false alarm")
    assert "Fewer new examples are right" in said(page)


@pytest.mark.parametrize(
    ("flight", "headline"), [(SOUND, "Rightly left alone"), (HIGH, "You let it run")]
)
def test_let_it_run_to_the_end(open_page: Open, flight: str, headline: str) -> None:
    page = open_page("learn", flight=flight)
    page.button(key=f"flight.{flight}.let").click().run()
    assert skip(page, flight).startswith(headline)


def test_whoever_says_nothing_has_let_it_run(open_page: Open) -> None:
    page = step(open_page("learn", flight=SOUND), SOUND, recorded(SOUND).untouched.last)
    assert not page.exception
    assert str(page.header[-1].value).startswith("Rightly left alone")


def test_half_a_call_is_none(open_page: Open) -> None:
    page = open_page("learn", flight=HIGH)
    page.radio(key=f"flight.{HIGH}.call").set_value("leak")
    page.button(key=f"flight.{HIGH}.submit").click().run()
    assert "Choose both" in page.warning[0].value
    assert not read_flown()


def test_flown_again_the_first_time_counts(open_page: Open) -> None:
    page = step(open_page("learn", flight=HIGH), HIGH, 7)
    call(page, HIGH, "leak", "lower_lr")
    skip(page, HIGH)
    page.button(key=f"flight.{HIGH}.again").click().run()
    assert not page.exception
    step(page, HIGH, 6)
    call(page, HIGH, "rate_high", "lower_lr")
    assert skip(page, HIGH).startswith("Right and early")
    assert any("first time counts, with 0 points" in told.value for told in page.caption)
    assert read_flown() == {HIGH: 0}


def test_an_unknown_flight_is_said_so(open_page: Open) -> None:
    page = open_page("learn", flight="nonsense")
    assert "There is no flight" in page.error[0].value
