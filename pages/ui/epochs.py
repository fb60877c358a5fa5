"""The curves of a run as a table, folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui import text
from tl_core.i18n import _
from tl_core.report import tables
from tl_core.runs.state import RunState

FOLD = "epochs.fold"


def fold(run: RunState) -> None:
    """Draw the numbers of a run once they are unfolded: a table takes a sixth of a drawing."""
    folded = st.expander(_("Details and numbers"), key=FOLD, on_change="rerun")
    if not folded.open:
        return
    with folded:
        if run.epochs:
            table(run.epochs)
        begun = _("Run {id}, begun {when}").format(id=run.id, when=text.when(run.created))
        st.caption(text.escape(begun))


def table(told: Sequence[Mapping[str, Any]]) -> None:
    """Draw the numbers of each epoch, the newest first."""
    st.dataframe(
        tables.epochs(told),
        hide_index=True,
        alt=_("The curves as numbers"),
        column_config={
            name: st.column_config.NumberColumn(format=form)
            for name, form in tables.epoch_formats().items()
        },
    )
