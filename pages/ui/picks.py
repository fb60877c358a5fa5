"""The way to Compare: what it is asked for, and one run beside another from Watch."""

from __future__ import annotations

import streamlit as st

from pages.ui import known, text, travel
from tl_core.i18n import _
from tl_core.runs.state import RunState

_OFFERED = 8  # in a popover; more are to be chosen on Runs


def query(run_ids: list[str]) -> dict[str, str]:
    """Return the query of the page that compares these runs."""
    return {"runs": ",".join(run_ids)}


def popover(run: RunState) -> None:
    """Draw a button that opens to the runs that this one can be compared with."""
    others = [one for one in known.training_runs() if one.id != run.id and one.best]
    others.sort(key=lambda one: one.spec.dataset != run.spec.dataset)
    if not others:
        return
    with st.popover(_("Compare with…"), width="content"), st.container(gap="xxsmall"):
        for other in others[:_OFFERED]:
            label = f"{text.escape(known.run_title(other))} :small[{text.when(other.created)}]"
            if st.button(label, key=f"picks.with.{other.id}", type="tertiary"):
                travel.go("compare", query([run.id, other.id]))
