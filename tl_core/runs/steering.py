"""Which actions a run can be asked for now, which wait for their batch, which alarms are ignored.

All of it as far as events tell; whether an action makes sense the engine has the last word on.
"""

from __future__ import annotations

from tl_core.actions import IGNORED_EPOCHS, Asked, Situation, refusal
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import control, store
from tl_core.runs.state import RunState

HEAD_ONLY = frozenset({"linear_probe", "multi_stage_probe"})
_STEERED = frozenset({"queued", "running", "paused"})


def situation(state: RunState) -> Situation:
    """Return what decides which actions make sense for a run; what is unknown yet is allowed."""
    done = [told["action"] for told in state.actions if told.get("applied")]
    inherits = state.strategy != "from_scratch"
    held = state.spec.retention == "l2_sp" and state.strategy == "full_fine_tune"
    back_to = set(state.rollbacks[-1].get("thawed") or ()) if state.rollbacks else None
    return Situation(
        thaws=state.strategy in ("gradual_unfreezing", "auto"),
        has_next=not state.rollbacks
        and (not state.stages or set(state.thawed) < set(state.stages)),
        can_undo=inherits and bool(state.thaws and state.thawed) and set(state.thawed) != back_to,
        moves=state.strategy not in HEAD_ONLY,
        inherits=inherits,
        augmentation=done.count("more_augmentation"),
        pull=done.count("more_regularisation") + held,
    )


def why_not(state: RunState, action: str) -> str:
    """Return why a run cannot be asked for an action now, in one sentence; empty if it can."""
    if state.spec.kind != "train":
        return _("Only a training run can be steered.")
    if state.status not in _STEERED:
        return _("The run {id} is not at work.").format(id=state.id)
    return refusal(action, situation(state))


def require_possible(state: RunState, action: str) -> None:
    """Raise InputError where a run cannot be asked for an action now."""
    if reason := why_not(state, action):
        fix = _("See what it is doing with: thaw runs show {id}").format(id=state.id)
        raise InputError([Issue("action", reason, fix)])


def waiting(state: RunState) -> tuple[Asked, ...]:
    """Return what was asked of a run and has not been answered yet."""
    answered = {told["id"] for told in state.actions}
    asked = control.read_actions(store.run_dir(state.id))
    return tuple(one for one in asked if one.id not in answered)


def is_ignored(state: RunState, alarm: str, epoch: int) -> bool:
    """Tell whether somebody asked, at most five epochs before, to ignore alarms of a kind.

    Args:
        state: the run.
        alarm: the kind of alarm.
        epoch: the epoch at which it would be raised.
    """
    return any(
        told["action"] == "ignore"
        and told.get("applied")
        and told.get("alarm") in ("", None, alarm)
        and told["epoch"] <= epoch <= told["epoch"] + IGNORED_EPOCHS
        for told in state.actions
    )
