"""Plan: how much of the base should change?"""

from __future__ import annotations

import streamlit as st

from pages.ui import commands, frame, jobs, known, plans, text, tradeoff, travel
from pages.ui.place import Place, here
from tl_core import data
from tl_core.i18n import _
from tl_core.runs import launch
from tl_core.runs.race import DEFAULT_MINUTES, DEFAULT_STRATEGIES
from tl_core.spec import RunSpec

frame.require_frame("plan")


def plan_panel(place: Place, was_measuring: bool) -> None:
    """Draw the recommendation, or how far the measuring is; training can begin either way."""
    dataset = data.load(place.data)
    found = known.evidence(dataset, place)
    if found is None:
        measuring(place, was_measuring)
        return
    if was_measuring:
        travel.again()
    advice = known.advice(dataset, found)
    frame.head(question, text.escape(advice.answer))
    plans.strip(advice, plans.chosen())
    tradeoff.draw(advice)
    st.caption(text.escape(advice.comparison))
    spec = begin(place)
    st.table(plans.candidates_table(advice), border="horizontal")
    with st.expander(_("Why?"), expanded=True):
        plans.why(advice)
    with st.expander(_("Details and numbers")):
        plans.path(advice)
        st.table(plans.basis_table(advice), border="horizontal")
    commands.fold(commands.train(plans.resolved(spec, advice)))


def measuring(place: Place, was_measuring: bool) -> None:
    """Draw how far the measuring is; whoever knows what to do need not wait for it."""
    job = jobs.ensure_evidence(place)
    if was_measuring and not job.is_active:
        travel.again()
    frame.head(question, _("Thaw decides as soon as it has measured."))
    jobs.show(job, doing=_("Trying the base on your data"))
    jobs.show_first_look(job)
    st.caption(_("You may start now: the run measures first, then follows what it finds."))
    spec = begin(place)
    commands.fold(commands.train(spec))


def begin(place: Place) -> RunSpec:
    """Draw the button that starts the run, beside it the choices; return what it would run."""
    row = st.container(horizontal=True)
    first = row.container(width="content")
    with row.popover(_("Choose differently")):
        spec = plans.form(place)
    if first.button(_("Start training"), type="primary", key="plan.start"):
        run = launch.start(spec)
        travel.go("watch", place.params(run=run))
    told = _("All {n} strategies on the same data, {minutes} minutes together").format(
        n=len(DEFAULT_STRATEGIES), minutes=f"{DEFAULT_MINUTES:g}"
    )
    if row.button(_("Let strategies race"), type="tertiary", help=told, key="plan.race"):
        travel.go("watch", place.params(run=launch.start(plans.race(place))))
    return spec


place = here()
question = _("How much of it should change?")
dataset = known.need_data(
    place, question, _("Here you will see what Thaw recommends for your data, and why.")
)
launch.ensure_warm_worker()
is_measuring = known.evidence(dataset, place) is None and jobs.ensure_evidence(place).is_active
travel.poll(frame.bordered(plan_panel), 1.0 if is_measuring else None, place, is_measuring)
