"""What speaks against a base is told with the borders of the rules themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tests.advisor.conftest import CASES
from tl_core.advisor import advise
from tl_core.advisor.facts import facts_from
from tl_core.advisor.grounds import FAR, KNOWN, NO_HELP, borders, grounds
from tl_core.advisor.rules import fire, load_rules
from tl_core.spec import Accuracy, Controls, Leak
from tl_core.watch import inheritance

Build = Callable[..., Any]


def test_the_borders_are_those_of_the_rules() -> None:
    assert set(borders(NO_HELP, "probe_minus_best_control")) == {0.0, 0.02}
    assert set(borders(KNOWN, "source_confidence")) == {0.6}
    assert set(borders(FAR, "shift_late")) == {0.2}
    assert set(borders(FAR, "leep_per_log_c")) == {-0.8}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_watching_judges_as_the_rules_do(case: dict[str, Any], build: Build) -> None:
    dataset, evidence = build(case)
    facts = facts_from(dataset, evidence)
    held = {fired.rule.id for fired in fire(load_rules(), facts)}
    told = dataclasses.asdict(grounds(facts, evidence))
    assert inheritance._is_far(told) == (FAR in held)
    is_blocked = bool(facts["leak_suspected"])
    assert (inheritance.no_help(told, 0) is not None) == (NO_HELP in held and not is_blocked)


def test_advice_brings_them_along_with_the_control_that_needs_no_network(build: Build) -> None:
    dataset, evidence = build(CASES[0])
    pixels = Accuracy(0.5, 0.4, 0.6, 100)
    evidence = dataclasses.replace(evidence, controls=Controls(pixels=pixels))
    found = advise(dataset, evidence).grounds
    assert found is not None
    assert (found.raw_name, found.raw, found.best_control) == ("pixels", pixels, 0.5)
    assert found.linear_probe == evidence.linear_probe.value
    bare = dataclasses.replace(evidence, controls=Controls())
    assert grounds(facts_from(dataset, bare), bare).raw_name is None


def test_controls_say_nothing_where_the_parts_share_examples(build: Build) -> None:
    dataset, evidence = build(CASES[0])
    leaky = dataclasses.replace(dataset, leak=Leak(True, 9))
    found = grounds(facts_from(leaky, evidence), evidence)
    assert found.probe_minus_best_control is None
    assert found.leak_pairs == 9
    few = dataclasses.replace(dataset, leak=Leak(False, 1))  # too few to suspect a leak
    assert grounds(facts_from(few, evidence), evidence).leak_pairs is None
