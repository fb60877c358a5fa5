"""The strategies from changing nothing to changing everything, and where advice stands on it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui import drawing, measures, terms, text, tradeoff
from tl_core.advisor import Advice, runner_up
from tl_core.i18n import N_, _
from tl_core.report.spectrum import Mark, Rung, spectrum_svg
from tl_core.spec import STRATEGIES

Marks = Mapping[str, Mark]

_TOLD: dict[Mark, str] = {
    "recommended": N_("Recommended: {strategy}."),
    "chosen": N_("Your choice: {strategy}."),
    "runner_up": N_("Runner-up: {strategy}."),
    "now": N_("On your data as they are: {strategy}."),
}


def draw(advice: Advice, picked: str) -> None:
    """Draw where the recommendation stands, the runner-up, and what was chosen by hand."""
    marks: dict[str, Mark] = {runner_up(advice.candidates[1:]).strategy: "runner_up"}
    if picked in STRATEGIES:
        marks[picked] = "chosen"
    draw_marked(advice, marks, key="plan.spectrum")


def draw_marked(advice: Advice, marks: Marks, *, key: str) -> None:
    """Draw the spectrum with these marks; that of the recommendation wins."""
    marks = {**marks, advice.recommendation.strategy: "recommended"}
    rungs = rungs_of(advice, marks)
    drawing.draw(spectrum_svg(rungs, alt=alt(rungs)), key=key)
    st.caption(
        _("A column is the whole network; what is filled learns."),
        help=terms.told("spectrum", "trained_share"),
    )


def rungs_of(advice: Advice, marks: Marks) -> tuple[Rung, ...]:
    """Return every strategy in the order of the spectrum."""
    shares = {c.strategy: c.trainable_share for c in advice.candidates}
    return tuple(
        Rung(
            strategy=strategy,
            name=_(tradeoff.SHORT[strategy]),
            title=text.strategy(strategy),
            share=shares[strategy],
            said=measures.share_trained(shares[strategy]),
            mark=marks.get(strategy, ""),
            is_anew=strategy == "from_scratch",
        )
        for strategy in STRATEGIES
    )


def alt(rungs: tuple[Rung, ...]) -> str:
    """Return what the spectrum shows, in words."""
    learning = "; ".join(
        _("{strategy} {share}").format(strategy=rung.title, share=rung.said) for rung in rungs
    )
    told = _("From change nothing to change everything, with how much of the network learns: "
             "{list}.").format(list=learning)  # fmt: skip
    marked = [
        _(_TOLD[mark]).format(strategy=rung.title)
        for mark in _TOLD
        for rung in rungs
        if rung.mark == mark
    ]
    return " ".join((told, *marked))
