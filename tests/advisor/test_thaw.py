"""Where a thaw begins: the same stages as the engine would choose."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor import thaw
from tl_core.engine import ladder
from tl_core.spec import StageProbe

Measured = Callable[[str], Any]


def test_the_rungs_are_those_of_the_engine() -> None:
    rng = random.Random(0)
    for _trial in range(300):
        shares = [rng.random() for _stage in range(rng.randint(1, 9))]
        costs = [share / sum(shares) for share in shares]
        accuracies = [rng.choice((0.6, 0.7, 0.8, 0.81)) for _stage in costs]
        first = ladder.first_cut(accuracies, 200)
        assert thaw.first_cut(accuracies, 200) == first
        assert thaw.rungs(costs, first) == ladder.cuts(costs, first)
    assert thaw.UPPER_PART == ladder.UPPER_PART


def test_without_probes_it_begins_with_the_upper_half(measured: Measured) -> None:
    _dataset, evidence = measured("hand signs")

    assert thaw.thaw_cuts(evidence) == (5, 0)
    assert thaw.expected_cut(evidence) == 5


def test_probes_of_other_stages_say_nothing(measured: Measured) -> None:
    _dataset, evidence = measured("hand signs")
    foreign = dataclasses.replace(evidence, stage_probes=(StageProbe("layer9", 0.9),))

    assert thaw.thaw_cuts(foreign) == thaw.thaw_cuts(evidence)


def test_it_begins_after_the_best_stage(measured: Measured) -> None:
    _dataset, evidence = measured("far, and the middle stages know more: the thaw begins there")

    assert thaw.thaw_cuts(evidence) == (5, 0)
    assert thaw.expected_cut(evidence) == 5


@pytest.mark.parametrize(("accuracies", "stage"), [([0.5, 0.8, 0.8], 2), ([0.9, 0.8, 0.7], 0)])
def test_of_two_alike_the_later_is_best(accuracies: list[float], stage: int) -> None:
    assert thaw.best_stage(accuracies) == stage
