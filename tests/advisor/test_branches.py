"""Branches not taken: they lead where the advisor itself would go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor.advice import Exit
from tl_core.advisor.branches import agreeing_leep, of_distance, of_number, of_rule
from tl_core.advisor.choose import choose
from tl_core.advisor.declared import Facts
from tl_core.advisor.facts import facts_from
from tl_core.advisor.rules import load_rules
from tl_core.advisor.vocabulary import LADDER

Measured = Callable[[str], Any]
RULES = {rule.id: rule for rule in load_rules()}


def exit_of(rule: str, facts: Facts) -> Exit:
    (found,) = of_rule(RULES[rule], choose(facts), facts)
    return found


def test_the_other_side_of_the_number_is_asked_in_both_directions(measured: Measured) -> None:
    few = facts_from(*measured("hand signs"))
    many = facts_from(*measured("far and many"))

    assert of_number(few, 3000, "more") == (Exit("more", "full_fine_tune", False),)
    assert of_number(many, 3000, "fewer") == (Exit("fewer", "gradual_unfreezing", False),)


def test_other_distances_take_shift_and_leep_along(measured: Measured) -> None:
    facts = facts_from(*measured("hand signs"))  # LEEP says far by itself

    near, middling = of_distance(facts)

    assert (near.answer, near.strategy) == ("near", "linear_probe")
    assert (middling.answer, middling.strategy) == ("middling", "gradual_unfreezing")


def test_without_a_measured_distance_all_three_are_open(measured: Measured) -> None:
    facts = facts_from(*measured("a base without batch statistics"))

    assert [e.answer for e in of_distance(facts)] == ["near", "middling", "far"]
    assert of_distance(facts)[0].strategy == "linear_probe"


@pytest.mark.parametrize(
    ("case", "rule", "answer", "strategy"),
    [
        ("ants and bees", "R10", "yes", "gradual_unfreezing"),
        ("ants and bees", "R7", "yes", "linear_probe"),  # outweighed: R1 was asked before
        ("few pictures, not far", "R3", "no", "gradual_unfreezing"),
        ("small photographs, very many", "R1", "yes", "linear_probe"),
        ("small photographs, very many", "R2", "yes", "linear_probe"),
        ("many near pictures, read at all depths", "R7", "no", "linear_probe"),
        ("breeds of dogs, many: the base knows them", "R7", "yes", "linear_probe"),
    ],
)
def test_the_other_answer_to_a_rule(
    measured: Measured, case: str, rule: str, answer: str, strategy: str
) -> None:
    found = exit_of(rule, facts_from(*measured(case)))

    assert (found.answer, found.strategy) == (answer, strategy)


def test_a_leak_blocks_and_its_absence_does_not(measured: Measured) -> None:
    clean = facts_from(*measured("magnet surfaces, twins kept together"))
    leaky = facts_from(*measured("magnet surfaces split at random"))

    assert exit_of("R11", clean) == Exit("yes", "gradual_unfreezing", True)
    assert exit_of("R11", leaky) == Exit("no", "gradual_unfreezing", False)


def test_a_question_that_such_data_cannot_answer_yes_has_no_branch(measured: Measured) -> None:
    facts = {**facts_from(*measured("ants and bees")), "modality": "text"}

    assert not of_rule(RULES["R3"], choose(facts), facts)  # of pictures only
    assert not of_rule(RULES["P1"], choose(facts), facts)  # a wish, no measurement


def test_every_branch_leads_to_a_rung(
    cases: list[dict[str, Any]], build: Callable[..., Any]
) -> None:
    for case in cases:
        facts = facts_from(*build(case), priority=case.get("priority", "accuracy"))
        choice = choose(facts)
        for rule in RULES.values():
            for found in of_rule(rule, choice, facts):
                fired = rule.id in {f.rule.id for f in choice.fired}
                assert found.strategy in LADDER
                assert found.answer == ("no" if fired else "yes")


def test_leep_is_left_out_only_where_it_contradicts() -> None:
    assert agreeing_leep(-0.9, "near") is None
    assert agreeing_leep(-0.9, "far") == -0.9
    assert agreeing_leep(-0.5, "near") == -0.5
    assert agreeing_leep(None, "near") is None
