"""Try it: what does a run's model say about something new?"""

from __future__ import annotations

import streamlit as st

from pages.ui import answers, bringing, frame, known, terms, text, travel
from pages.ui.place import here
from tl_core import data
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.runs import asking, model, store
from tl_core.runs.state import RunState

CHOICES = 10

frame.require_frame("tryit")
QUESTION = _("What does it say about this one?")


def choose() -> None:
    """Without a run in the address: offer those that have a model."""
    runs = [run for run in known.shown_runs() if model.kept(run)][:CHOICES]
    frame.head(QUESTION, _("Which model?") if runs else _("There is no model to ask yet."))
    st.write(_("Here you will ask a model about something that it has never seen."))
    for run in runs:
        label = f"{text.escape(known.run_title(run))}: {text.status(run.status)}"
        travel.link("tryit", label, {"run": run.id}, icon=":material/quick_reference:")
    if not runs:
        travel.link("start", _("Bring data or take a sample"), icon=":material/arrow_back:")


def competitors(race: RunState) -> None:
    """Of a race: offer the runs that compete in it, which have the models."""
    frame.head(QUESTION, _("Which of its models?"))
    for run in store.competitors(race):
        if model.kept(run):
            label = text.strategy(run.strategy)
            travel.link("tryit", label, {"run": run.id}, icon=":material/quick_reference:")
    travel.link("watch", _("Back to the race"), {"run": race.id}, icon=":material/arrow_back:")


def lacking(run: RunState) -> None:
    """Of a run without a model: say how it comes to one."""
    frame.head(QUESTION, _("There is no model to ask yet."))
    try:
        model.require_kept(run.id)
    except InputError as error:
        frame.show_issues(error.issues)
    travel.link("watch", _("Back to the run"), {"run": run.id}, icon=":material/arrow_back:")


def ask(run: RunState, dataset: Dataset) -> None:
    """Draw what was said last, and the ways to ask about something else."""
    top = st.container()
    if given := bringing.something(f"tryit.{run.id}", dataset.modality):
        answers.ask(run, dataset.modality, given)
        bringing.taken(f"tryit.{run.id}")
        st.rerun()
    shown = answers.last(run.id)
    with top:
        frame.head(QUESTION, text.escape(said(shown, dataset.modality)))
        st.caption(text.escape(who(run, shown)))
    frame.show_issues(shown.issues)
    if shown.answers:
        answers.draw(run, shown, dataset)
        terms.meanings("confidence", "unlike_training", key="tryit")
    if model.is_final(run):
        travel.link("export", _("Take it away"), {"run": run.id}, icon=":material/download:")
    travel.link("watch", _("Back to the run"), {"run": run.id}, icon=":material/arrow_back:")


def said(shown: answers.Shown, modality: str) -> str:
    """Return the answer of the page in one sentence; holds untrusted text."""
    if shown.answers:
        return answers.headline(shown, modality)
    return {
        "picture": _("Bring a picture that it has never seen."),
        "text": _("Write a text that it has never seen."),
    }[modality]


def who(run: RunState, shown: answers.Shown) -> str:
    """Return which model answers, and that nothing is kept; holds untrusted text."""
    parts = [known.run_title(run)]
    if shown.epoch is not None:
        parts.append(_("answered by the best so far, epoch {n}").format(n=shown.epoch))
    elif run.is_active:
        parts.append(_("the run goes on; its best so far answers"))
    if not asking.is_ready(run.id):
        parts.append(_("the model is being loaded; the first answer takes some seconds"))
    parts.append(_("what you bring is deleted once it is answered"))
    return " · ".join(parts)


place = here()
if not place.run:
    choose()
else:
    run = store.read_run(place.run)
    if run.spec.kind == "race":
        competitors(run)
    elif model.kept(run) is None:
        lacking(run)
    else:
        asking.ensure(run.id)
        ask(run, data.load(run.spec.dataset, run.spec.revision))
