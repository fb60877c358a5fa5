"""What was measured, as facts that rules may ask about."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor import facts
from tl_core.advisor.declared import FACTS
from tl_core.evidence import distance
from tl_core.spec import Accuracy, Hits

Build = Callable[[dict[str, Any]], Any]


def test_every_declared_fact_is_given_with_its_type(
    cases: list[dict[str, Any]], build: Build
) -> None:
    for case in cases:
        found = facts.facts_from(*build(case))

        assert found.keys() == FACTS.keys()
        for name, value in found.items():
            fact = FACTS[name]
            allowed = (int, float) if fact.kind is float else (fact.kind,)
            assert value is None or type(value) in allowed, name
            if isinstance(value, str):
                assert not fact.words or value in fact.words
            elif value is not None and not isinstance(value, bool):
                assert fact.low <= value <= fact.high


def test_n_counts_training_examples(measured: Callable[[str], Any]) -> None:
    dataset, evidence = measured("small photographs, very many")

    assert facts.facts_from(dataset, evidence)["n"] == 40000
    unsplit = dataclasses.replace(dataset, splits={})
    assert facts.facts_from(unsplit, evidence)["n"] == 2000


def test_what_was_not_measured_is_none(measured: Callable[[str], Any]) -> None:
    found = facts.facts_from(*measured("a base without batch statistics"))

    missing = {name for name, value in found.items() if value is None}
    assert {"shift_late", "best_control", "probe_minus_best_control", "zero_training_gap"} < missing
    assert found["linear_probe"] == 0.84


def test_all_depths_are_compared_with_the_last(measured: Callable[[str], Any]) -> None:
    found = facts.facts_from(*measured("surfaces whose middle stages know more"))

    assert found["multi_stage_gain"] == pytest.approx(0.05)
    assert found["multi_stage_gain_low"] < 0.06 < found["multi_stage_gain_high"]
    assert found["is_best_before_last"] is True
    assert (found["best_stage"], found["thaw_from"]) == ("4", "5")
    assert (found["best_stage_accuracy"], found["last_stage_accuracy"]) == (0.88, 0.81)


def test_without_stage_probes_nothing_is_said_of_stages(measured: Callable[[str], Any]) -> None:
    found = facts.facts_from(*measured("hand signs"))

    names = ("multi_stage_probe", "multi_stage_gain", "is_best_before_last", "thaw_from")
    assert [found[name] for name in names] == [None] * 4


def test_the_strongest_control_is_compared(measured: Callable[[str], Any]) -> None:
    found = facts.facts_from(*measured("small photographs, few"))

    assert found["best_control_name"] == "random_init"
    assert found["probe_minus_best_control"] == pytest.approx(0.697 - 0.323)


def test_skill_counts_from_naming_the_largest_class(measured: Callable[[str], Any]) -> None:
    dataset, evidence = measured("ants and bees")
    lopsided = dataclasses.replace(dataset, counts={"ants": 90, "bees": 10})

    even = facts.facts_from(dataset, evidence)["zero_training_skill"]
    uneven = facts.facts_from(lopsided, evidence)["zero_training_skill"]

    assert even == pytest.approx((0.92 - 0.5) / 0.5, abs=0.01)
    assert uneven == pytest.approx((0.92 - 0.9) / 0.1)


def test_difference_agrees_with_a_worked_example() -> None:
    # Newcombe 1998, table II, 56/70 against 48/80, method 10: 0.0524 to 0.3339
    a = Accuracy(56 / 70, 0.6918, 0.8771, 70)
    b = Accuracy(48 / 80, 0.4904, 0.7004, 80)

    value, low, high = facts.difference(a, b)

    assert (value, low, high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-4)


def test_difference_is_antisymmetric() -> None:
    a, b = Accuracy(0.9, 0.85, 0.93, 200), Accuracy(0.7, 0.63, 0.76, 200)

    value, low, high = facts.difference(a, b)

    assert facts.difference(b, a) == pytest.approx((-value, -high, -low))


@pytest.mark.parametrize(
    ("late", "leep", "word"),
    [(0.05, -0.2, "near"), (0.1, None, "near"), (0.15, -0.2, "middling"), (0.2, -0.2, "far"),
     (0.05, -0.8, "far"), (None, -0.2, "middling"), (None, None, "middling")],
)  # fmt: skip
def test_distance_in_a_word(late: float | None, leep: float | None, word: str) -> None:
    assert facts.distance_of(late, leep, "picture") == word


@pytest.mark.parametrize(
    ("late", "word"), [(0.02, "near"), (0.04, "middling"), (0.07, "far"), (None, "middling")]
)
def test_texts_have_borders_of_their_own(late: float | None, word: str) -> None:
    assert facts.distance_of(late, None, "text") == word
    assert facts.distance_of(late, None, "a new kind") == "middling"


def test_borders_are_those_of_the_evidence() -> None:
    assert facts.LATE_SHIFT_BORDERS == distance.LATE_SHIFT_BORDERS
    assert facts.FAR_LEEP == distance.FAR_LEEP


def test_another_base_counts_only_where_a_paired_test_finds_it_better(
    measured: Callable[[str], Any],
) -> None:
    dataset, own = measured("hand signs")
    half = Accuracy(0.8, 0.71, 0.87, 100)
    own = dataclasses.replace(own, probe_hits=Hits("same", "1" * 80 + "0" * 20), linear_probe=half)

    def other(base: str, right: str, asked: str = "same") -> Any:
        share = Accuracy(right.count("1") / 100, 0.7, 0.99, 100)
        return dataclasses.replace(
            own, base=base, probe_hits=Hits(asked, right), linear_probe=share
        )

    better, level = other("better", "1" * 95 + "0" * 5), other("level", "1" * 81 + "0" * 19)
    found = facts.facts_from(dataset, own, others=(level, better))
    assert found["better_base"] == "better"
    assert found["better_base_probe"] == 0.95
    assert 0 < float(found["better_base_p"] or 0) < 0.001
    for others in ((level,), (), (other("better", "1" * 95 + "0" * 5, asked="others"),)):
        assert facts.facts_from(dataset, own, others=others)["better_base"] is None
