"""Take it away: the model in a format that needs no Thaw, checked, and the record of its making."""

from __future__ import annotations

import streamlit as st

from pages.ui import commands, frame, jobs, known, taking, text, travel
from pages.ui.place import here
from tl_core.i18n import _
from tl_core.runs import launch, model, store
from tl_core.runs.state import RunState
from tl_core.spec import EXPORTS

POLL_SECONDS = 1.0

frame.require_frame("export")


def choose_run() -> None:
    """Without a run in the address: offer the runs that have a model."""
    runs = [run for run in known.shown_runs() if model.is_final(run)]
    frame.head(question, _("Which run?") if runs else _("Nothing has been trained yet."))
    st.write(_("Here you take a finished model with you, to use it without Thaw."))
    for run in runs[:10]:
        label = text.escape(known.run_title(run))
        travel.link("export", label, {"run": run.id}, icon=":material/download:")
    if not runs:
        travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")


def choose_formats(run: RunState) -> tuple[str, ...]:
    """Draw the formats, each with what it is for; returns those that are wanted."""
    st.subheader(_("The model"), anchor=False)
    wanted = []
    for kind, title in EXPORTS.items():
        with frame.reading():
            if st.checkbox(_(title), value=kind in taking.USUAL, key=f"export.{kind}.{run.id}"):
                wanted.append(kind)
            st.caption(taking.purpose(kind))
    return tuple(wanted)


def panel(run_id: str, formats: tuple[str, ...], was_active: bool) -> None:
    """Draw the job that writes, or the button that begins it, and what it has written."""
    run = store.read_run(run_id)
    job = taking.newest_job(run_id)
    is_active = job is not None and job.is_active
    if was_active != is_active:
        travel.again()
    if job is not None and is_active:
        jobs.show_progress(job, doing=_("Writing the model and checking it"))
        if st.button(_("Stop"), key="export.stop"):
            launch.stop(job.id)
        return
    is_done = job is not None and job.status == "finished"
    kind = "secondary" if is_done else "primary"
    if st.button(_("Write and check"), type=kind, disabled=not formats, key="export.begin"):
        taking.begin(run, formats)
        travel.again()
    elif job is not None and is_done:
        taking.result(run, job)
    elif job is not None:
        jobs.show_end(job)


def record(run: RunState) -> None:
    """Draw the buttons that give the decision record."""
    st.subheader(_("How it came about"), anchor=False)
    with frame.reading():
        st.write(
            _("One page for those who ask later: the data with their checks, the base with its "
              "licence, evidence, advice, curves, decisions, limits, and how to repeat it. It "
              "opens in any browser, without a network.")
        )  # fmt: skip
    with st.container(horizontal=True):
        for ending, label in ((".html", _("Download the page")), (".md", _("As Markdown"))):
            st.download_button(
                label,
                data=taking.record_of(run.id, run.last_seq, ending),
                file_name=f"{run.id}{ending}",
                on_click="ignore",
                icon=":material/description:",
                key=f"export.record{ending}",
            )


def take_away(run: RunState) -> None:
    """Draw what a finished run can be taken away as."""
    frame.head(question, text.escape(known.run_title(run)))
    st.caption(text.escape(taking.about(run)))
    formats = choose_formats(run)
    job = taking.newest_job(run.id)
    is_active = job is not None and job.is_active
    poll = POLL_SECONDS if is_active else None
    travel.poll(frame.bordered(panel), poll, run.id, formats, is_active)
    record(run)
    travel.link("watch", _("Back to the run"), {"run": run.id}, icon=":material/arrow_back:")
    commands.fold("\n".join(taking.told_commands(run, formats)))


question = _("How do you take it with you?")
place = here()
if place.run:
    with frame.border():
        take_away(model.require_final(place.run))
else:
    choose_run()
