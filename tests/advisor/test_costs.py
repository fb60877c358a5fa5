"""Minutes and parameters."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core import catalog
from tl_core.advisor import costs
from tl_core.engine import strategies
from tl_core.spec import MIN_PROBE_EPOCHS, STRATEGIES

Measured = Callable[[str], Any]
PICTURE = costs.ADDED["picture"]
BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "throughput.json"


def test_changing_more_takes_longer(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")

    minutes = {s: costs.minutes(s, dataset, evidence) for s in STRATEGIES}

    rising = ("linear_probe", "multi_stage_probe", "lora", "full_fine_tune", "from_scratch")
    assert [minutes[s] for s in rising] == sorted(minutes[s] for s in rising)
    assert minutes["multi_stage_probe"] < minutes["gradual_unfreezing"] < minutes["full_fine_tune"]
    assert minutes["linear_probe"] > 0


def test_minutes_follow_from_the_measured_speed(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")
    twice = dataclasses.replace(evidence, forward_per_second=120.0, train_per_second=40.0)

    slow = costs.minutes("from_scratch", dataset, evidence)
    fast = costs.minutes("from_scratch", dataset, twice)

    # 30 epochs of 1650 steps at 20 a second; 412 held-out and 256 training examples judged at 60
    assert slow == pytest.approx(30 * (1650 / 20 + (412 + 256) / 60) / 60, rel=0.05)
    assert fast == pytest.approx(slow / 2, rel=0.05)


def test_a_step_costs_as_in_the_benchmark_where_it_was_not_measured(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")
    unmeasured = dataclasses.replace(evidence, train_per_second=None)
    told = dataclasses.replace(evidence, train_per_second=60.0 / 4.1)

    results = json.loads(BENCHMARK.read_text())["results"]["cost_in_forward_passes"]
    assert pytest.approx(results["step, 8 of 8 stages thawed"], abs=0.1) == costs.STEP_COST
    assert costs.minutes("full_fine_tune", dataset, unmeasured) == costs.minutes(
        "full_fine_tune", dataset, told
    )


def test_a_thaw_pays_for_its_frozen_part_once(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")
    per_epoch = 1650 / 20 + (412 + 256) / 60  # with everything thawed
    rungs = (0.59 + 0.5 * 1.0) * 16 / 2  # the last one as likely as not
    kept = 0.41 * (4 * 1650 + 412) / 60
    expected = (rungs * per_epoch + kept + 2062 / 60 + costs.HEAD_SECONDS) / 60
    found = costs.minutes("gradual_unfreezing", dataset, evidence)
    assert found == pytest.approx(expected, rel=0.05)


def test_a_thaw_pays_for_its_frozen_part_each_time_where_too_much_would_be_kept(
    measured: Measured,
) -> None:
    dataset, evidence = measured("hand signs")
    large = dataclasses.replace(dataset, splits={"train": 20_000, "val": 5_000})
    small = dataclasses.replace(evidence, size=112)

    in_detail = costs.minutes("gradual_unfreezing", large, evidence)

    assert in_detail > 1.1 * costs.minutes("gradual_unfreezing", large, small)


def test_a_thaw_from_an_early_stage_costs_more(measured: Measured) -> None:
    dataset, evidence = measured("far, and the middle stages know more: the thaw begins there")
    known_early = tuple(
        dataclasses.replace(probe, accuracy=0.9 if number == 1 else 0.5)
        for number, probe in enumerate(evidence.stage_probes)
    )
    early = dataclasses.replace(evidence, stage_probes=known_early)

    deep, usual = (costs.minutes("gradual_unfreezing", dataset, e) for e in (early, evidence))

    assert deep > usual


def test_adapters_cost_about_three_passes_a_step(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")
    unmeasured = dataclasses.replace(evidence, train_per_second=None)

    passes = 12 * (3.0 * 1650 + 412 + 256) + 2062
    expected = (passes / 60 + costs.HEAD_SECONDS) / 60
    assert costs.minutes("lora", dataset, unmeasured) == pytest.approx(expected, rel=0.05)


def test_trainable_parameters(measured: Measured) -> None:
    _, evidence = measured("ants and bees")
    head = 2 * 1281

    assert costs.trainable_parameters("linear_probe", evidence, PICTURE) == head
    thawed = costs.trainable_parameters("gradual_unfreezing", evidence, PICTURE)
    assert thawed == head + sum(stage.parameters for stage in evidence.stages[5:])
    assert costs.trainable_parameters("multi_stage_probe", evidence, PICTURE) == 2 * (1776 + 1)
    lora = costs.trainable_parameters("lora", evidence, PICTURE)
    assert lora == pytest.approx(head + 182272, rel=0.01)  # counted on EfficientNet-Lite0
    full = costs.trainable_parameters("full_fine_tune", evidence, PICTURE)
    assert full == costs.all_parameters(evidence, PICTURE)
    assert full == head + sum(stage.parameters for stage in evidence.stages)


def test_adapters_of_a_base_for_texts_are_counted_on_it(measured: Measured) -> None:
    base = catalog.find(catalog.default_base("text"))
    _, evidence = measured("ants and bees")
    read = dataclasses.replace(evidence, stages=base.stages)
    head = 2 * 385
    lora = costs.trainable_parameters("lora", read, costs.ADDED["text"])
    assert lora == pytest.approx(head + 73728, rel=0.02)  # counted on MiniLM
    wide = costs.trainable_parameters("multi_stage_probe", read, costs.ADDED["text"])
    assert wide == 2 * (7 * 384 + 1)


def test_every_strategy_has_its_epochs() -> None:
    assert costs.EPOCHS.keys() == set(STRATEGIES)


@pytest.mark.parametrize("n", [20, 200, 1000, 5000])
def test_epochs_are_those_of_the_engine(n: int) -> None:
    for strategy in ("gradual_unfreezing", "lora", "full_fine_tune"):
        total = strategies.default_epochs(strategy, n, rungs=2)
        assert costs.epochs(strategy, n, 2 if strategy == "gradual_unfreezing" else 1) == (
            total - MIN_PROBE_EPOCHS
        )
    for strategy in ("linear_probe", "multi_stage_probe"):
        assert costs.epochs(strategy, n) == 0
    assert costs.epochs("from_scratch", n) == strategies.DEFAULT_EPOCHS["from_scratch"]
