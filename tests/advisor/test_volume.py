"""The frozen base with more or fewer examples: read off its curve, as far as that goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor.volume import MOST_JUDGED, probe_at
from tl_core.engine.scores import accuracy
from tl_core.evidence import LIMIT
from tl_core.spec import Accuracy, Evidence, Forecast, Volume

N = 800
CURVE = Volume(
    sizes=(80, 160, 320, 640),
    accuracies=tuple(Accuracy(v, v - 0.05, v + 0.04, N) for v in (0.5, 0.6, 0.7, 0.75)),
    forecasts=(Forecast(2.0, 0.04, 0.01, 0.06), Forecast(4.0, 0.07, 0.02, 0.11)),
)


@pytest.fixture
def evidence(measured: Callable[[str], Any]) -> Evidence:
    probe = Accuracy(0.75, 0.7, 0.79, N)
    _facts, found = measured("small photographs, a few thousand")
    return dataclasses.replace(found, n=N, linear_probe=probe, volume=CURVE)


def value(evidence: Evidence, n: int, known: int = N) -> float:
    return probe_at(evidence, known, n).accuracy.value


def test_on_the_data_as_they_are_it_is_as_measured(evidence: Evidence) -> None:
    assert probe_at(evidence, N, N).accuracy == evidence.linear_probe


def test_all_of_a_fold_stands_for_all_examples(evidence: Evidence) -> None:
    assert value(evidence, 400) == pytest.approx(0.7)  # measured on 320 of 640
    assert value(evidence, 200) == pytest.approx(0.6)
    assert 0.6 < value(evidence, 300) < 0.7
    assert value(evidence, N - 1) == pytest.approx(0.75, abs=0.001)


def test_more_follows_the_forecast_and_keeps_what_it_leaves_open(evidence: Evidence) -> None:
    twice, four = probe_at(evidence, N, 2 * N), probe_at(evidence, N, 4 * N)

    assert twice.accuracy.value == pytest.approx(0.79)
    assert (twice.down, twice.up) == (pytest.approx(0.03), pytest.approx(0.02))
    assert four.accuracy.value == pytest.approx(0.82)
    assert (four.down, four.up) == (pytest.approx(0.05), pytest.approx(0.04))
    assert "foretold from its learning curve" in twice.text
    assert value(evidence, N + 1) == pytest.approx(0.75, abs=0.001)


def test_the_interval_is_that_of_a_measurement_on_so_many(evidence: Evidence) -> None:
    for n in (150, 400, 1600, 9000):
        found = probe_at(evidence, N, n).accuracy
        as_measured = accuracy(round(found.value * found.n), found.n)
        assert found.n == min(n, MOST_JUDGED)
        assert found.low == pytest.approx(as_measured.low, abs=0.005)
        assert found.high == pytest.approx(as_measured.high, abs=0.005)


def test_as_many_are_judged_at_most_as_by_the_evidence() -> None:
    assert MOST_JUDGED == LIMIT


def test_beyond_either_end_it_stays_and_says_so(evidence: Evidence) -> None:
    far, few = probe_at(evidence, N, 100_000), probe_at(evidence, N, 20)

    assert far.accuracy.value == pytest.approx(0.82)
    assert "foretold for 3,200 examples" in far.text
    assert few.accuracy.value == pytest.approx(0.5)
    assert "that on 100 examples" in few.text


def test_it_never_falls_with_more(evidence: Evidence) -> None:
    found = [value(evidence, n) for n in (20, 100, 150, 400, 799, 800, 1000, 2000, 3200, 9000)]

    assert found == sorted(found)


def test_of_a_sample_nothing_is_foretold(evidence: Evidence) -> None:
    for n in (2000, 5000, 50_000):
        found = probe_at(evidence, 5000, n)
        assert found.accuracy == evidence.linear_probe
    assert "measured on 800 of your examples" in probe_at(evidence, 5000, 50_000).text
    assert value(evidence, 400, known=5000) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("refused", "words"), [("flat", "hardly rises"), ("wild", "not foretell"), ("few", "not fore")]
)
def test_a_curve_that_foretells_nothing(evidence: Evidence, refused: str, words: str) -> None:
    silent = dataclasses.replace(CURVE, forecasts=(), refused=refused)
    found = probe_at(dataclasses.replace(evidence, volume=silent), N, 2 * N)

    assert found.accuracy == evidence.linear_probe
    assert words in found.text


def test_without_a_curve_it_stays(evidence: Evidence) -> None:
    found = probe_at(dataclasses.replace(evidence, volume=None), N, 2 * N)

    assert found.accuracy == evidence.linear_probe
    assert "No learning curve" in found.text


def test_no_accuracy_leaves_its_bounds(evidence: Evidence) -> None:
    high = dataclasses.replace(evidence, linear_probe=Accuracy(0.99, 0.97, 1.0, N))
    found = probe_at(high, N, 4 * N).accuracy

    assert 0 <= found.low <= found.value <= found.high <= 1
