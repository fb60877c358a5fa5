"""Expected against reached: the picture, its words and its table."""

from __future__ import annotations

from tests.foretold import outcome
from tl_core.report.forecasts import (
    MOST_DRAWN,
    MOST_NAMED,
    forecasts_alt,
    forecasts_figure,
    forecasts_table,
    strategy_of,
    where,
)
from tl_core.report.theme import WARM

NAMES = {"shapes-1": "<b>shapes</b>"}
MIXED = (outcome(0.92), outcome(0.5, blocked=True), outcome(0.99, known="measured"))


def test_what_held_and_what_did_not_look_unlike_in_form_and_colour() -> None:
    for dark in (False, True):
        diagonal, held, missed = forecasts_figure(MIXED, NAMES, dark=dark)["data"]
        assert diagonal["x"] == diagonal["y"]
        assert (held["x"], held["y"]) == ([0.9], [0.92])
        assert held["marker"]["symbol"] == ["circle-open"]
        assert missed["marker"]["symbol"] == ["diamond-x-open", "diamond"]
        assert missed["marker"]["color"] == WARM != held["marker"]["color"]
        assert round(held["error_x"]["array"][0], 4) == 0.04


def test_both_axes_span_the_same_and_hold_every_interval() -> None:
    layout = forecasts_figure(MIXED, NAMES, dark=False)["layout"]
    assert layout["xaxis"]["range"] == layout["yaxis"]["range"]
    low, high = layout["xaxis"]["range"]
    assert low < 0.45
    assert high >= 1.0


def test_the_furthest_are_named_and_names_are_escaped() -> None:
    many = tuple(outcome(0.1 + 0.05 * n) for n in range(8))
    notes = forecasts_figure(many, NAMES, dark=False)["layout"]["annotations"]
    named = [note for note in notes if "shapes" in note["text"]]
    assert len(named) == MOST_NAMED
    assert [round(note["y"], 2) for note in named] == [0.1, 0.2, 0.3]  # 0.15 would meet the first
    assert all("<b>" not in note["text"] for note in named)
    told = forecasts_figure(many, NAMES, dark=False)["data"][2]["text"]
    assert all("&lt;b&gt;shapes" in words for words in told)
    long = forecasts_figure((outcome(0.1),), {"shapes-1": "x" * 50}, dark=False)
    assert long["layout"]["annotations"][-1]["text"].endswith("x…")


def test_no_more_are_drawn_than_can_be_seen() -> None:
    drawn = forecasts_figure((outcome(),) * (MOST_DRAWN + 5), NAMES, dark=False)["data"]
    assert sum(len(points["x"]) for points in drawn[1:]) == MOST_DRAWN
    assert forecasts_figure((), NAMES, dark=False)["data"][1]["x"] == []


def test_the_picture_is_told_in_words() -> None:
    words = forecasts_alt(MIXED)
    assert "3 runs: 1 in their intervals, 1 below, 1 above" in words
    assert "1 run: 1 in its interval" in forecasts_alt(MIXED[:1])


def test_the_table_has_every_number_in_words() -> None:
    table = forecasts_table(MIXED, {})
    assert list(table["data"]) == ["shapes-1"] * 3
    assert table["expected"].iloc[0] == "90 % (86 to 94)"
    assert list(table["interval"]) == ["held", "below", "above"]
    assert list(table["rests on"]) == ["a prior", "a prior", "measured before"]
    assert table["remark"].iloc[1] == "a leak was suspected"


def test_words_of_one_run() -> None:
    assert [where(o) for o in MIXED] == ["held", "below", "above"]
    assert strategy_of(outcome(strategy="unheard")) == "unheard"
