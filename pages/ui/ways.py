"""The way through the advisor's questions: a tree with the way taken lit, and a table behind it."""

from __future__ import annotations

import streamlit as st

from pages.ui import drawing, text
from tl_core.advisor import Advice, Exit, Step
from tl_core.i18n import _
from tl_core.report.tree import Fork, Twig, tree_alt, tree_html


def tree(advice: Advice) -> None:
    """Draw the questions from top to bottom, with where the other answers would lead."""
    forks = forks_of(advice)
    end = advice.decision_path[-1].answer
    drawing.draw(tree_html(forks, end, alt=tree_alt(forks, end)), key="plan.tree")


def forks_of(advice: Advice) -> tuple[Fork, ...]:
    """Return every question but the last, which is the choice itself."""
    return tuple(_fork(step, advice) for step in advice.decision_path[:-1])


def _fork(step: Step, advice: Advice) -> Fork:
    twigs = tuple(Twig(exit_.answer, _leads(exit_, advice)) for exit_ in step.exits)
    return Fork(step.question, step.answer if step.answer != step.taken else "", step.taken, twigs)


def _leads(exit_: Exit, advice: Advice) -> str:
    """Say where a branch would end, and whether it would still promise an accuracy."""
    now = advice.recommendation
    is_same = exit_.strategy == now.strategy
    if exit_.blocked and not now.blocked:
        words = (
            _("would end the same, but no accuracy could be promised")
            if is_same
            else _("would end at “{strategy}”, and no accuracy could be promised")
        )
    elif now.blocked and not exit_.blocked:
        words = (
            _("would end the same, and an accuracy could be expected")
            if is_same
            else _("would end at “{strategy}”, and an accuracy could be expected")
        )
    else:
        words = _("would end the same") if is_same else _("would end at “{strategy}”")
    return words.format(strategy=text.strategy(exit_.strategy))


def table(advice: Advice) -> None:
    """Draw the same questions as a table."""
    rows = [
        {
            _("Question"): text.escape(step.question),
            _("Measured"): text.escape(step.answer),
            _("Answer"): text.escape(step.taken),
            _("Then stands"): text.strategy(step.strategy) if step.strategy else "–",
        }
        for step in advice.decision_path
    ]
    st.table(rows, border="horizontal")
