"""What was foretold against what came."""

from __future__ import annotations

import dataclasses

from tl_core.outcomes import Expected, Outcome, level_of
from tl_core.spec import Accuracy

CAME = Outcome(
    run="r",
    dataset="d",
    strategy="lora",
    expected=Expected(0.9, 0.88, 0.92),
    known="folk",
    reached=Accuracy(0.88, 0.8, 0.93, 100),
    expected_minutes=2.0,
    minutes=3.0,
    recommended="linear_probe",
)


def test_an_interval_holds_up_to_its_ends() -> None:
    assert CAME.held
    below = dataclasses.replace(CAME, reached=Accuracy(0.87, 0.8, 0.93, 100))
    assert not below.held


def test_what_was_measured_is_told_at_95_percent_and_the_rest_at_80() -> None:
    assert (level_of("measured"), level_of("mixed")) == (0.95, 0.80)
    assert CAME.level == 0.80


def test_a_run_follows_the_advice_or_does_not() -> None:
    assert not CAME.follows
    assert dataclasses.replace(CAME, recommended="lora").follows
