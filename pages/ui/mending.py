"""Changes to data: made with one press, listed, taken back."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame, text
from tl_core.data import edits, mending, store
from tl_core.data.dataset import Dataset
from tl_core.data.edits import Edit
from tl_core.errors import InputError
from tl_core.i18n import _

_REFUSED = "data.refused"


def apply(dataset_id: str, *changes: Edit) -> None:
    """Make changes and draw the page anew; a refusal is shown by `refusal`, nothing is lost."""
    try:
        for edit in changes:
            store.mend(dataset_id, edit)
    except InputError as error:
        st.session_state[_REFUSED] = error.issues
    st.rerun()


def refusal() -> None:
    """Show why the last change was refused, once."""
    if issues := st.session_state.pop(_REFUSED, None):
        frame.show_issues(issues)


def history(dataset: Dataset) -> None:
    """List what was changed since the import, the latest first, each to be taken back."""
    log = edits.read_log(store.dataset_dir(dataset.id))
    live = edits.in_force(log)
    if not live:
        return
    st.subheader(_("What was changed"), anchor=False)
    st.caption(_("Your files stay as they are; every change can be taken back."))
    for number in sorted(live, reverse=True):
        edit = log[number - 1]
        words = mending.told(edit, dataset.modality)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(f"{number}\\. {text.escape(words)}")
            if st.button(_("Take back"), key=f"data.undo.{number}"):
                apply(dataset.id, Edit("undo", entry=number))
