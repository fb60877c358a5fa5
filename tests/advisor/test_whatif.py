"""What if: the same advice, asked about changed facts, and honest about what it supposes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tl_core import wording
from tl_core.advisor import advise
from tl_core.advisor.whatif import is_distance_read, training_examples, what_if
from tl_core.spec import Accuracy, DatasetFacts, Evidence, Forecast, Leak, Volume

Measured = Callable[[str], Any]


def with_curve(evidence: Evidence) -> Evidence:
    probe = evidence.linear_probe
    lower = Accuracy(probe.value - 0.2, probe.low - 0.2, probe.high - 0.2, probe.n)
    curve = Volume((200, 400), (lower, probe), (Forecast(2.0, 0.05, 0.01, 0.07),))
    return dataclasses.replace(evidence, volume=curve)


def test_nothing_moved_is_the_advice_itself(
    cases: list[dict[str, Any]], build: Callable[..., Any]
) -> None:
    for case in cases:
        dataset, evidence = build(case)
        found = what_if(dataset, evidence)
        assert found.supposed == found.now == advise(dataset, evidence)
        assert not found.assumed
        assert found.text == f"As your data are: {found.now.answer}"


def test_the_real_values_move_nothing(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")

    found = what_if(dataset, evidence, n=1650, late=0.242)

    assert found.supposed == found.now
    assert not found.assumed


def test_more_examples_move_strategy_and_minutes(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")

    found = what_if(dataset, evidence, n=10_000)

    assert found.now.recommendation.strategy == "gradual_unfreezing"
    assert found.supposed.recommendation.strategy == "full_fine_tune"
    assert found.supposed.candidates[0].minutes > found.now.candidates[0].minutes
    assert found.text.startswith(
        "With 10,000 training examples the advice moves from “Start frozen, then thaw” to "
        "“Full fine-tuning”: "
    )
    before = found.now.candidates[0]
    accuracy = wording.percent_interval(before.accuracy)
    assert f"instead of {accuracy} in 15 minutes." in found.text
    assert "No learning curve" in found.assumed[0]


def test_it_is_the_advice_of_such_data(measured: Measured) -> None:
    """Without a curve it must equal advice on a dataset that really has so many."""
    dataset, evidence = measured("hand signs")
    larger = dataclasses.replace(
        dataset,
        n=20_630,
        per_class_min=1650,
        counts=dict.fromkeys(dataset.counts, 2060),
        splits={"train": 16_500, "val": 4120},
    )

    found = what_if(dataset, evidence, n=16_500).supposed

    assert found.recommendation == advise(larger, evidence).recommendation
    assert found.candidates == advise(larger, evidence).candidates


def test_a_nearer_task_moves_the_advice(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")

    found = what_if(dataset, evidence, late=0.05)

    assert found.supposed.recommendation.strategy == "linear_probe"
    assert found.supposed.evidence.distance == "near"
    assert found.text.startswith("With a task that is near (late shift 0.050) the advice moves")
    assert any("LEEP" in line for line in found.assumed)


def test_a_farther_task_keeps_what_the_base_calls_the_data(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")

    found = what_if(dataset, evidence, late=0.5)

    assert found.supposed.evidence.leep_per_log_c == evidence.leep_per_log_c
    assert not any("LEEP" in line for line in found.assumed)


def test_both_may_move_at_once(measured: Measured) -> None:
    found = what_if(*measured("ants and bees"), n=10_000, late=0.5)

    assert found.supposed.recommendation.strategy == "full_fine_tune"
    assert found.text.startswith(
        "With 10,000 training examples and a task that is far (late shift 0.50) "
    )
    assert len(found.assumed) == 2


def test_the_probe_follows_its_curve_and_leads_stay(measured: Measured) -> None:
    dataset, evidence = measured("surfaces whose middle stages know more")
    evidence = with_curve(evidence)

    found = what_if(dataset, evidence, n=2 * training_examples(dataset, evidence)).supposed
    then = found.evidence

    assert then.linear_probe.value == pytest.approx(evidence.linear_probe.value + 0.05)
    assert then.multi_stage_probe is not None
    assert evidence.multi_stage_probe is not None
    gain = then.multi_stage_probe.value - then.linear_probe.value
    assert gain == pytest.approx(evidence.multi_stage_probe.value - evidence.linear_probe.value)
    assert then.controls.pixels is not None
    assert evidence.controls.pixels is not None
    assert then.controls.pixels.value == pytest.approx(evidence.controls.pixels.value + 0.05)


def test_a_forecast_widens_intervals_and_does_not_pass_for_nothing_left(
    measured: Measured,
) -> None:
    """An upper end near 1 says that the forecast is open, not that all is solved."""
    dataset, evidence = measured("small photographs, a few thousand")
    foretold = Forecast(2.0, 0.06, 0.0, 0.215)
    curve = dataclasses.replace(with_curve(evidence).volume, forecasts=(foretold,))

    found = what_if(dataset, dataclasses.replace(evidence, volume=curve), n=4000).supposed
    frozen = next(c for c in found.candidates if c.strategy == "linear_probe").accuracy

    assert frozen.value == pytest.approx(0.90)
    assert frozen.low < 0.845
    assert frozen.high > 0.99
    assert found.recommendation.strategy == "full_fine_tune"
    assert "R2" not in {reason.rule for reason in found.recommendation.reasons}


def test_fewer_examples_lower_what_is_expected(measured: Measured) -> None:
    dataset, evidence = measured("small photographs, a few thousand")
    evidence = with_curve(evidence)

    found = what_if(dataset, evidence, n=1000)

    assert found.supposed.candidates[0].accuracy.value < found.now.candidates[0].accuracy.value
    assert "read off the learning curve" in found.assumed[0]
    assert "taken to stay as measured" in found.assumed[1]


def test_where_a_leak_blocks_no_accuracy_is_promised_either_way(measured: Measured) -> None:
    dataset, evidence = measured("magnet surfaces split at random")

    found = what_if(dataset, evidence, n=10_000)

    assert found.supposed.recommendation.blocked
    assert "%" not in found.text
    assert "no accuracy can be promised either way" in found.text


def test_what_does_not_move_is_said_not_to(measured: Measured) -> None:
    found = what_if(*measured("ants and bees"), late=0.06)

    assert "nothing moves: “Feature extraction”" in found.text


def test_speed_still_counts(measured: Measured) -> None:
    found = what_if(*measured("far, in a hurry"), n=2000, priority="speed")

    assert found.supposed.recommendation.strategy == "linear_probe"


def test_a_shift_that_was_not_measured_is_not_supposed(measured: Measured) -> None:
    dataset, evidence = measured("a base without batch statistics")

    assert what_if(dataset, evidence, late=0.5).supposed == advise(dataset, evidence)
    assert not is_distance_read(dataset, evidence)


def test_of_texts_no_rule_asks_for_the_distance(measured: Measured) -> None:
    dataset, evidence = measured("hand signs")
    texts: DatasetFacts = dataclasses.replace(dataset, modality="text", leak=Leak(False, 0))

    assert is_distance_read(dataset, evidence)
    assert not is_distance_read(texts, evidence)
    lates = (0.003, 0.04, 0.3)
    found = [what_if(texts, evidence, late=late).supposed.recommendation for late in lates]
    assert {r.strategy for r in found} == {"lora"}
