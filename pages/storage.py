"""Storage: what takes space on this computer, and what can be removed without a loss."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui import frame, known, text, travel
from tl_core import wording
from tl_core.i18n import N_, _
from tl_core.runs import listing, storage, trash
from tl_core.runs.storage import WAYS, Item, Storage

frame.require_frame("storage")

KINDS = {
    "run": N_("Runs"),
    "dataset": N_("Datasets"),
    "cache": N_("Caches"),
    "trash": N_("Trash"),
    "upload": N_("Uploads not imported yet"),
    "leftover": N_("Half made"),
    "other": N_("Everything else"),
}
SHOWN = 200
"""Rows of the table; what is smaller hardly matters."""


def answer(found: Storage) -> str:
    """Return the answer of the page in one sentence."""
    removable = sum(found.removable(way) for way in WAYS)
    used = wording.file_size(found.bytes)
    if not removable:
        return _("{used}; nothing of it can be removed without a loss.").format(used=used)
    return _("{used}, of which {removable} can be removed without a loss.").format(
        used=used, removable=wording.file_size(removable)
    )


def by_kind(found: Storage) -> None:
    """Draw how much each kind takes, with a bar for its share."""
    for kind, title in KINDS.items():
        size = sum(item.bytes for item in found.of(kind))
        if size:
            words = _("{what}: {size}").format(what=_(title), size=wording.file_size(size))
            st.progress(size / max(1, found.bytes), text.escape(words))
    st.caption(_("{size} are free on this disk.").format(size=wording.file_size(found.free)))


def ways(found: Storage) -> None:
    """Draw each way of cleaning up with what it would free."""
    st.subheader(_("What can be removed without a loss"), anchor=False)
    for way, meaning in WAYS.items():
        size = found.removable(way)
        with st.container(gap="xsmall"):
            st.markdown(text.escape(_(meaning)))
            label = _("Free {size}").format(size=wording.file_size(size))
            if st.button(label, key=f"storage.{way}", disabled=not size):
                st.session_state["storage.done"] = storage.clean([way])
                st.rerun()
    if found.busy:
        st.caption(_("A job is going on: the caches stay until it has ended."))
    st.caption(
        _("The trash empties itself of what was deleted more than {n} days ago.").format(
            n=trash.KEPT_DAYS
        )
    )


def done() -> None:
    """Say once what cleaning up has come to."""
    cleaned = st.session_state.pop("storage.done", None)
    if cleaned is None:
        return
    size = wording.file_size(sum(cleaned.freed.values()))
    st.success(_("{size} freed.").format(size=size))
    for words in cleaned.kept:
        st.write(text.escape(words))


def table(found: Storage) -> None:
    """Draw the largest things one by one."""
    names = known.dataset_names()
    runs = {run.id: known.run_title(run, names) for run in listing.list_runs()}

    def named(item: Item) -> str:
        return runs.get(item.id) or names.get(item.id) or item.id or _(KINDS[item.kind])

    rows = found.items[:SHOWN]
    columns = {
        _("what"): [_(KINDS[item.kind]) for item in rows],
        _("name"): [named(item) for item in rows],
        _("size"): [wording.file_size(item.bytes) for item in rows],
        _("removable"): [
            wording.file_size(item.removable) if item.removable else "" for item in rows
        ],
        _("id"): [item.id for item in rows],
    }
    with st.expander(_("Details and numbers")):
        st.dataframe(
            pd.DataFrame(columns), hide_index=True, alt=_("What takes space, the largest first")
        )


trash.sweep()
found = storage.measure()
frame.head(_("What takes space?"), answer(found))
done()
with st.container(width=frame.READING_PX):
    by_kind(found)
    ways(found)
table(found)
travel.link("runs", _("See all runs"), icon=":material/list:")
