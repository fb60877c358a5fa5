"""Runs: everything that was trained on this computer, and what one can do with it."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame, known, recordings, shelf, travel
from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.runs.state import RunState

POLL_SECONDS = 2.0

frame.require_frame("runs")


def runs_panel(active: int) -> None:
    """Draw the runs, newest first; when one ends, run the whole page once more."""
    runs = known.shown_runs()
    if active != sum(run.is_active for run in runs):
        travel.again()
    frame.head(_("What has been trained?"), answer(runs))
    names = known.dataset_names()
    if not runs:
        st.write(_("Here you will find every run with its result, to open, resume or delete."))
        travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")
        recordings.offer(key="runs.recorded")
    found = shelf.controls(runs, names)
    shown = shelf.page_of(found)
    chosen = st.container()  # above the cards, though what is chosen is known only after them
    for run in shown:
        with st.container(border=True):
            shelf.card(run, names)
    with chosen:
        shelf.together(runs)
    if runs and not found:
        st.write(_("No run fits. Use fewer words or tags."))
    shelf.bin_(names)
    travel.link("storage", _("What takes space?"), icon=":material/hard_drive:")


def answer(runs: list[RunState]) -> str:
    """Return the answer of the page in one sentence."""
    active = sum(run.is_active for run in runs)
    if not runs:
        return _("Nothing yet.")
    told = ngettext("{n} run", "{n} runs", len(runs)).format(n=wording.count(len(runs)))
    if not active:
        return _("{runs}; none is going on now.").format(runs=told)
    return ngettext("{runs}; {n} is going on now.", "{runs}; {n} are going on now.", active).format(
        runs=told, n=active
    )


active = sum(run.is_active for run in known.shown_runs())
travel.poll(frame.bordered(runs_panel), POLL_SECONDS if active else None, active)
