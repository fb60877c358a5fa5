"""Intervals and judgements agree with known values."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tl_core.engine.scores import Rights, accuracy, judge, paired_interval


def test_wilson_interval_of_a_known_case() -> None:
    # Wilson 95 % for 90 of 100, from the published formula.
    found = accuracy(90, 100)
    z = 1.959964
    centre = (0.9 + z**2 / 200) / (1 + z**2 / 100)
    half = z / (1 + z**2 / 100) * math.sqrt(0.9 * 0.1 / 100 + z**2 / 40000)
    assert found.value == 0.9
    assert found.low == pytest.approx(centre - half, abs=1e-4)
    assert found.high == pytest.approx(centre + half, abs=1e-4)
    assert found.n == 100


def test_a_perfect_score_on_few_examples_is_not_certain() -> None:
    found = accuracy(6, 6)
    assert found.high == 1
    assert found.low < 0.7


def test_judging_gives_loss_and_rightness_of_each_example() -> None:
    logits = torch.tensor([[2.0, 0.0], [0.0, 2.0], [0.0, 2.0]])
    losses, right = judge(logits, torch.tensor([0, 1, 0]))
    assert right.tolist() == [True, True, False]
    assert losses[0] == pytest.approx(math.log(1 + math.exp(-2)), rel=1e-5)
    assert losses[2] == pytest.approx(math.log(1 + math.exp(2)), rel=1e-5)


def pairs(both: int, won: int, lost: int, neither: int) -> tuple[Rights, Rights]:
    """Return rightness before and after, by how often each of the four happened."""
    before = np.repeat([True, False, True, False], [both, won, lost, neither])
    after = np.repeat([True, True, False, False], [both, won, lost, neither])
    return before, after


def test_the_paired_interval_of_published_cases() -> None:
    # Newcombe 1998, method 10; Altman et al. 2000, Statistics with Confidence, for 14, 0, 5, 22.
    for (both, won, lost, neither), ends in {
        (36, 12, 2, 0): (0.0569, 0.3404),
        (20, 2, 12, 16): (-0.3292, -0.0562),
        (54, 0, 0, 0): (-0.0664, 0.0664),
        (14, 0, 5, 22): (-0.226, -0.011),
    }.items():
        found = paired_interval(*pairs(both, won, lost, neither), 0.95)
        assert found == pytest.approx(ends, abs=1e-3)


def test_what_is_judged_on_the_same_examples_is_told_more_exactly() -> None:
    together = paired_interval(*pairs(160, 20, 5, 15), 0.95)
    apart = accuracy(165, 200), accuracy(180, 200)
    unpaired = math.hypot(apart[1].high - apart[1].value, apart[0].value - apart[0].low)
    assert together[0] > 0
    assert together[1] - 0.075 < unpaired
    narrower = paired_interval(*pairs(160, 20, 5, 15), 0.80)
    assert together[0] < narrower[0] < 0.075 < narrower[1] < together[1]


def test_the_paired_interval_mirrors_itself() -> None:
    before, after = pairs(40, 9, 3, 8)
    low, high = paired_interval(before, after, 0.95)
    assert paired_interval(after, before, 0.95) == pytest.approx((-high, -low))
