"""Runs: everything that was trained on this computer, and what one can do with it."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame, known, recordings, text, travel
from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.runs import launch, store
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy

PER_PAGE = 10
POLL_SECONDS = 2.0

frame.require_frame("runs")


def runs_panel(active: int) -> None:
    """Draw the runs, newest first; when one ends, run the whole page once more."""
    runs = known.shown_runs()
    if active != sum(run.is_active for run in runs):
        travel.again()
    frame.head(_("What has been trained?"), answer(runs))
    if not runs:
        st.write(_("Here you will find every run with its result, to open, resume or delete."))
        travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")
        recordings.offer(key="runs.recorded")
        return
    pages = -(-len(runs) // PER_PAGE)
    shown = st.pagination(pages, key="runs.page") if pages > 1 else 1
    for run in runs[(shown - 1) * PER_PAGE : shown * PER_PAGE]:
        with st.container(border=True):
            row(run)


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


def row(run: RunState) -> None:
    """Draw one run: what it is, how it did, and its buttons."""
    st.markdown(f"**{text.escape(known.run_title(run))}**")
    parts = [text.status(run.status), text.when(run.created)]
    if verdict := (run.finished or {}).get("verdict"):
        parts.append(verdict.partition(". ")[0].rstrip("."))
    elif run.best:
        best = wording.percent_interval(Accuracy(**run.best["val_accuracy"]))
        parts.append(_("best {accuracy} at epoch {n}").format(accuracy=best, n=run.best["epoch"]))
    if run.seconds:
        parts.append(wording.duration(run.seconds))
    if run.error:
        parts.append(run.error["message"])
    st.caption(text.escape(" · ".join(parts)))
    with st.container(horizontal=True):
        if st.button(_("Open"), key=f"runs.open.{run.id}"):
            travel.go("watch", {"run": run.id})
        if run.is_active:
            if run.status != "stopping" and st.button(_("Stop"), key=f"runs.stop.{run.id}"):
                launch.stop(run.id)
                st.rerun()
            return
        if (
            run.status != "finished"
            and run.spec.kind
            and st.button(_("Resume"), key=f"runs.resume.{run.id}")
        ):
            launch.resume(run.id)
            travel.go("watch", {"run": run.id})
        with st.popover(_("Delete")):
            if run.spec.kind == "race":
                st.write(_("This deletes the race. Its runs stay, each on its own."))
            else:
                st.write(_("This deletes the run with its curves and its weights. Its data stay."))
            if st.button(_("Delete for good"), key=f"runs.delete.{run.id}"):
                store.delete_run(run.id)
                st.rerun()


active = sum(run.is_active for run in known.shown_runs())
travel.poll(frame.bordered(runs_panel), POLL_SECONDS if active else None, active)
