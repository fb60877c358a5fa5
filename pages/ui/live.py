"""A run as it goes on: sentence, curves, strip, status, buttons, and at the end the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from pages.ui import (
    all_depths,
    announce,
    commands,
    control,
    curves,
    epochs,
    frame,
    jobs,
    keeping,
    known,
    mixing,
    picks,
    pulse,
    steering,
    strips,
    text,
    travel,
    weighed,
)
from pages.ui.place import Place
from tl_core import data, wording
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.report import charts
from tl_core.report.theme import Figure
from tl_core.report.undone import rollbacks_said, with_rollbacks, with_steering
from tl_core.runs import forecast, launch, model, store
from tl_core.runs.state import RunState
from tl_core.runs.steering import waiting
from tl_core.spec import Accuracy
from tl_core.watch import decisions, ending, foretold, narrate
from tl_core.watch.glance import glance
from tl_core.watch.story import story

PROBE_SECONDS = 60
"""So often it is looked whether the data have been measured meanwhile."""


def panel(run_id: str, was_active: bool) -> None:
    """Draw the run; when it has just ended, run the whole page once more."""
    run = store.read_run(run_id)
    toasts(run)
    if was_active != run.is_active:
        travel.again()
    question = _("Is it going well?") if run.is_active else _("How did it go?")
    said = narrate.narrate(run)
    frame.head(question, text.escape(said))
    announce.politely(said, key=f"watch.said.{run.id}")
    st.set_page_config(page_title=_("{state} · Thaw").format(state=glance(run)))
    if run.error and len(run.error.get("issues") or ()) > 1:
        frame.show_issues([Issue(**issue) for issue in run.error["issues"]])
    if run.epochs:
        charts_of(run)
        steering.alarms(run)
    elif run.is_active:
        jobs.show_progress(run, doing=_("Getting ready"))
    strips.live(run)
    st.caption(text.escape(narrate.status_line(run)))
    mixing.origin(run)
    keeping.panel(run)
    if run.finished and run.best:
        verdict(run)
        all_depths.panel(run)
    buttons(run)
    mixing.section(run)
    control.panel(run)
    folds(run)


def news(run_id: str, _was_active: bool) -> object:
    """Return what is equal as long as there is nothing new to draw."""
    run = store.read_run(run_id)
    return pulse.of_run(run), waiting(run)


def charts_of(run: RunState) -> None:
    """Draw loss and accuracy side by side."""
    told = (run.epochs, run.thaws, run.best)
    compared = reference(run)
    left, right = st.columns(2)
    with left:
        alt = f"{charts.loss_alt(*told, run.actions)} {rollbacks_said(run.rollbacks)}".strip()
        curves.draw(partial(_loss, run), key=f"watch.loss.{run.id}", alt=alt)
    with right:
        alt = charts.accuracy_alt(*told, compared=compared)
        make = partial(_accuracy, run, compared)
        curves.draw(make, key=f"watch.accuracy.{run.id}", alt=alt)


def _loss(run: RunState, *, dark: bool) -> Figure:
    told = (run.epochs, run.thaws, run.best, run.actions)
    figure = charts.loss_figure(*told, steps=batches(run), dark=dark)
    return with_rollbacks(figure, run.rollbacks, dark=dark)


def _accuracy(run: RunState, compared: charts.Reference | None, *, dark: bool) -> Figure:
    told = (run.epochs, run.thaws, run.best)
    figure = charts.accuracy_figure(*told, compared=compared, dark=dark)
    return with_steering(figure, run.actions, run.rollbacks, dark=dark)


def batches(run: RunState) -> list[Mapping[str, Any]]:
    """Return the losses of the batches since the last epoch."""
    last = int(run.epochs[-1]["epoch"])
    return [one for one in (run.progress or {}).get("losses", ()) if one["at"] > last]


def reference(run: RunState) -> charts.Reference | None:
    """Return what to compare with: the probe of the evidence, else what the head alone came to."""
    spec = run.spec
    value = _probe(spec.dataset, spec.revision, spec.base, spec.size)
    if value is None:
        return charts.of_the_head(run.epochs)
    return charts.Reference(value, _("cross-validated before training"))


@st.cache_data(max_entries=16, ttl=PROBE_SECONDS, show_spinner=False)
def _probe(dataset_id: str, revision: int | None, base: str, size: int | None) -> float | None:
    """Return what a linear probe on these data came to when they were measured, if they were."""
    if not data.exists(dataset_id):
        return None
    try:
        place = Place(data=dataset_id, base=base, size=size)
        found = known.evidence(data.load(dataset_id, revision), place)
    except InputError:
        return None
    return found.linear_probe.value if found else None


def toasts(run: RunState) -> None:
    """Say each thaw and each alert once, as it happens; what was there before stays quiet."""
    happened = [_thawed(thaw) for thaw in run.thaws]
    happened += [text.escape(alert["text"]) for alert in run.alerts]
    happened += [
        text.escape(words)
        for decision in run.decisions
        if decision["what"] in ("rung", "action")
        for words in decisions.sentences(decision)
    ]
    key = f"watch.told.{run.id}"
    told = st.session_state.get(key)
    for words in happened if told is not None else ():
        if words not in told:
            st.toast(words)
    st.session_state[key] = happened


def _thawed(thaw: Mapping[str, Any]) -> str:
    """Say which stages have thawed."""
    if thaw["stage"] == "all":
        return _("Epoch {n}: everything has thawed.").format(n=thaw["epoch"])
    stage = text.escape(thaw["stage"])
    if len(thaw.get("thawed") or ()) < 2:
        return _("Epoch {n}: stage {stage} has thawed.").format(n=thaw["epoch"], stage=stage)
    return _("Epoch {n}: stage {stage} and all later ones have thawed.").format(
        n=thaw["epoch"], stage=stage
    )


def verdict(run: RunState) -> None:
    """Draw what the run has come to, in a few numbers."""
    end = run.finished or {}
    best = Accuracy(**run.best["val_accuracy"])
    cells = [(_("On held-out examples"), wording.percent_interval(best))]
    if end.get("test_accuracy"):
        test = Accuracy(**end["test_accuracy"])
        cells.append((_("On test examples, used once"), wording.percent_interval(test)))
    cells.append((_("Took"), wording.duration(run.seconds)))
    for column, (label, value) in zip(st.columns(len(cells)), cells, strict=True):
        column.metric(label, value)
    rungs = [decision for decision in run.decisions if decision["what"] == "rung"]
    if told := story(run, rungs):
        with frame.reading():
            st.write(text.escape(" ".join(told)))
    if learned := ending.what_learned(run):
        st.caption(text.escape(learned))
    foretold_against(run)
    label = _("What did the head start bring?")
    travel.link("benefit", label, {"run": run.id}, icon=":material/rocket_launch:")


def foretold_against(run: RunState) -> None:
    """Say what was expected of the run and what it reached, if anything was foretold."""
    found = forecast.outcome(run)
    if found is None:
        return
    st.write(text.escape(" ".join([foretold.sentence(found), *foretold.remarks(found)])))
    travel.link("forecasts", _("How good have the forecasts been?"), icon=":material/target:")


def buttons(run: RunState) -> None:
    """Draw what one can do with the run now, the most likely first."""
    best = _("Stop and keep the best (epoch {n})").format(n=run.best["epoch"]) if run.best else ""
    with st.container(horizontal=True):
        if run.status == "stopping":
            st.button(_("Stopping at the next batch"), disabled=True, key="watch.stopping")
        elif run.status == "paused":
            _button(_("Go on"), launch.unpause, run, primary=True)
            _button(best or _("Stop"), steering.stop, run)
            if not run.race:
                steering.popover(run)
        elif run.is_active:
            _button(best or _("Stop"), steering.stop, run, primary=True)
            if not run.race:  # who races is paused with all the others
                _button(_("Pause"), launch.pause, run)
                steering.popover(run)
        else:
            if run.status != "finished":
                _button(_("Resume"), launch.resume, run, primary=True)
            results(run)
            again(run)
            if model.is_final(run) and st.button(_("Take it away"), key="watch.export"):
                travel.go("export", {"run": run.id})
        if run.spec.kind == "train" and run.epochs:
            picks.popover(run)
        if model.kept(run) and st.button(_("Try it on something new"), key="watch.tryit"):
            travel.go("tryit", {"run": run.id})


def results(run: RunState) -> None:
    """Draw the button that leads to what a run that has ended gets wrong."""
    if (
        run.finished
        and run.best
        and st.button(_("See what it gets wrong"), type="primary", key="watch.results")
    ):
        travel.go("results", {"run": run.id})


def again(run: RunState) -> None:
    """Draw the button that leads back to the plan, while the data are still there."""
    if not data.exists(run.spec.dataset):
        return
    place = Place(data=run.spec.dataset, base=run.spec.base, size=run.spec.size)
    if st.button(_("Try another plan"), key="watch.again"):
        travel.go("plan", place.params())


def folds(run: RunState) -> None:
    """Draw what is folded away: why, the numbers behind the curves, the command."""
    with st.expander(_("Why?")):
        st.write(
            _("Training loss says how well the network does on examples that it learns from, "
              "validation loss on examples that it never learns from. While both fall, it learns "
              "something general. When training goes on falling and validation rises, it memorises "
              "(overfitting); then the best epoch is behind, and its weights are kept.")
        )  # fmt: skip
        for alert in run.alerts:
            words = _("Epoch {n}: {text}").format(n=alert["epoch"], text=alert["text"])
            st.markdown(f"- {text.escape(words)}")
        if run.plan:
            for reason in run.plan["advice"]["recommendation"]["reasons"]:
                st.markdown(f"- {text.escape(reason['text'])}")
    on_the_way(run)
    weighed.fold(run)
    epochs.fold(run)
    commands.fold(commands.train(run.spec))


def on_the_way(run: RunState) -> None:
    """Draw what was decided on the way, and the pictures as the model sees them."""
    told = [words for d in run.decisions for words in decisions.sentences(d)]
    sheet = store.run_dir(run.id) / "artifacts" / "seen.jpg"
    if not told and not sheet.is_file():
        return
    with st.expander(_("What was decided on the way")):
        for words in told:
            st.markdown(f"- {text.escape(words)}")
        if sheet.is_file():
            st.caption(
                _("Some training pictures as the model sees them: first as they are, then varied "
                  "as they are while it learns (augmentation).")
            )  # fmt: skip
            st.image(
                sheet.read_bytes(), alt=_("Training pictures, each with three variations of it")
            )


def _button(
    label: str, action: Callable[[str], None], run: RunState, *, primary: bool = False
) -> None:
    name = action.__name__
    if st.button(label, type="primary" if primary else "secondary", key=f"watch.{name}"):
        action(run.id)
        st.rerun()
