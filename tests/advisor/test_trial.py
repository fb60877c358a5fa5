"""A short trial thaw: what it may cost, and how much it is believed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor.declared import FACTS
from tl_core.advisor.plan import advise
from tl_core.advisor.trial import (
    LEAST_MINUTES,
    SHARE,
    SHORTFALL,
    SOURCE,
    Gain,
    blended,
    facts,
    limit_minutes,
)

PRIOR = Gain(0.02, 0.05)
SURE = {"pilot_gain": 0.10, "pilot_gain_low": 0.09, "pilot_gain_high": 0.11, "pilot_steps": 60}
UNSURE = {"pilot_gain": 0.10, "pilot_gain_low": -0.20, "pilot_gain_high": 0.40, "pilot_steps": 60}


def test_it_takes_a_fifth_of_the_time_and_a_minute_where_nobody_set_a_limit() -> None:
    assert SHARE == 0.2
    assert limit_minutes(20.0) == pytest.approx(4.0)
    assert limit_minutes(0.3) == LEAST_MINUTES
    assert limit_minutes(20.0, 2.0) == pytest.approx(0.4)


def test_its_facts_are_declared_and_none_where_there_was_no_trial() -> None:
    nothing = facts(None)

    assert nothing.keys() < FACTS.keys()
    assert set(nothing.values()) == {None}
    assert blended("gradual_unfreezing", PRIOR, nothing) is PRIOR


def test_gains_are_weighed_by_their_variances() -> None:
    found = blended("gradual_unfreezing", PRIOR, SURE)

    var_trial = (0.02 / 3.92) ** 2 + SHORTFALL["gradual_unfreezing"] ** 2
    var_prior = (0.05 / 1.2816) ** 2
    weight = var_prior / (var_prior + var_trial)
    assert found.points == pytest.approx(weight * 0.10 + (1 - weight) * 0.02)
    joined = math.sqrt(var_prior * var_trial / (var_prior + var_trial))
    assert found.spread == pytest.approx(1.2816 * joined)
    assert found.spread < PRIOR.spread


def test_a_trial_of_too_few_steps_is_not_believed() -> None:
    assert blended("gradual_unfreezing", PRIOR, {**SURE, "pilot_steps": 59}) is PRIOR


def test_an_unsure_trial_moves_little() -> None:
    sure, unsure = (blended("gradual_unfreezing", PRIOR, told).points for told in (SURE, UNSURE))

    assert PRIOR.points < unsure < sure < 0.10
    assert unsure - PRIOR.points < 0.02


def test_it_says_less_about_other_strategies_and_nothing_about_a_control() -> None:
    thaw, lora, full = (blended(s, PRIOR, SURE).points for s in SHORTFALL)

    assert PRIOR.points < lora == full < thaw
    assert blended("from_scratch", PRIOR, SURE) is PRIOR


def test_the_advice_expects_more_of_a_thaw_that_paid_and_names_the_trial(
    cases: list[dict[str, Any]], build: Callable[..., Any]
) -> None:
    case = next(case for case in cases if case["name"].endswith("a short thaw paid"))
    tried = advise(*build(case))
    before = advise(*build({key: value for key, value in case.items() if key != "pilot"}))

    def thaw(advice: Any) -> Any:
        return next(c for c in advice.candidates if c.strategy == "gradual_unfreezing")

    assert before.recommendation.strategy == "linear_probe"
    assert tried.recommendation.strategy == "gradual_unfreezing"
    assert thaw(tried).accuracy.value > thaw(before).accuracy.value
    assert (thaw(tried).source, thaw(before).source == SOURCE) == (SOURCE, False)
    (reason,) = (r for r in tried.recommendation.reasons if r.rule == "R15")
    assert "5 points more than the frozen base" in reason.text
    assert "2 points to 8 points" in reason.text
