"""Shares with intervals: checked against what statistics packages say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from tl_core.shares import foretold_counts, wilson


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (0, 5), (4, 5), (17, 24), (800, 1000)])
def test_the_interval_of_a_share_is_wilsons(right: int, n: int) -> None:
    low, high = proportion_confint(right, n, alpha=0.05, method="wilson")
    span = wilson(right / n, n)
    assert (span.low, span.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("right", "n"), [(0, 3), (24, 24), (46, 48), (70, 100), (9200, 10000)])
def test_new_ones_are_foretold_by_the_beta_binomial(right: int, n: int) -> None:
    low, high = foretold_counts(right, n, of=100)
    known = stats.betabinom(100, right + 0.5, n - right + 0.5)
    assert (low, high) == (known.ppf(0.025), known.ppf(0.975))


@pytest.mark.parametrize("n", [12, 48, 200])
@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.97])
def test_what_comes_lies_where_it_was_foretold(n: int, share: float) -> None:
    drawing = np.random.default_rng(0)
    judged, new = drawing.binomial(n, share, 20_000), drawing.binomial(100, share, 20_000)
    ends = np.array([foretold_counts(right, n, of=100) for right in range(n + 1)])[judged]
    assert 0.93 < ((ends[:, 0] <= new) & (new <= ends[:, 1])).mean() < 0.985


def test_it_is_wider_than_the_interval_of_the_share() -> None:
    low, high = foretold_counts(92, 100, of=100)
    span = wilson(0.92, 100)
    assert low < 100 * span.low
    assert high > 100 * span.high
