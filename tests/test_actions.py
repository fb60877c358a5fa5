"""Which actions make sense when, and in words why others do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tl_core.actions import ACTIONS, MOST_AUGMENTATION, MOST_PULL, Situation, refusal

OPEN = Situation()


@pytest.mark.parametrize("action", ACTIONS)
def test_where_nothing_speaks_against_it_an_action_makes_sense(action: str) -> None:
    assert refusal(action, OPEN) == ""


@pytest.mark.parametrize(
    ("action", "situation", "reason"),
    [
        ("thaw_next", replace(OPEN, thaws=False), "does not thaw step by step"),
        ("thaw_next", replace(OPEN, has_next=False), "nothing left to thaw"),
        ("rollback", replace(OPEN, can_undo=False), "Nothing has thawed"),
        ("lower_lr", replace(OPEN, moves=False), "has no learning rate"),
        ("more_augmentation", replace(OPEN, varies=False), "can change what a text says"),
        ("more_augmentation", replace(OPEN, moves=False), "as they are"),
        ("more_augmentation", replace(OPEN, augmentation=MOST_AUGMENTATION), "as much as"),
        ("more_regularisation", replace(OPEN, inherits=False), "without a base"),
        ("more_regularisation", replace(OPEN, moves=False), "does not move"),
        ("more_regularisation", replace(OPEN, pull=MOST_PULL), "as near to the base"),
    ],
)
def test_each_refusal_has_its_reason(action: str, situation: Situation, reason: str) -> None:
    assert reason in refusal(action, situation)


@pytest.mark.parametrize("action", ["stop_keep_best", "ignore"])
def test_what_changes_nothing_is_never_refused(action: str) -> None:
    nothing = Situation(
        thaws=False, has_next=False, can_undo=False, moves=False, inherits=False, varies=False
    )
    assert refusal(action, nothing) == ""
