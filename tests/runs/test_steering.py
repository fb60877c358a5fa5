"""What a run can be asked for, as its events tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tl_core.actions import ACTIONS, IGNORED_EPOCHS
from tl_core.errors import InputError
from tl_core.runs import control, steering, store
from tl_core.runs.fold import Fold
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

STAGES = ("stem", "1", "2")


def state(strategy: str = "gradual_unfreezing", status: str = "running", **more: Any) -> RunState:
    spec = RunSpec(kind="train", dataset="d", strategy=strategy)
    return replace(Fold().state("a", spec, status, 0.0), stages=STAGES, **more)


def told(action: str, epoch: int = 3, **more: Any) -> dict[str, Any]:
    return {"what": "action", "id": f"{action}-{epoch}", "action": action, "epoch": epoch,
            "applied": True, "alarm": "", "text": "Done."} | more  # fmt: skip


def possible(run: RunState) -> set[str]:
    return {action for action in ACTIONS if not steering.why_not(run, action)}


ALWAYS = {"stop_keep_best", "ignore"}
THAW = ({"epoch": 2, "stage": "2"},)


@pytest.mark.parametrize(
    ("run", "missing"),
    [
        (state(), {"rollback"}),
        (state("auto"), {"rollback"}),
        (state(thaws=THAW, thawed=("2",)), set()),
        (state(thaws=THAW, thawed=STAGES), {"thaw_next"}),
        (state("full_fine_tune", thaws=THAW, thawed=STAGES), {"thaw_next"}),
        (state("lora"), {"thaw_next", "rollback"}),
        (
            state("from_scratch", thaws=THAW, thawed=STAGES),
            {"thaw_next", "rollback", "more_regularisation"},
        ),
        (state("linear_probe"), set(ACTIONS) - ALWAYS),
    ],
)
def test_what_makes_sense_follows_from_strategy_and_stages(
    run: RunState, missing: set[str]
) -> None:
    assert possible(run) == set(ACTIONS) - missing


def test_after_a_rollback_nothing_thaws_and_nothing_is_undone_twice() -> None:
    back = ({"epoch": 4, "stage": "1", "thawed": ["2"], "kept": 3},)
    run = state(thaws=THAW, thawed=("2",), rollbacks=back)
    assert possible(run).isdisjoint({"rollback", "thaw_next"})


def test_steps_are_counted_as_far_as_they_were_applied() -> None:
    asked = (told("more_augmentation", 1), told("more_augmentation", 2, applied=False))
    assert "more_augmentation" in possible(state(decisions=asked))
    assert "more_augmentation" not in possible(
        state(decisions=(*asked, told("more_augmentation", 3)))
    )


def test_weights_that_were_held_from_the_beginning_can_be_held_one_step_nearer() -> None:
    run = state("full_fine_tune", decisions=(told("more_regularisation"),))
    assert "more_regularisation" in possible(run)
    held = replace(run, spec=replace(run.spec, retention="l2_sp"))
    assert "more_regularisation" not in possible(held)


@pytest.mark.parametrize("status", ["finished", "stopped", "failed", "interrupted", "stopping"])
def test_only_a_run_at_work_can_be_steered(status: str) -> None:
    assert possible(state(status=status)) == set()
    with pytest.raises(InputError, match="not at work"):
        steering.require_possible(state(status=status), "ignore")


def test_other_jobs_cannot_be_steered() -> None:
    run = Fold().state("a", RunSpec(kind="evidence", dataset="d"), "running", 0.0)
    assert "training run" in steering.why_not(run, "ignore")


def test_what_waits_is_what_was_asked_and_not_answered(thaw_home: Any) -> None:
    run_id = store.new_run(RunSpec(kind="train", dataset="d", strategy="lora"))
    first = control.ask(store.run_dir(run_id), "lower_lr")
    second = control.ask(store.run_dir(run_id), "ignore")
    run = store.read_run(run_id)
    assert steering.waiting(run) == (first, second)
    answered = replace(run, decisions=(told("lower_lr") | {"id": first.id},))
    assert steering.waiting(answered) == (second,)


def test_alarms_are_ignored_for_five_epochs_and_by_kind() -> None:
    run = state(decisions=(told("ignore", 3, alarm="plateau"),))
    heard = [epoch for epoch in range(10) if not steering.is_ignored(run, "plateau", epoch)]
    assert heard == [0, 1, 2, 9]
    assert 3 + IGNORED_EPOCHS + 1 == 9
    assert not steering.is_ignored(run, "overfitting", 4)
    everything = state(decisions=(told("ignore", 3),))
    assert steering.is_ignored(everything, "overfitting", 4)
    refused = state(decisions=(told("ignore", 3, applied=False),))
    assert not steering.is_ignored(refused, "overfitting", 4)
