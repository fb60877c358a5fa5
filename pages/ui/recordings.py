"""Runs that come with Thaw, to see what Watch shows without training anything."""

from __future__ import annotations

import streamlit as st

from pages.ui import travel
from tl_core.i18n import _
from tl_core.runs import recorded


def offer(*, key: str) -> None:
    """Draw the button that opens a recorded run; nothing if none comes with this installation."""
    label = _("Or look at a recorded run first, without training")
    for run_id in recorded.recorded_runs()[:1]:
        if st.button(label, key=key, type="tertiary", icon=":material/play_circle:"):
            travel.go("watch", {"run": recorded.open_recorded(run_id)})
