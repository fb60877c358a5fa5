"""Steering a run at work: alarms with what fits them, and all that can be asked for now."""

from __future__ import annotations

import streamlit as st

from pages.ui import control, text
from tl_core.actions import ACTIONS, EFFECTS, Asked
from tl_core.i18n import _
from tl_core.runs import controls, launch, steering, store
from tl_core.runs.state import RunState
from tl_core.watch import remedies


def alarms(run: RunState) -> None:
    """Draw each alarm that stands, with the actions that fit it and why; who races has none."""
    if run.race or run.status not in ("running", "paused"):
        return
    waits = steering.waiting(run)
    last = int(run.epochs[-1]["epoch"]) if run.epochs else 0
    found = remedies.standing(
        run.alerts, run.best, is_ignored=lambda kind: steering.is_ignored(run, kind, last)
    )
    for alert in found:
        kind = str(alert["kind"])
        with st.container(border=True, key=f"steer.alarm.{kind}"):
            st.markdown(f":material/notifications: {text.escape(alert['text'])}")
            for remedy in remedies.remedies(kind):
                _remedy(run, waits, remedy, alarm=kind)
    if found:
        _say(waits)


def stop(run_id: str) -> None:
    """Stop a run and keep its best: as an action where it can be steered, so that it is drawn."""
    run = store.read_run(run_id)
    if run.best and not run.race and not steering.why_not(run, "stop_keep_best"):
        launch.act(run_id, "stop_keep_best")
    else:
        launch.stop(run_id)


def _remedy(
    run: RunState, waits: tuple[Asked, ...], remedy: remedies.Remedy, *, alarm: str
) -> None:
    """Draw what may help, with the reason; nothing where it makes no sense for the run."""
    is_beyond = remedy.action in remedies.BEYOND
    reason = controls.why_not(run) if is_beyond else steering.why_not(run, remedy.action)
    if reason:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_beyond:
            control.offer(run, remedy.action, remedy.reason, alarm=alarm)
        else:
            _offer(run, waits, remedy.action, remedy.reason, alarm=alarm)


def popover(run: RunState) -> None:
    """Draw a button that opens to all that the run can be asked for now, with what it does."""
    with st.popover(_("Steer this run"), width="content"):
        waits = steering.waiting(run)
        for action in ACTIONS:
            if not steering.why_not(run, action):
                with st.container(gap="xxsmall"):
                    _offer(run, waits, action, _(EFFECTS[action]))
        _say(waits)


def _offer(
    run: RunState, waits: tuple[Asked, ...], action: str, said: str, *, alarm: str = ""
) -> None:
    """Draw the button of an action and one sentence about it."""
    meant = alarm if action == "ignore" else ""
    is_asked = any((one.action, one.alarm) == (action, meant) for one in waits)
    key = f"steer.{alarm or 'any'}.{action}"
    if st.button(_(ACTIONS[action]), key=key, disabled=is_asked, width=control.BUTTON_PX):
        launch.act(run.id, action, alarm=meant)
        st.rerun()
    st.caption(said)


def _say(waits: tuple[Asked, ...]) -> None:
    """Say what was asked for and has not happened yet."""
    if waits:
        words = _("Asked for: {actions}. It happens at the next batch.")
        st.caption(words.format(actions=", ".join(_(ACTIONS[one.action]) for one in waits)))
