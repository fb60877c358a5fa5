"""Intervals and judgements agree with known values."""

from __future__ import annotations

import math

import pytest
import torch

from tl_core.engine.scores import accuracy, judge


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
