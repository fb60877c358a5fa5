"""What a run went through is read off its plan and its log."""

from __future__ import annotations

from typing import Any

import pytest

from tl_core.engine.export.stretches import ROLLBACK, THAW_NEXT, applied, stretches
from tl_core.engine.strategies import Phase

PLAN = (
    Phase("head", 4, head_steps=(2, 2, 4, 24)),
    Phase("thaw:7", 5, ("7",), must_pay=True),
    Phase("thaw:6", 4, ("6", "7"), must_pay=True),
)


def epochs(*names: str) -> list[dict[str, Any]]:
    """Return the look before training and an epoch of each phase named."""
    told = [{"kind": "epoch", "epoch": 0, "phase": "before"}]
    return told + [{"kind": "epoch", "epoch": n, "phase": p} for n, p in enumerate(names, 1)]


def action(name: str, phase: str, epoch: int, step: int = 0, **changes: Any) -> dict[str, Any]:
    told = {"kind": "action", "id": f"{phase}-{epoch}", "action": name, "applied": True}
    return {**told, "phase": phase, "epoch": epoch, "step": step, **changes}


def told(*events: dict[str, Any]) -> list[tuple[Any, ...]]:
    found = stretches(PLAN, events)
    return [(one.phase.name, one.numbers, one.cut, one.is_undone) for one in found]


def test_phases_that_end_by_themselves_follow_one_another() -> None:
    assert told(*epochs("head", "head", "thaw:7", "thaw:6")) == [
        ("head", (1, 2), 0, False),
        ("thaw:7", (3,), 0, False),
        ("thaw:6", (4,), 0, False),
    ]
    assert told(*epochs()) == []


def test_an_epoch_that_was_done_twice_counts_once() -> None:
    twice = [*epochs("head", "head", "thaw:7"), {"kind": "epoch", "epoch": 3, "phase": "thaw:7"}]
    assert told(*twice) == [("head", (1, 2), 0, False), ("thaw:7", (3,), 0, False)]


def test_who_goes_on_within_an_epoch_cuts_it() -> None:
    log = [*epochs("head", "thaw:7", "thaw:6"), action(THAW_NEXT, "thaw:7", 2, 3)]
    assert told(*log) == [
        ("head", (1,), 0, False),
        ("thaw:7", (2,), 3, False),
        ("thaw:6", (3,), 0, False),
    ]


@pytest.mark.parametrize("step", [0, 2])
def test_of_a_phase_left_within_its_first_epoch_only_the_batches_are_there(step: int) -> None:
    log = [*epochs("head", "thaw:6"), action(THAW_NEXT, "thaw:7", 1, step)]
    begun = [("thaw:7", (), step, False)] if step else []
    assert told(*log) == [("head", (1,), 0, False), *begun, ("thaw:6", (2,), 0, False)]


def test_a_head_can_be_left_before_it_has_learned() -> None:
    log = [*epochs("thaw:7", "thaw:6"), action(THAW_NEXT, "head", 0)]
    assert told(*log) == [("thaw:7", (1,), 0, False), ("thaw:6", (2,), 0, False)]


def test_after_a_way_back_what_was_cut_short_goes_on_with_what_was_left() -> None:
    log = [
        *epochs("head", "head", "thaw:7", "thaw:6", "thaw:7"),
        action(THAW_NEXT, "thaw:7", 3, 1),
        action(ROLLBACK, "thaw:6", 4, 2),
    ]
    assert told(*log) == [
        ("head", (1, 2), 0, False),
        ("thaw:7", (3,), 1, False),
        ("thaw:6", (4,), 2, True),
        ("thaw:7", (5,), 0, False),
    ]
    again = stretches(PLAN, log)[-1].phase
    assert (again.epochs, again.must_pay) == (4, False)


def test_a_head_that_goes_on_takes_the_steps_that_were_left() -> None:
    log = [
        *epochs("head", "thaw:7", "head"),
        action(THAW_NEXT, "head", 1),
        action(ROLLBACK, "thaw:7", 2),
    ]
    again = stretches(PLAN, log)[-1]
    assert (again.phase.name, again.phase.epochs, again.phase.head_steps) == ("head", 3, (2, 4, 24))
    assert again.numbers == (3,)


@pytest.mark.parametrize(
    "other", [{"applied": False}, {"action": "lower_lr"}, {"action": "ignore"}, {"id": None}]
)
def test_nothing_else_ends_a_phase(other: dict[str, Any]) -> None:
    log = [*epochs("head", "thaw:7"), action(THAW_NEXT, "head", 1, **other)]
    assert told(*log) == [("head", (1,), 0, False), ("thaw:7", (2,), 0, False)]


def test_of_an_action_that_was_told_twice_the_last_counts() -> None:
    log = [action(THAW_NEXT, "head", 1, 1), action(THAW_NEXT, "head", 1, 4)]
    assert [one["step"] for one in applied(log)] == [4]
