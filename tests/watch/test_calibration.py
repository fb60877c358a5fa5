"""How good forecasts have been: shares, what is due by chance, bias, time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tests.foretold import outcome
from tl_core.spec import Expected, Outcome
from tl_core.watch.calibration import (
    FEWEST_FOR_BIAS,
    Calibration,
    _student,
    by_promise,
    calibrate,
    chance_to_hold,
)

Z80 = 1.2816


def found(outcomes: list[Outcome]) -> Calibration:
    told = calibrate(outcomes)
    assert told is not None
    return told


def record_of(held: int, below: int = 0, above: int = 0, n: int = 400) -> list[Outcome]:
    reached = [0.91] * held + [0.5] * below + [0.99] * above
    return [outcome(value, n=n, dataset=f"d{i}") for i, value in enumerate(reached)]


def test_nothing_adds_up_to_nothing() -> None:
    assert calibrate([]) is None


def test_what_held_and_what_lay_where() -> None:
    told = found(record_of(8, below=1, above=3))
    assert (told.n, told.held, told.below, told.above, told.datasets) == (12, 8, 1, 3, 12)
    assert told.promised == 0.8
    gaps = [0.01] * 8 + [-0.4] + [0.09] * 3
    assert told.bias == pytest.approx(np.mean(gaps))
    assert told.error == pytest.approx(np.mean(np.abs(gaps)))


def test_students_t_is_near_enough_from_where_it_is_used() -> None:
    for freedom in (FEWEST_FOR_BIAS - 1, 9, 30, 1000):
        assert _student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=3e-3)


def test_the_bias_has_an_interval_once_there_are_enough() -> None:
    assert found(record_of(3, above=1)).bias_range is None
    gaps = [0.01] * 6 + [0.09] * 4
    low, high = stats.t.interval(0.95, 9, np.mean(gaps), stats.sem(gaps))
    assert found(record_of(6, above=4)).bias_range == (
        pytest.approx(low, abs=1e-5),
        pytest.approx(high, abs=1e-5),
    )


def test_a_large_validation_part_adds_nothing_to_the_promise() -> None:
    assert chance_to_hold(outcome(n=10**9)) == pytest.approx(0.8, abs=1e-3)
    assert chance_to_hold(outcome(n=10**9, known="measured")) == pytest.approx(0.95, abs=1e-3)


@pytest.mark.parametrize("n", [20, 100, 1000])
def test_right_forecasts_hold_as_often_as_is_said(n: int) -> None:
    random = np.random.default_rng(n)
    centre, half = 0.8, 0.05
    truth = np.clip(random.normal(centre, half / Z80, 200_000), 0, 1)
    seen = random.binomial(n, truth) / n + random.uniform(-0.5, 0.5, truth.size) / n
    share = np.mean(np.abs(seen - centre) <= half)
    o = outcome(n=n, expected=Expected(centre, centre - half, centre + half))
    assert chance_to_hold(o) == pytest.approx(share, abs=0.01)


def test_an_interval_up_to_the_end_cannot_be_missed_there() -> None:
    o = outcome(n=50, expected=Expected(0.97, 0.93, 1.0))
    both = chance_to_hold(outcome(n=50, expected=Expected(0.97, 0.93, 0.999)))
    assert both < chance_to_hold(o) < 1
    assert 0.4 < chance_to_hold(outcome(expected=Expected(1.0, 1.0, 1.0))) <= 1


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (record_of(1), "too_few"),
        (record_of(3), "too_few"),
        (record_of(4), "as_promised"),
        ([outcome()] * 40, "too_few"),
        ([outcome(0.5)] * 5, "too_sure"),
        (record_of(0, below=1), "too_few"),
        (record_of(0, below=5), "too_sure"),
        (record_of(10, above=10), "too_sure"),
        (record_of(24, below=6), "as_promised"),
        (record_of(60), "too_careful"),
    ],
)
def test_the_record_is_judged_against_what_is_due(record: list[Outcome], verdict: str) -> None:
    assert found(record).verdict == verdict


def test_time_is_told_by_its_middle() -> None:
    told = found([outcome(minutes=m) for m in (1.5, 3.0, 6.0, 3.0, 300.0)])
    assert (told.ratio.value, told.ratio.low, told.ratio.high) == (1.0, 1.0, 2.0)
    alone = found([outcome(minutes=6.0)]).ratio
    assert (alone.low, alone.value, alone.high) == (2.0, 2.0, 2.0)


def test_what_was_measured_stands_apart() -> None:
    told = [outcome(), outcome(known="measured"), outcome(known="folk")]
    ruled, measured = by_promise(told)
    assert ([o.known for o in ruled], [o.known for o in measured]) == (
        ["mixed", "folk"],
        ["measured"],
    )
    assert found(measured).promised == 0.95
    assert math.isclose(found(ruled).promised, 0.8)
