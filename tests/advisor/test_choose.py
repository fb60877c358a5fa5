"""The choice: always one, on every mix of facts, and each rung can be reached."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tl_core.advisor.choose import choose
from tl_core.advisor.declared import FACTS, Facts
from tl_core.advisor.predict import expected
from tl_core.advisor.reasons import reasons
from tl_core.advisor.vocabulary import LADDER
from tl_core.spec import STRATEGIES

GRID: dict[str, tuple[object, ...]] = {
    "leak_suspected": (None, True),
    "n": (10, 800, 801, 2999, 3000, 20000),
    "distance": ("near", "middling", "far"),
    "shift_late": (None, 0.05, 0.1, 0.15, 0.2),
    "leep_per_log_c": (-0.9, -0.5),
    "source_confidence": (None, 0.7),
    "zero_training_gap": (0.0, 0.2),
    "headroom": (0.005, 0.3),
    "probe_minus_best_control": (None, -0.1, 0.01, 0.3),
    "priority": ("accuracy", "retention"),
    "multi_stage_gain": (None, 0.03),
}
"""Values on both sides of every threshold."""

PLAIN: Facts = {
    **dict.fromkeys(FACTS),
    "always": True,
    "modality": "picture",
    "priority": "accuracy",
    "n": 2000,
    "classes": 4,
    "distance": "middling",
    "linear_probe": 0.84,
    "linear_probe_low": 0.82,
    "linear_probe_high": 0.86,
    "headroom": 0.14,
    "zero_training_skill": 0.6,
    "probe_minus_best_control_low": -0.2,
    "multi_stage_probe": 0.83,
    "multi_stage_probe_low": 0.81,
    "multi_stage_probe_high": 0.85,
    "multi_stage_gain_low": 0.0,
    "multi_stage_gain_high": 0.06,
}


def sweep() -> Iterator[Facts]:
    for values in itertools.product(*GRID.values()):
        yield {**PLAIN, **dict(zip(GRID, values, strict=True))}  # type: ignore[dict-item]


def test_every_mix_of_facts_yields_a_choice_and_every_rung_is_reached() -> None:
    reached = {choose(facts).strategy for facts in sweep()}

    assert reached == set(LADDER)


def test_every_mix_of_facts_yields_reasons_and_ranges() -> None:
    for facts in itertools.islice(sweep(), 0, None, 37):
        choice = choose(facts)
        told = reasons(choice, facts)
        assert told
        assert all(reason.text and "{" not in reason.text for reason in told)
        for strategy in STRATEGIES:
            found = expected(strategy, facts, choice.active)
            assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize(
    ("n", "distance", "strategy"),
    [
        (2999, "near", "linear_probe"),
        (2999, "middling", "gradual_unfreezing"),
        (2999, "far", "gradual_unfreezing"),
        (3000, "near", "gradual_unfreezing"),
        (3000, "middling", "full_fine_tune"),
        (3000, "far", "full_fine_tune"),
    ],
)
def test_without_rules_the_rule_of_thumb_decides(n: int, distance: str, strategy: str) -> None:
    choice = choose({**PLAIN, "n": n, "distance": distance})

    assert choice.thumb.strategy == choice.strategy == strategy
    assert [f.rule.id for f in choice.fired] == ["R14"]
    assert choice.deciding == ()


@pytest.mark.parametrize("n", [100, 5000])
def test_for_texts_adapters_are_the_prior(n: int) -> None:
    choice = choose({**PLAIN, "n": n, "modality": "text"})

    assert choice.thumb.strategy == choice.strategy == "lora"
    assert choice.deciding == ()


def order_of(**changes: object) -> tuple[str, frozenset[str]]:
    choice = choose({**PLAIN, **changes})  # type: ignore[dict-item]
    return choice.strategy, choice.outweighed


def test_r10_outweighs_r2_and_r1() -> None:
    strategy, outweighed = order_of(
        n=5000,
        probe_minus_best_control=-0.1,
        headroom=0.005,
        source_confidence=0.7,
        shift_late=0.05,
    )

    assert strategy == "full_fine_tune"
    assert outweighed == {"R2", "R1"}


def test_r1_outweighs_r4() -> None:
    strategy, outweighed = order_of(zero_training_gap=0.0, leep_per_log_c=-0.9)

    assert strategy == "linear_probe"
    assert outweighed == {"R4"}


def test_r4_outweighs_r3() -> None:
    strategy, outweighed = order_of(n=500, shift_late=0.12, leep_per_log_c=-0.9, headroom=0.05)

    assert strategy == "gradual_unfreezing"
    assert outweighed == {"R3"}


def test_a_leak_silences_what_it_flatters() -> None:
    choice = choose({**PLAIN, "leak_suspected": True, "probe_minus_best_control": -0.1})

    assert choice.blocked
    assert choice.outweighed == {"R10"}
    assert choice.also is None


def test_known_classes_must_be_known_well() -> None:
    """A base that is as bad as chance with and without training knows nothing."""
    assert order_of(zero_training_gap=0.0, zero_training_skill=0.1)[0] == "gradual_unfreezing"


@pytest.mark.parametrize(("gain", "strategy"), [(None, 0), (0.01, 0), (0.02, 1), (0.05, 1)])
def test_all_depths_are_read_where_they_add_something(gain: float | None, strategy: int) -> None:
    """Under the rule of thumb alone, and under a rule that caps."""
    near = {"distance": "near", "shift_late": 0.05, "multi_stage_gain": gain}

    assert order_of(**near)[0] == LADDER[strategy]
    assert order_of(**near, n=500)[0] == LADDER[strategy]
    assert order_of(**near, source_confidence=0.7)[0] == LADDER[strategy]
    assert order_of(**{**near, "distance": "far"})[0] == "gradual_unfreezing"


def test_nothing_left_to_gain_outweighs_all_depths() -> None:
    strategy, outweighed = order_of(distance="near", headroom=0.005, multi_stage_gain=0.03)

    assert strategy == "linear_probe"
    assert outweighed == {"R7"}


def test_the_ladder_is_in_the_order_of_the_strategies() -> None:
    assert (*LADDER, "from_scratch") == tuple(STRATEGIES)


def test_speed_steps_down_only_where_little_is_lost() -> None:
    facts = {**PLAIN, "priority": "speed", "multi_stage_probe": 0.84}
    nearly_there = {"linear_probe": 0.97, "linear_probe_low": 0.96, "linear_probe_high": 0.98}

    assert choose(facts).strategy == "gradual_unfreezing"
    quick = choose({**facts, **nearly_there})
    assert quick.strategy == "linear_probe"
    assert quick.hurried
    assert choose({**facts, "multi_stage_probe": 0.86}).strategy == "multi_stage_probe"
