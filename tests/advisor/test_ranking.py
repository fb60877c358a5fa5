"""Who is beaten by nobody, and who comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor import advise
from tl_core.advisor.advice import Candidate, Range
from tl_core.advisor.ranking import frontier, runner_up


def candidate(strategy: str, value: float, minutes: float) -> Candidate:
    return Candidate(strategy, Range(value, value - 0.1, value + 0.1), minutes, 1, 0.5)


def names(candidates: tuple[Candidate, ...]) -> list[str]:
    return [c.strategy for c in candidates]


def test_the_frontier_holds_what_no_other_beats_in_both() -> None:
    slow_and_best = candidate("full_fine_tune", 0.9, 9)
    quick = candidate("linear_probe", 0.7, 1)
    beaten = candidate("lora", 0.69, 2)
    between = candidate("gradual_unfreezing", 0.8, 3)

    assert names(frontier([slow_and_best, beaten, between, quick])) == [
        "linear_probe", "gradual_unfreezing", "full_fine_tune",
    ]  # fmt: skip


@pytest.mark.parametrize(("value", "minutes"), [(0.7, 2), (0.6, 1)])
def test_who_is_equal_in_one_and_worse_in_the_other_is_beaten(value: float, minutes: float) -> None:
    better, worse = candidate("linear_probe", 0.7, 1), candidate("lora", value, minutes)

    assert names(frontier([worse, better])) == ["linear_probe"]


def test_two_alike_in_both_stay() -> None:
    twins = [candidate("linear_probe", 0.7, 1), candidate("multi_stage_probe", 0.7, 1)]

    assert len(frontier(twins)) == 2


def test_the_frontier_rises(cases: list[dict[str, Any]], build: Callable[..., Any]) -> None:
    for case in cases:
        found = frontier(advise(*build(case)).candidates)
        values = [c.accuracy.value for c in found]
        assert found
        assert values == sorted(values)
        assert [c.minutes for c in found] == sorted(c.minutes for c in found)


def test_the_runner_up_is_the_strongest_rung_and_never_the_control() -> None:
    others = [candidate("lora", 0.6, 1), candidate("from_scratch", 0.99, 1)]

    assert runner_up(others).strategy == "lora"
