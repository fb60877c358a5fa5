"""The sidebar: the five steps with their answers so far, what is running, and the way elsewhere."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import streamlit as st

from pages.ui import drawing, frame, known, language, pulse, text, travel
from pages.ui.place import Place, here, with_run
from tl_core import catalog, data, wording
from tl_core.errors import InputError
from tl_core.i18n import N_, _
from tl_core.runs import listing, store
from tl_core.runs.state import RunState

POLL_SECONDS = 2.0
_SHOWN = 4

STEPS = {
    "base": N_("Base"),
    "data": N_("Data"),
    "distance": N_("Distance"),
    "plan": N_("Plan"),
    "watch": N_("Watch"),
}
DISTANCES = {"near": N_("near"), "middling": N_("middling"), "far": N_("far")}


def draw() -> None:
    """Draw the sidebar; while something runs it looks again by itself."""
    is_busy = any(run.is_active for run in listing.list_runs())
    travel.poll(frame.bordered(_panel), pulse.every(POLL_SECONDS) if is_busy else None)
    language.switch()


def _panel() -> None:
    """Draw the sidebar for the place that the address names; unknown ids are left out."""
    place = Place()
    with contextlib.suppress(InputError):
        place = here()
    with contextlib.suppress(InputError):
        place = with_run(place)
    if place.data and not data.exists(place.data):
        place = replace(place, data="")
    travel.link("start", _("**Thaw**"), place.params(run=""))
    answers = _answers(place)
    for number, (name, title) in enumerate(STEPS.items(), 1):
        label = f"{number}\u2002{_(title)}"
        if answer := answers.get(name):
            label += f": :small[{text.escape(answer)}]"
        travel.link(name, label, place.params() if name == "watch" else place.params(run=""))
    _others(place)
    st.space("xsmall")
    travel.link("runs", _("Runs"), place.params())
    travel.link("results", _("Results"), place.params())
    travel.link("tryit", _("Try it"), {"run": place.run} if place.run else None)
    travel.link("forecasts", _("Forecasts"), place.params())
    travel.link("learn", _("Learn"))
    st.caption(":material/lock: " + _("Nothing leaves this computer."))


def _answers(place: Place) -> dict[str, str]:
    """Return the answer of each step that has one, in a few words."""
    answers: dict[str, str] = {}
    if place.base:
        with contextlib.suppress(InputError):
            answers["base"] = catalog.find(place.base).title
    if place.data:
        dataset = data.load(place.data)
        answers["data"] = _("{examples}, {classes}").format(
            examples=wording.examples(len(dataset.examples), dataset.modality),
            classes=text.classes(len(dataset.classes)),
        )
        with contextlib.suppress(InputError):
            if found := known.evidence(dataset, place):
                if found.knows_distance:
                    answers["distance"] = _(DISTANCES[found.distance])
                advised = known.advice(dataset, found).recommendation.strategy
                answers["plan"] = text.strategy(advised)
    with contextlib.suppress(InputError):
        if place.run and (run := store.read_run(place.run)).spec.kind == "train":
            answers |= {"plan": text.strategy(run.strategy), "watch": _progress(run)}
        elif place.run and run.spec.kind == "race":
            answers |= {"plan": _("race"), "watch": _progress(run)}
    return answers


def _progress(run: RunState) -> str:
    if run.is_active and (run.standing or {}).get("round"):
        return _("round {n}").format(n=(run.standing or {})["round"])
    if run.is_active and run.epochs:
        return _("epoch {n}").format(n=run.epochs[-1]["epoch"])
    return text.status(run.status)


def _others(place: Place) -> None:
    """Draw the runs in progress elsewhere, each with its validation loss as a tiny curve."""
    running = [run for run in known.shown_runs() if run.is_active]
    for run in [r for r in running if r.id != place.run][:_SHOWN]:
        # No link: on Watch it would look as if this were the run that is shown.
        label = f"{text.escape(known.dataset_name(run.spec.dataset))}: {_progress(run)}"
        if st.button(label, key=f"sidebar.run.{run.id}", type="tertiary"):
            travel.go("watch", {"run": run.id})
        if len(run.epochs) > 1:
            curve = _tiny_curve([epoch["val_loss"] for epoch in run.epochs])
            drawing.draw(curve, key=f"sidebar.curve.{run.id}")


def _tiny_curve(values: list[float]) -> str:
    """Return a curve of positive numbers as a small picture that says nothing on its own."""
    shown = [v for v in values if v is not None]
    low, span = min(shown), (max(shown) - min(shown)) or 1.0
    step = 100 / max(len(shown) - 1, 1)
    points = " ".join(
        f"{i * step:.1f},{18 - 16 * (v - low) / span:.1f}" for i, v in enumerate(shown)
    )
    return (
        '<svg viewBox="0 0 100 20" width="100%" height="20" preserveAspectRatio="none" '
        'aria-hidden="true"><polyline fill="none" stroke="#0072B2" stroke-width="2" '
        f'vector-effect="non-scaling-stroke" points="{points}"/></svg>'
    )
