"""Watch, after the end: the frozen base read at all depths, where that may do as well."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame, picks, text, travel
from tl_core import data
from tl_core.i18n import _
from tl_core.runs import all_depths as beside
from tl_core.runs.state import RunState
from tl_core.watch import all_depths


def panel(run: RunState) -> None:
    """Say that it is worth training too, and draw the way to it; nothing where it is not."""
    said = "" if run.race or run.spec.control_of else all_depths.sentence(run)
    if not said:
        return
    other = beside.found(run)
    if other is None and not data.exists(run.spec.dataset):
        return
    with frame.reading(), st.container(border=True, key="all_depths"):
        st.markdown(f":material/layers: {text.escape(said)}")
        if other is None:
            if st.button(_("Train that too"), key="all_depths.begin"):
                travel.go("compare", picks.query([run.id, beside.start(run.id)]))
        elif st.button(_("Compare the two"), key="all_depths.compare"):
            travel.go("compare", picks.query([run.id, other.id]))
