"""Windows compared: the statistic is what it says, and knows where it may not judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.watch.conftest import spread
from tl_core.watch import windows as w

Make = Callable[..., Any]
FALLING = [2.3, 1.2, 0.8, 0.62, 0.53, 0.5]
RISING = [0.54, 0.6, 0.67, 0.73]


def test_the_statistic_is_the_published_formula(epochs: Make) -> None:
    means = FALLING + RISING
    losses = spread(means) + np.random.default_rng(0).normal(0, 0.02, (10, 100))
    rise = w.overfitting_rise(epochs(means), losses)
    assert rise is not None

    curve = losses.mean(axis=1)
    windows = [curve[i : i + 3].mean() for i in range(1, 5)]
    start = 1 + int(np.argmin(windows))
    q = losses[7:10].mean(axis=0) - losses[start : start + 3].mean(axis=0)
    s2 = np.mean(np.diff(curve[1:], 2) ** 2) / 6
    z = q.mean() / np.sqrt(q.var(ddof=1) / 100 + 2 * s2 / 3)

    assert rise.z == pytest.approx(z)
    assert rise.reference == (start, start + 3)


def test_windows_never_overlap_and_need_six_trained_epochs(epochs: Make) -> None:
    told = epochs([2.3, 0.5, 0.51, 0.52, 0.9, 1.5, 2.5])

    assert w.overfitting_rise(told[:6]) is None
    rise = w.overfitting_rise(told)
    assert rise is not None
    assert rise.reference == (1, 4)


def test_a_new_phase_starts_afresh(epochs: Make) -> None:
    """The reset to the best weights at a thaw is neither jitter nor a change for the worse."""
    told = epochs([2.3, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 0.5])
    told[-1]["phase"] = "thaw:7"

    assert w.overfitting_rise(told) is None
    assert w.last_change(told) is None
    assert w.waited(told[:-1]) == 5
    assert w.waited(told) == 0


def test_a_steep_start_is_curvature_and_no_jitter(epochs: Make) -> None:
    means = [2.3, 1.8, 0.6, 0.4, 0.33, 0.34, 0.39, 0.44, 0.5, 0.57]
    rise = w.overfitting_rise(epochs(means), spread(means))

    assert rise is not None
    assert rise.z < w.Z_ALARM
    assert rise.z_settled > w.Z_SETTLED


def test_a_leap_at_the_start_of_a_phase_is_not_the_jitter_of_its_end(epochs: Make) -> None:
    leap = [2.3, 0.7, 9.0, 4.0, 0.75, 0.7, 0.72, 0.7, 0.71, 0.72, 0.74, 0.76, 0.8, 0.85]
    means = [*leap, 0.9, 0.96, 0.95, 1.0]
    rise = w.overfitting_rise(epochs(means), spread(means))

    assert rise is not None
    assert max(rise.z, rise.z_settled) < w.Z_ALARM
    assert rise.z_recent > w.Z_RECENT
    assert rise.by > w.CLEAR_RISE


def test_a_steady_rise_is_told_by_its_examples_alone(epochs: Make) -> None:
    means = [2.3, 0.6, 0.5, 0.53, 0.58, 0.6, 0.66]
    losses = spread(means) + np.random.default_rng(0).normal(0, 0.02, (7, 100))
    rise = w.steady_rise(epochs(list(losses.mean(axis=1))), losses)
    assert rise is not None

    q = losses[6] - losses[2]
    assert rise.z == pytest.approx(q.mean() / np.sqrt(q.var(ddof=1) / 100))
    assert rise.by == pytest.approx(q.mean() / losses[2].mean())
    assert rise.reference == (2, 3)


@pytest.mark.parametrize(
    "means",
    [
        [2.3, 0.5, 0.53, 0.58, 0.6],  # three rises only
        [2.3, 0.4, 0.5, 0.53, 0.52, 0.6, 0.66],  # it fell between
        [2.3, 0.5, 0.5, 0.6, 0.7, 0.8],  # it stood still at first
    ],
)
def test_what_is_not_worse_each_time_is_no_steady_rise(epochs: Make, means: list[float]) -> None:
    assert w.steady_rise(epochs(means), spread(means)) is None


def test_a_steady_rise_lies_within_one_phase_of_training(epochs: Make) -> None:
    means = [2.3, 0.5, 0.53, 0.58, 0.6, 0.66]
    told = epochs(means)
    assert w.steady_rise(told) is not None
    told[2]["phase"] = told[1]["phase"] = "head"
    assert w.steady_rise(told) is None
    for epoch in told:
        epoch["phase"] = "before"
    assert w.steady_rise(told) is None


def test_the_best_is_the_first_of_equals_and_a_number(epochs: Make) -> None:
    told = epochs([2.0, 0.5, 0.5])
    told[0]["val_loss"] = float("nan")

    assert w.best_epoch(told) == 1
    assert w.best_epoch([]) is None
    assert w.is_lost(told[0])
