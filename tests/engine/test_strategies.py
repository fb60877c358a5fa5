"""Every recipe stays within its epochs and thaws from the top."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from tl_core.engine.strategies import (
    BATCH,
    DEFAULT_EPOCHS,
    MIN_STEPS,
    MOST_EPOCHS,
    Rates,
    head_first,
    phases,
)
from tl_core.spec import MIN_PROBE_EPOCHS, STRATEGIES

STAGES = ("stem", "1", "2", "3", "4")
CUTS = (4, 3, 0)


def test_every_strategy_has_a_recipe_of_at_least_five_epochs() -> None:
    assert set(DEFAULT_EPOCHS) == set(STRATEGIES)
    for strategy in STRATEGIES:
        plan = phases(strategy, STAGES, None, 5000, CUTS)
        assert sum(p.epochs for p in plan) == DEFAULT_EPOCHS[strategy] >= MIN_PROBE_EPOCHS


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 5, 7, 40])
def test_epochs_count_over_all_phases(strategy: str, epochs: int) -> None:
    plan = phases(strategy, STAGES, epochs, 5000, CUTS)
    assert sum(p.epochs for p in plan) == epochs
    assert all(p.epochs >= 1 for p in plan)


@pytest.mark.parametrize(
    ("epochs", "steps"),
    [(1, (50,)), (2, (1, 49)), (3, (1, 1, 48)), (5, (1, 1, 2, 4, 42))],
)  # fmt: skip
def test_a_head_that_comes_first_is_judged_early_and_fitted_to_the_end(
    epochs: int, steps: tuple[int, ...]
) -> None:
    head = head_first(epochs)
    assert (head.epochs, head.head_steps) == (epochs, steps)
    assert [head.steps_of(epoch) for epoch in range(epochs)] == list(steps)
    assert head.steps_of(epochs + 3) == steps[-1]


def test_rungs_thaw_more_stages_each_from_the_top() -> None:
    head, *rungs = phases("gradual_unfreezing", STAGES, 24, 5000, CUTS)
    assert head.cached
    assert not head.thawed
    assert [r.name for r in rungs] == ["thaw:4", "thaw:3", "thaw:stem"]
    assert [r.thawed for r in rungs] == [STAGES[4:], STAGES[3:], STAGES]
    for shorter, longer in pairwise(rungs):
        assert set(shorter.thawed) < set(longer.thawed)
    assert all(r.must_pay and r.decay > 1 and r.mixes for r in rungs)
    assert max(r.epochs for r in rungs) - min(r.epochs for r in rungs) <= 1


def test_with_few_epochs_there_are_fewer_rungs() -> None:
    assert [p.name for p in phases("gradual_unfreezing", STAGES, 3, 5000, CUTS)] == [
        "head", "thaw:4", "thaw:3"
    ]  # fmt: skip
    assert [p.name for p in phases("gradual_unfreezing", STAGES, 1, 5000, CUTS)] == ["head"]


def test_only_a_network_without_a_past_learns_statistics() -> None:
    moving = {
        s: any(p.learns_statistics for p in phases(s, STAGES, 9, 5000, CUTS)) for s in STRATEGIES
    }
    assert moving == {s: s == "from_scratch" for s in STRATEGIES}


def test_what_moves_is_what_the_strategy_says() -> None:
    last = {s: phases(s, STAGES, 9, 5000, CUTS)[-1] for s in STRATEGIES}
    assert {s for s, p in last.items() if p.cached} == {"linear_probe", "multi_stage_probe"}
    assert {s for s, p in last.items() if p.adapters} == {"lora"}
    assert {s for s, p in last.items() if p.thawed == STAGES} == {
        "gradual_unfreezing", "full_fine_tune", "from_scratch"
    }  # fmt: skip
    for strategy, phase in last.items():
        assert (phase.body_lr > 0) is (strategy not in {"linear_probe", "multi_stage_probe"})
        assert phase.mixes is (strategy in {"gradual_unfreezing", "full_fine_tune"})


def test_an_unknown_strategy_has_no_recipe() -> None:
    with pytest.raises(KeyError):
        phases("prayer", STAGES, None, 5000)


def test_few_examples_get_more_epochs_so_that_the_body_takes_enough_steps() -> None:
    for strategy in ("gradual_unfreezing", "lora", "full_fine_tune"):
        for phase in phases(strategy, STAGES, None, 200, (3, 0))[1:]:
            assert phase.epochs * math.ceil(200 / BATCH) >= MIN_STEPS
        assert max(p.epochs for p in phases(strategy, STAGES, None, 8, (3, 0))) == MOST_EPOCHS
    assert phases("linear_probe", STAGES, None, 8) == phases("linear_probe", STAGES, None, 5000)


def test_rates_are_those_of_the_network() -> None:
    rates = Rates(body=1e-5, adapter=2e-5, scratch=3e-5)
    for strategy, rate in (("full_fine_tune", 1e-5), ("lora", 2e-5), ("from_scratch", 3e-5)):
        assert phases(strategy, STAGES, 9, 5000, CUTS, rates)[-1].body_lr == rate
    assert {p.body_lr for p in phases("gradual_unfreezing", STAGES, 20, 5000, CUTS, rates)[1:]} == {
        1e-5
    }
