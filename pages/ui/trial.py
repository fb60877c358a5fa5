"""A short trial thaw before one decides: the button for it, how far it is, and what it showed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.ui import jobs, text
from pages.ui.place import Place
from tl_core import wording
from tl_core.advisor import Advice, trial
from tl_core.i18n import _
from tl_core.report.pilot import pilot_sentence
from tl_core.runs import launch
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec


def request(place: Place) -> RunSpec:
    """Return the request for a trial on the place's data."""
    return replace(jobs.evidence_spec(place), kind="pilot")


def running(place: Place) -> RunState | None:
    """Return the trial that is at work or waits for its turn; None where there is none."""
    found = jobs.find(request(place))
    return found if found and found.is_active else None


def offer(row: Any, place: Place, advice: Advice) -> None:
    """Draw the button that begins a trial, unless one is there already."""
    if advice.evidence.pilot or running(place):
        return
    minutes = trial.limit_minutes(advice.candidates[0].minutes)
    label = _("Try a short thaw first (at most {time})").format(time=wording.duration(60 * minutes))
    told = _("Thaws the upper part of the base for a few epochs on part of your training data, and "
             "compares it with the frozen base on the examples left out. The plan then uses what "
             "it showed.")  # fmt: skip
    if row.button(label, type="tertiary", help=told, key="plan.pilot"):
        launch.start(request(place))
        st.rerun()


def show(place: Place, advice: Advice) -> None:
    """Say what the trial showed, or how far it is, or why nothing came of it."""
    found, job = advice.evidence.pilot, jobs.find(request(place))
    if found:
        st.write(text.escape(pilot_sentence(found, place.modality)))
    elif job and job.is_active:
        jobs.show_progress(job, doing=_("Trying a short thaw"))
        if st.button(_("Stop the trial"), type="tertiary", key="plan.pilot.stop"):
            launch.stop(job.id)
            st.rerun()
    elif job and job.status == "finished":
        st.caption(_("The trial thaw had too little time to show anything."))
    elif job and job.status != "stopped":
        jobs.show_end(job)
