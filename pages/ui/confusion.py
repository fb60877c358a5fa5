"""Which class was taken for which: the matrix, its cells to be chosen, and the table behind it."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from pages.ui import curves, examples, looks, terms, text
from pages.ui.judged import Judged
from tl_core import wording
from tl_core.analysis import mistakes, told
from tl_core.analysis.answers import Answers
from tl_core.i18n import _
from tl_core.report import confusion as chart
from tl_core.report import tables

MOST_PAIRS = 5
_LABEL, _GIVEN = "results.label", "results.given"
_EVERY = -1


def draw(found: Judged, answers: Answers) -> None:
    """Draw the matrix, the pairs in words, and the examples of the cell that was chosen."""
    counts, classes = mistakes.matrix(answers), answers.classes
    for pair in mistakes.mixed_up(answers)[:MOST_PAIRS]:
        st.markdown(f"- {text.escape(told.pair(pair, classes))}")
    shares = _shares()
    clicked = curves.draw(
        partial(chart.confusion_figure, counts, classes, shares=shares),
        key=f"results.confusion.{found.run.id}.{answers.part}",
        alt=chart.confusion_alt(counts, classes),
        clicks=True,
    )
    if len(classes) > chart.MOST_CLASSES:
        text_ = _("The {n} classes with most mistakes; the table below has all.")
        st.caption(text_.format(n=chart.MOST_CLASSES))
    if (cell := _cell_of(clicked, len(classes))) is not None:
        st.session_state[_LABEL], st.session_state[_GIVEN] = cell
    _chosen(found, answers)
    with st.expander(_("The same as a table")):
        table = chart.confusion_table(counts, classes, shares=shares)
        st.dataframe(table, hide_index=True, alt=_("Which class was taken for which"))
    by_class(answers)


def _shares() -> bool:
    """Ask whether cells tell counts or shares."""
    ways = {"counts": _("Counts"), "shares": _("Per cent of each class")}
    chosen = st.segmented_control(
        _("What the cells tell"),
        list(ways),
        format_func=ways.__getitem__,
        default="counts",
        key="results.cells",
        label_visibility="collapsed",
    )
    return chosen == "shares"


def _cell_of(clicked: Any, count: int) -> tuple[int, int] | None:
    """Return the cell that the browser says was clicked, if it is one."""
    if not isinstance(clicked, (list, tuple)) or len(clicked) != 2:
        return None
    label, given = clicked
    if not all(isinstance(n, int) and 0 <= n < count for n in (label, given)):
        return None
    return label, given


def _chosen(found: Judged, answers: Answers) -> None:
    """Draw two lists that say the same as a click on a cell, and the examples of that cell."""
    names = {_EVERY: _("any class"), **dict(enumerate(answers.classes))}
    for key in (_LABEL, _GIVEN):
        if st.session_state.get(key) not in names:
            st.session_state[key] = _EVERY
    st.caption(_("Choose a cell above, or its two classes here, to see what is in it."))
    left, right = st.columns(2)
    label = left.selectbox(_("Labelled"), list(names), format_func=names.__getitem__, key=_LABEL)
    given = right.selectbox(_("Taken for"), list(names), format_func=names.__getitem__, key=_GIVEN)
    if label == given == _EVERY:
        return
    every = {_EVERY: None}
    places = mistakes.cell(answers, every.get(label, label), every.get(given, given))
    said = _("{examples}, the surest first:") if places else _("Nothing is there.")
    st.write(said.format(examples=wording.examples(len(places), found.modality)))
    examples.draw(found, answers, places, key=f"cell.{answers.part}.{label}.{given}")
    kept = found.looks()
    rows = [int(answers.rows[place]) for place in places[: examples.SHOWN]]
    new = [row for row in rows if kept is None or kept.of(row) is None]
    if new:
        words = _("Show where it looks in these")
        looks.offer(found, new, label=words, key="results.looks.cell")


def by_class(answers: Answers) -> None:
    """Draw how each class fares, with intervals."""
    st.subheader(_("Class by class"), anchor=False)
    scores = mistakes.by_class(answers)
    st.dataframe(tables.class_scores(scores), hide_index=True, alt=_("How each class fares"))
    terms.meanings("recall", "precision", key="results.classes")
    few = [s.name for s in scores if s.labelled < told.FEW_IN_CLASS]
    if few:
        text_ = _("Little can be said about: {names}. Fewer than {n} of each were held out.")
        st.caption(text.escape(text_.format(names=", ".join(few), n=told.FEW_IN_CLASS)))
