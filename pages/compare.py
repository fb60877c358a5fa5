"""Compare: which run does better? Any runs over one another, live while one of them trains."""

from __future__ import annotations

import shlex

import streamlit as st

from pages.ui import commands, compared, frame, known, picks, recordings, text, travel
from tl_core.i18n import _, ngettext
from tl_core.report.overlay_scale import MOST
from tl_core.runs.state import RunState

POLL_SECONDS = 1.0
CHOICE = "compare.runs"
ID_END = 4  # letters at the end of an id, which are drawn by lot

frame.require_frame("compare")


def choose(shown: list[str]) -> None:
    """Draw the choice of runs; what is chosen goes into the address, which alone is believed."""
    runs = {run.id: run for run in known.training_runs()}
    if not runs:
        st.write(_("Nothing has been trained yet. Here you will see runs over one another."))
        travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")
        recordings.offer(key="compare.recorded")
        return
    st.session_state[CHOICE] = [run_id for run_id in shown if run_id in runs]
    st.multiselect(
        _("Runs to compare"),
        list(runs),
        format_func=lambda run_id: label(runs[run_id]),
        key=CHOICE,
        max_selections=MOST,
        on_change=chosen,
        placeholder=_("Choose two or more"),
    )


def label(run: RunState) -> str:
    """Return what a run is called in the list; Streamlit needs each to be another."""
    parts = (known.run_title(run), text.when(run.created), run.id[-ID_END:])
    return ", ".join(parts)


def chosen() -> None:
    """Put what was chosen into the address."""
    st.query_params.from_dict(st.query_params.to_dict() | picks.query(st.session_state[CHOICE]))


asked = compared.asked()
runs = compared.read(asked)
active = sum(run.is_active for run in runs)
ids = tuple(run.id for run in runs)
travel.poll(
    frame.bordered(compared.panel),
    POLL_SECONDS if active else None,
    ids,
    active,
    news=compared.news,
)
shown = set(ids)
if lost := [one for one in asked if not {run.id for run in compared.read([one])} & shown]:
    words = ngettext(
        "{n} run of the address is not shown: it was deleted, or there are too many.",
        "{n} runs of the address are not shown: they were deleted, or there are too many.",
        len(lost),
    )
    st.caption(words.format(n=len(lost)))
choose(list(ids))
if len(ids) > 1:
    commands.fold(shlex.join(["thaw", "runs", "compare", *ids]))
