"""Rungs are placed by what they cost, and kept only where they paid."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from scipy.stats import ttest_rel

from tl_core.engine import ladder


def test_a_clear_fall_pays_and_a_rise_does_not() -> None:
    rng = np.random.default_rng(0)
    before = rng.gamma(1, 1, 60)
    assert ladder.judge(before, before * 0.7).paid
    assert not ladder.judge(before * 0.7, before).paid
    assert not ladder.judge(before, rng.permutation(before)).paid


def test_the_verdict_is_a_paired_test() -> None:
    rng = np.random.default_rng(1)
    before = rng.gamma(1, 1, 40)
    after = before - rng.normal(0.1, 0.3, 40)
    found = ladder.judge(before.tolist(), after.tolist())
    assert found.z == pytest.approx(ttest_rel(before, after).statistic)
    assert found.gain == pytest.approx((before - after).mean())
    assert found.low == pytest.approx(found.gain * (1 - ladder.ONE_ERROR / found.z))
    assert found.n == 40
    assert found.paid is (found.low > 0)


@pytest.mark.parametrize(
    ("errors", "chance"), [(ladder.ONE_ERROR, 0.159), (ladder.BEYOND_CHANCE, 0.05)]
)
def test_what_changes_nothing_rarely_pays(errors: float, chance: float) -> None:
    rng = np.random.default_rng(2)
    paid = [
        ladder.judge(losses, losses + rng.normal(0, 0.2, 50), errors=errors).paid
        for losses in rng.gamma(1, 1, (1000, 50))
    ]
    assert np.mean(paid) == pytest.approx(chance, abs=0.03)


@pytest.mark.parametrize(
    ("before", "after", "paid"),
    [([1.0, 1.0], [1.0, 1.0], False), ([1.0, 1.0], [0.5, 0.5], True), ([2.0], [1.0], False)],
)
def test_edges_are_plain_numbers(before: list[float], after: list[float], paid: bool) -> None:
    found = ladder.judge(before, after)
    assert found.paid is paid
    assert -99 <= found.z <= 99
    if len(before) > 1:
        assert math.isfinite(found.low)
        json.dumps(asdict(found), allow_nan=False)


@pytest.mark.parametrize(
    ("accuracies", "n", "first"),
    [
        ((0.5, 0.6, 0.7, 0.9), 100, None),  # the last is the best
        ((0.5, 0.9, 0.7, 0.6), 100, 2),  # the later ones have lost it
        ((0.5, 0.6, 0.905, 0.9), 100, None),  # within noise
        ((0.5, 0.6, 0.905, 0.9), 100_000, 3),  # beyond noise
        ((0.9, 0.5, 0.5, 0.5), 100, 1),
        ((1.0, 1.0, 1.0, 1.0), 10, None),
        ((0.7,), 10, None),
    ],
)
def test_the_probes_would_thaw_what_comes_after_the_best_depth(
    accuracies: tuple[float, ...], n: int, first: int | None
) -> None:
    assert ladder.first_cut(accuracies, n) == first


def test_the_upper_part_thaws_and_then_everything() -> None:
    costs = (0.1, 0.2, 0.2, 0.2, 0.15, 0.1, 0.05)
    half, whole = ladder.cuts(costs)
    assert whole == 0
    assert sum(costs[half:]) >= ladder.UPPER_PART > sum(costs[half + 1 :])
    assert ladder.cuts(costs, first=1) == (1, 0)  # an earlier beginning counts
    assert ladder.cuts(costs, first=6) == (half, 0)  # a later one does not
    assert ladder.cuts(costs, first=0) == (0,)
    assert ladder.cuts((1.0,)) == (0,)
