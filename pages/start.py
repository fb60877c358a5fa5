"""Start: what do you want to teach? Data come in here; below stands what was begun before."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.ui import doors, frame, jobs, known, recordings, text, travel
from pages.ui.place import here
from tl_core import data, wording
from tl_core.data import collection
from tl_core.i18n import _
from tl_core.runs import launch, store
from tl_core.runs.state import RunState

RECENT = 5

frame.require_frame("start")


def importing(run: RunState) -> None:
    """Show an import, and go on to Base when it is done."""
    if run.status == "finished" and run.finished:
        travel.go("base", replace(here(), data=run.finished["dataset"], run="").params())
    answers = {
        "failed": _("These data cannot be used as they are."),
        "stopped": _("The reading was stopped; nothing was kept."),
        "interrupted": _("The reading was interrupted."),
    }
    answer = answers.get(run.status, _("Your data are being read."))
    frame.head(_("What do you want to teach?"), answer)
    poll = 0.5 if run.is_active else None
    travel.poll(frame.bordered(import_panel), poll, run.id, run.is_active)


def import_panel(run_id: str, was_active: bool) -> None:
    """Draw how far the import is."""
    run = store.read_run(run_id)
    if was_active and not run.is_active:
        travel.again()
    st.markdown(text.escape(known.run_title(run)))
    if run.is_active:
        jobs.show_progress(run, doing=_("Reading your data"))
        st.caption(_("It goes on if you close this page. The address above leads back here."))
        if st.button(_("Stop reading"), key="start.stop"):
            launch.stop(run_id)
            st.rerun()
        return
    if run.status == "interrupted":
        if st.button(_("Go on reading"), type="primary", key="start.resume"):
            launch.resume(run_id)
            st.rerun()
    else:
        jobs.show_end(run)
    if collection.exists(own := collection.id_of(run.spec.source)):
        travel.link("cards", _("Go back to the cards"), {"cards": own}, icon=":material/edit:")
    travel.link("start", _("Choose other data"), icon=":material/arrow_back:")


def recent() -> None:
    """List what was begun before: datasets to go on with, and runs."""
    datasets = sorted(data.list_datasets(), key=lambda d: -d.created)[:RECENT]
    runs = known.shown_runs()[:RECENT]
    left, right = st.columns(2)
    if datasets:
        left.subheader(_("Go on with"), anchor=False)
        with left:
            for one in datasets:
                label = _("{name}: {examples}, {classes}").format(
                    name=text.escape(one.name),
                    examples=wording.examples(one.n, one.modality),
                    classes=text.classes(one.classes),
                )
                travel.link("base", label, {"data": one.id})
    if runs:
        right.subheader(_("Recent runs"), anchor=False)
        with right:
            for run in runs:
                label = f"{text.escape(known.run_title(run))}: {text.status(run.status)}"
                travel.link("watch", label, {"run": run.id})


if "start.warmed" not in st.session_state:
    st.session_state["start.warmed"] = True
    launch.ensure_warm_worker()
place = here()
job = store.read_run(place.run) if place.run else None
if job is not None and job.spec.kind == "import":
    importing(job)
else:
    frame.head(
        _("What do you want to teach?"),
        _("Bring pictures in folders, one for each thing to tell apart, or a table that names "
          "pictures or holds texts."),
    )  # fmt: skip
    doors.draw()
    recordings.offer(key="start.recorded")
    recent()
