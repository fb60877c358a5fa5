"""Recorded runs of a flight as the pages of a run read them, at any of their epochs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.ui import curves, live, strips, text
from tl_core.i18n import _
from tl_core.lessons.legs import Leg, until
from tl_core.report import marks
from tl_core.report.marks import Fields
from tl_core.report.overlay import overlay_figure
from tl_core.report.overlay_scale import LETTERS, Curve, View
from tl_core.report.overlay_words import overlay_alt
from tl_core.report.theme import Figure, theme
from tl_core.runs.events import FORMAT_VERSION
from tl_core.runs.fold import Fold
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec
from tl_core.watch import forgetting, narrate


def state_of(leg: Leg, epoch: int) -> RunState:
    """Return what was known of a recorded run right after an epoch."""
    told = until(leg, epoch)
    cell = leg.settings["cell"]
    spec = RunSpec(
        "train",
        "flight",  # no dataset of anybody
        base=cell["base"],
        strategy=cell["strategy"],
        size=cell["size"],
        seed=cell["seed"],
        epochs=leg.settings["epochs"],
        patience=cell["patience"],
    )
    envelope = {"v": FORMAT_VERSION, "t": 0.0, "attempt": 1}
    fold = Fold.of({**envelope, "seq": place, **event} for place, event in enumerate(told, 1))
    return fold.state(leg.settings["flight"], spec, fold.life or "running", 0.0)


def draw(leg: Leg, epoch: int) -> None:
    """Draw a run as Watch does, without what Watch says of it."""
    run = state_of(leg, epoch)
    live.charts_of(run)
    strips.live(run)
    parts = [narrate.status_line(run)]
    if (left := forgetting.left(run.epochs[-1].get("retention"))) is not None:
        told = _("the base's own classifier still gives {share} of its old answers")
        parts.append(told.format(share=forgetting.share(left)))
    st.caption(text.escape(" · ".join(parts)))


def draw_beside(legs: Sequence[Leg], names: Sequence[str], epoch: int, *, key: str) -> None:
    """Draw runs over one another, loss and accuracy side by side, and say which is which.

    What people did is marked as in the last of them.
    """
    runs = [state_of(leg, epoch) for leg in legs]
    told = [
        Curve(leg.name, letter, name, run.epochs, run.best, epoch < leg.last)
        for leg, run, letter, name in zip(legs, runs, LETTERS, names, strict=False)
    ]
    actions = runs[-1].actions
    for column, measure in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        view = View(measure=measure, shown="validation" if measure == "accuracy" else "both")
        with column:
            alt = " ".join([overlay_alt(told, view), *marks.actions_said(actions)])
            curves.draw(partial(_beside, told, view, actions), key=f"{key}.{measure}", alt=alt)
    lines = [f"**{curve.letter}**\u2002{text.escape(curve.name)}" for curve in told]
    st.markdown("  \n".join(lines))


def _beside(told: Sequence[Curve], view: View, actions: Sequence[Fields], *, dark: bool) -> Figure:
    """Return runs over one another, with a line where something was done."""
    figure = overlay_figure(told, view, dark=dark)
    figure["layout"].setdefault("shapes", [])
    return marks.with_actions(figure, actions, theme(dark=dark))


def narrated(leg: Leg, epoch: int) -> str:
    """Return what the narrator of Watch said of a run right after an epoch."""
    return narrate.narrate(state_of(leg, epoch))
