"""The control arm of a run on Watch: to begin it, the way to it, and what the two together say."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame, text, travel
from pages.ui.place import Place
from tl_core.i18n import _
from tl_core.runs import controls
from tl_core.runs.state import RunState
from tl_core.watch.remedies import BEYOND, LASTING

BUTTON_PX = 330  # so that the reasons beside the buttons stand below one another


def panel(run: RunState) -> None:
    """Draw what is known of a run and its control, or the button that begins one."""
    if run.spec.kind != "train" or run.race:
        return
    other = controls.partner(run)
    if run.control:
        _verdict(run)
    if other is not None:
        _way(run, other)
    elif not run.is_active and run.best and not controls.why_not(run):
        _invite(run)


def offer(run: RunState, action: str, said: str, *, alarm: str) -> None:
    """Draw the button of something that is no action on the run itself, and why it may help."""
    key = f"steer.{alarm}.{action}"
    has_control = action == "train_control" and controls.partner(run) is not None
    if st.button(_(BEYOND[action]), key=key, disabled=has_control, width=BUTTON_PX):
        if action == "train_control":
            begin(run.id)
        else:
            another_base(run)
    st.caption(said)


def begin(run_id: str) -> None:
    """Begin the control of a run; it waits for its turn behind the run itself."""
    controls.start(run_id)
    st.rerun()


def another_base(run: RunState) -> None:
    """Go back to the bases, with the same data."""
    spec = run.spec
    travel.go("base", Place(data=spec.dataset, base=spec.base, size=spec.size).params())


def _verdict(run: RunState) -> None:
    """Say what a paired test made of the two; where the base hurts, what to do."""
    found = run.control or {}
    with frame.reading(), st.container(border=True, key="control.verdict"):
        icon = ":material/warning:" if found["verdict"] == "hurts" else ":material/balance:"
        st.markdown(f"{icon} {text.escape(str(found['text']))}")
        if found["verdict"] == "hurts":
            st.write(_("Take another base, or keep what learned from scratch."))
            if st.button(_("Try another base"), key="control.another_base"):
                another_base(run)


def _way(run: RunState, other: RunState) -> None:
    """Draw the way to the other one of the two."""
    status = text.status(other.status)
    label = (
        _("This is the control of another run ({status}): see that run")
        if run.spec.control_of
        else _("Its control, the same from scratch ({status}): see it")
    ).format(status=status)
    if not run.control and not run.is_active and other.is_active:
        st.caption(_("Once both have ended, a paired test says here whether the base helps."))
    if st.button(label, key="control.open", type="tertiary", icon=":material/compare_arrows:"):
        travel.go("watch", {"run": other.id})


def _invite(run: RunState) -> None:
    """Offer the control; where the evidence was alarming, say that it is worth it."""
    # A control says nothing of forgetting, and what is left at the end is told by itself.
    doubts = LASTING - {"forgetting"}
    alarms = [str(alert["text"]) for alert in run.alerts if alert["kind"] in doubts]
    if alarms:
        st.markdown(f":material/notifications: {text.escape(alarms[0])}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kind = "primary" if alarms else "secondary"
        if st.button(_(BEYOND["train_control"]), type=kind, key="control.begin"):
            begin(run.id)
        st.caption(
            _("The same data, split, seed and limits, but from scratch: a paired test then says "
              "whether what the base brings helps, hurts, or is not proven to do either.")
        )  # fmt: skip
