"""Whether the model is as sure as it is right: the curve, and what the temperature does to it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import curves, explaining, terms, text
from pages.ui.judged import Judged
from tl_core.analysis import calibration, told
from tl_core.analysis.calibration import Bin
from tl_core.i18n import _
from tl_core.report import reliability as chart


def draw(found: Judged) -> None:
    """Draw the curve with its words; of an earlier run, offer to have it measured."""
    st.subheader(_("Is it as sure as it is right?"), anchor=False)
    if found.fit is None:
        explaining.offer_answers(found)
        return
    for words in told.calibration(found.fit):
        st.write(text.escape(words))
    before, after = _bins(found)
    curves.draw(
        partial(chart.reliability_figure, before, after),
        key=f"results.reliability.{found.run.id}",
        alt=chart.reliability_alt(before),
    )
    st.caption(
        _("On the dashed line it is right as often as it is sure; below it, it is too sure.")
    )
    with st.expander(_("The same as a table"), key="results.reliability.table"):
        table = chart.reliability_table(before, after)
        st.dataframe(table, hide_index=True, alt=_("How often it was right by how sure it was"))
    terms.meanings("calibration_error", "temperature", "log_loss", key="results.reliability")


def _bins(found: Judged) -> tuple[tuple[Bin, ...], tuple[Bin, ...] | None]:
    """Return the bins as trained and, where a temperature is kept, those with it."""
    plain = found.plain
    before = calibration.bins(plain.sure, plain.is_right)
    if found.fit is None or not found.fit.is_kept:
        return before, None
    return before, _after(found.run.id, found.fit.temperature, plain)


@st.cache_data(max_entries=8, show_spinner=False)
def _after(run_id: str, temperature: float, _plain: calibration.Answers) -> tuple[Bin, ...]:
    return calibration.bins_crossed(_plain)
