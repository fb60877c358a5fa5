"""Plan: how much of the base should change?"""

from __future__ import annotations

import streamlit as st

from pages.ui import (
    commands,
    frame,
    jobs,
    known,
    plans,
    spectrum,
    terms,
    text,
    tradeoff,
    travel,
    trial,
    ways,
    whatif,
)
from pages.ui.place import Place, here
from tl_core import data
from tl_core.advisor import Advice
from tl_core.i18n import _
from tl_core.runs import launch
from tl_core.runs.race import DEFAULT_MINUTES, DEFAULT_STRATEGIES
from tl_core.spec import RunSpec

frame.require_frame("plan")


def plan_panel(place: Place, was_measuring: bool, was_trying: bool) -> None:
    """Draw the recommendation, or how far the measuring is; training can begin either way."""
    dataset = data.load(place.data)
    found = known.evidence(dataset, place)
    if found is None:
        measuring(place, was_measuring)
        return
    if was_measuring or (was_trying and not trial.running(place)):
        travel.again()
    advice = known.advice(dataset, found)
    told = terms.told("expected_accuracy", "minutes")
    frame.head(question, text.escape(advice.answer), told=told)
    spectrum.draw(advice, plans.chosen())
    plans.strip(advice, plans.chosen())
    tradeoff.draw(advice)
    plans.compared(advice)
    trial.show(place, advice)
    spec = begin(place, advice)
    st.table(plans.candidates_table(advice), border="horizontal")
    terms.meanings("expected_accuracy", "minutes", "trained_share", "spectrum", key="candidates")
    with st.expander(_("What if?")):
        whatif.draw(place, known.facts(dataset), found)
    folds(advice)
    commands.fold(commands.train(plans.resolved(spec, advice)))


def folds(advice: Advice) -> None:
    """Draw the reasons, the way to them, and the numbers behind them."""
    with st.expander(_("Why?"), expanded=True):
        plans.why(advice)
        terms.meanings(*plans.QUOTED, key="why")
    with st.expander(_("The way to this advice"), expanded=True):
        ways.tree(advice)
    with st.expander(_("Details and numbers")):
        ways.table(advice)
        terms.meanings("examples", "distance", *plans.QUOTED, "then_stands", key="path")
        st.table(plans.basis_table(advice), border="horizontal")
        terms.meanings("trained_parameters", "known", key="basis")


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


def begin(place: Place, advice: Advice | None = None) -> RunSpec:
    """Draw the button that starts the run, beside it the choices; return what it would run.

    With advice there is something that a trial may add to.
    """
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
    if advice:
        trial.offer(row, place, advice)
    return spec


place = here()
question = _("How much of it should change?")
dataset = known.need_data(
    place, question, _("Here you will see what Thaw recommends for your data, and why.")
)
launch.ensure_warm_worker()
is_measuring = known.evidence(dataset, place) is None and jobs.ensure_evidence(place).is_active
is_trying = not is_measuring and trial.running(place) is not None
pace = 1.0 if is_measuring or is_trying else None
travel.poll(frame.bordered(plan_panel), pace, place, is_measuring, is_trying)
