"""Corrections that recorded runs taught: well formed, and used where they speak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor import facts_from, gains
from tl_core.advisor.choose import choose
from tl_core.advisor.gains import Correction
from tl_core.advisor.predict import expected, lead_of
from tl_core.advisor.rules import load_rules
from tl_core.spec import STRATEGIES


def test_every_correction_names_a_rule_and_a_strategy_that_is_not_measured() -> None:
    leads = {rule.id for rule in load_rules()} | {gains.REST}
    assert gains.load_gains()
    for (lead, strategy), correction in gains.load_gains().items():
        assert lead in leads
        assert strategy in set(STRATEGIES) - {"linear_probe", "multi_stage_probe"}
        assert -1 <= correction.shift <= 1
        assert correction.spread > 0
        assert correction.sets >= 1


def test_a_correction_moves_its_own_promise_alone(measured: Callable[[str], Any]) -> None:
    facts = facts_from(*measured("hand signs"))
    active = choose(facts).active
    lead, free = lead_of("gradual_unfreezing", facts, active)
    assert (lead, free) == ("R4", pytest.approx(0.07))
    taught = {(lead, "gradual_unfreezing"): Correction(0.1, 0.02, 3)}
    plain = expected("gradual_unfreezing", facts, active, {})
    moved = expected("gradual_unfreezing", facts, active, taught)
    assert moved.value == pytest.approx(plain.value + 0.1 * 0.07, abs=1e-4)
    assert moved.high - moved.value < plain.high - plain.value
    assert expected("lora", facts, active, taught) == expected("lora", facts, active, {})


def test_where_no_rule_speaks_the_lead_is_none(measured: Callable[[str], Any]) -> None:
    facts = facts_from(*measured("small photographs, a few thousand"))
    lead, _free = lead_of("full_fine_tune", facts, choose(facts).active)
    assert lead == gains.REST


def test_a_promise_that_does_not_start_from_the_probe_has_all_the_room() -> None:
    assert gains.room("linear_probe", 0.9) == pytest.approx(0.1)
    assert gains.room("best_control", 0.9) == 1.0
