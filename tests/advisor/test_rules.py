"""The rules as data: sound, complete, and every fault of a rule is found."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tl_core.advisor import rules
from tl_core.advisor.vocabulary import Branch, Case, Condition, Gain, Rule


def test_the_rules_are_sound() -> None:
    assert rules.lint(rules.load_rules()) == []


def test_the_weightiest_rule_comes_first() -> None:
    order = [rule.id for rule in rules.load_rules()]

    assert [i for i in order if i != "P1"] == [
        "R11", "R10", "R2", "R15", "R1", "R16", "R4", "R5", "R6", "R3", "R17", "R8",
        "R7", "R12", "R14",
    ]  # fmt: skip


def test_every_source_is_used_and_described() -> None:
    used = {rule.source for rule in rules.load_rules()}
    used |= {expectation.source for expectation in rules.load_expectations()}
    used |= {rules.THUMB_SOURCE, "your_wish", "learning_curve"}
    tables = [e.gain for e in rules.load_expectations()]
    tables += [branch.gain for rule in rules.load_rules() for branch in rule.then]
    used |= {gain.source for table in tables for gain in table.values() if gain.source}

    assert rules.load_sources().keys() == used
    assert all(source.title and source.text for source in rules.load_sources().values())


def test_a_rule_fires_with_the_cases_that_hold() -> None:
    facts = {"modality": "picture", "n": 5000, "shift_late": 0.3, "leep_per_log_c": -0.5}

    fired = rules.fire(rules.load_rules(), facts)

    assert [f.rule.id for f in fired] == ["R4", "R14"]
    of_texts = rules.fire(rules.load_rules(), facts | {"modality": "text"})
    assert not of_texts  # no running averages in there, and shifts on a scale of their own
    assert [case.fact for case in fired[0].cases] == ["shift_late"]


def test_the_first_branch_that_holds_takes_effect() -> None:
    lead = {"probe_minus_best_control": -0.05, "probe_minus_best_control_low": -0.1}

    few = rules.fire(rules.load_rules(), {"n": 300, **lead})[0]
    many = rules.fire(rules.load_rules(), {"n": 3000, **lead})[0]

    assert few.branch.at_least == "gradual_unfreezing"
    assert many.branch.at_least == "full_fine_tune"


def _rule(**changes: Any) -> Rule:
    sound = Rule(
        id="X",
        order=1,
        title="t",
        text="q",
        confidence="mixed",
        source="wilson",
        case=(Case("n", (Condition("n", "<", 10),), ("{n} pictures",)),),
        then=(Branch(at_most="linear_probe"),),
    )
    return dataclasses.replace(sound, **changes)


def _case(*conditions: Condition, fact: str = "n", says: tuple[str, ...] = ("{n}",)) -> Any:
    return {"case": (Case(fact, conditions, says),)}


def test_a_sound_rule_has_no_faults() -> None:
    assert rules.lint([_rule()]) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"confidence": "certain"}, "confidence"),
        ({"source": "hearsay"}, "no source"),
        ({"case": ()}, "no case"),
        (_case(Condition("moon", "<", 10)), "no fact 'moon'"),
        (_case(Condition("n", "~", 10)), "no such operator"),
        (_case(Condition("n", "<", "ten")), "n is a int"),
        (_case(Condition("n", "<", 10.5)), "n is a int"),
        (_case(Condition("distance", "<", "near")), "compare by =="),
        (_case(Condition("distance", "==", "close")), "never 'close'"),
        (_case(Condition("leak_suspected", "==", 1)), "leak_suspected is a bool"),
        (_case(Condition("source_confidence", ">", 60)), "out of its range"),
        (_case(says=("{moon}",)), "no fact 'moon'"),
        (_case(fact="moon"), "no fact 'moon'"),
        (_case(says=()), "says nothing"),
        ({"then": (Branch(at_most="from_scratch"),)}, "not on the ladder"),
        ({"then": (Branch(at_least="full_fine_tune", at_most="linear_probe"),)}, "contradicts"),
        ({"then": (Branch(also="pray"),)}, "also 'pray'"),  # type: ignore[arg-type]
        ({"then": (Branch(silences=("X",)),)}, "no other rule"),
        ({"then": (Branch(all=(Condition("n", "<", 5),)),)}, "last branch has conditions"),
        ({"then": (Branch(gain={"linear_probe": Gain(0.1)}),)}, "not a strategy to compare"),
        ({"then": (Branch(gain={"lora": Gain(0.1, source="hearsay")}),)}, "has no source"),
        ({"then": (Branch(gain={"full_fine_tune": Gain(0.9)}),)}, "spread"),
        ({"then": (Branch(gain={"full_fine_tune": Gain(0.1, points=3)}),)}, "out of bounds"),
        ({"then": (Branch(gain={"full_fine_tune": Gain(0.1, of_error=0.5)}),)}, "needs a bound"),
        ({"then": (Branch(gain={"full_fine_tune": Gain(0.1, start="n")}),)}, "no accuracy"),
    ],
)
def test_lint_finds(changes: dict[str, Any], fault: str) -> None:
    faults = rules.lint([_rule(**changes)])

    assert len(faults) == 1
    assert fault in faults[0]


def test_lint_finds_twins() -> None:
    faults = rules.lint([_rule(), _rule()])

    assert faults == ["id X is not unique", "order 1 is not unique"]


def test_placeholders_are_the_quoted_facts() -> None:
    assert rules.placeholders("{n} of {classes}, or so") == ("n", "classes")
