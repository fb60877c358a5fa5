"""What is left of the base while its weights move: the curve, the drift by stage, what it means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from pages.ui import curves, frame, strips, terms, text
from tl_core.i18n import _
from tl_core.report import forgetting as report
from tl_core.report.theme import Figure
from tl_core.report.undone import rollbacks_said, with_steering
from tl_core.runs.state import RunState
from tl_core.watch import forgetting

MOVES = ("gradual_unfreezing", "lora", "full_fine_tune")
"""Strategies that change what the base knows; the others leave it as it was."""
NUMBERS = "keeping.numbers"


def panel(run: RunState) -> None:
    """Draw how much of the base is left; nothing for a run that leaves its base as it is."""
    told = [epoch for epoch in run.epochs if epoch.get("retention")]
    if run.strategy not in MOVES or not told:
        return
    # At the end the best epoch is put back: what was undone on the way is not lost.
    now = (run.finished or {}).get("retention") or told[-1]["retention"]
    with frame.reading():
        heading = _("What is left of the base")
        st.markdown(f"**{heading}**")
        st.write(text.escape(sentence(now)))
    left, right = st.columns(2)
    with left:
        st.caption(_("How like its old features each stage's are now (feature drift)"))
        strips.drifted(now["drift"], strips.thawed_of(run))
        terms.meanings("retention", "drift", key="keeping")
        numbers = st.expander(_("What is left, as numbers"), key=NUMBERS, on_change="rerun")
        if numbers.open:
            numbers.dataframe(
                report.retention_table(told),
                hide_index=True,
                alt=_("Old answers left and likeness of each stage, by epoch"),
            )
    with right:
        if report.retained(told) or report.retained(told, on_source=True):
            alt = f"{report.retention_alt(told)} {rollbacks_said(run.rollbacks)}".strip()
            curves.draw(partial(_figure, run), key=f"watch.left.{run.id}", alt=alt)


def _figure(run: RunState, *, dark: bool) -> Figure:
    figure = report.retention_figure(run.epochs, run.thaws, dark=dark)
    return with_steering(figure, run.actions, run.rollbacks, dark=dark)


def sentence(told: Mapping[str, Any]) -> str:
    """Say how much is left now, and whether one need mind."""
    now = forgetting.left(told)
    if now is None:
        return _("This base has no classifier of its own whose answers could be compared; how far "
                 "each stage has moved is shown below. It matters only if the model must still do "
                 "its old work.")  # fmt: skip
    words = (
        _("On {n} examples of its own kind the base still gives {share} of its old answers. "
          "Whatever it loses matters only if the model must still do its old work.")
        if now.on_source
        else _("Put back on the network as it is now, the base's own classifier still gives "
               "{share} of the answers that it gave on {n} of your examples. Whatever it loses "
               "matters only if the model must still do its old work.")
    )  # fmt: skip
    return words.format(n=now.n, share=forgetting.share(now))
