"""The doors on Start: one's own data, from the browser or this computer, or a sample."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import cards, columns, text, travel
from pages.ui.place import here
from tl_core import wording
from tl_core.data import layout, limits, samples, table, uploads
from tl_core.data.columns import Columns
from tl_core.i18n import _
from tl_core.runs import launch
from tl_core.spec import RunSpec

ZIP, FOLDER, PATH, CARDS = "zip", "folder", "path", "cards"


def draw() -> None:
    """Draw both doors side by side."""
    own, sample = st.columns(2)
    with own.container(border=True):
        st.subheader(_("My data"), anchor=False)
        _own()
    with sample.container(border=True):
        st.subheader(_("A sample"), anchor=False)
        _samples()


def _own() -> None:
    names = {
        ZIP: _("A file"),
        FOLDER: _("A folder"),
        CARDS: _("Class by class"),
        PATH: _("On this computer"),
    }
    way = st.pills(
        _("Where are they?"),
        list(names),
        format_func=names.__getitem__,
        default=ZIP,
        required=True,
        key="start.way",
    )
    if way == CARDS:
        _cards()
        return
    given: Any
    if way == PATH:
        given = st.text_input(
            _("Folder, zip or table on this computer"),
            key="start.path",
            placeholder="/home/me/pictures",
        ).strip()
    else:
        given = _uploader(way)
    choice = columns.choose(_table(given, way), is_alone=way != PATH)
    lacking = choice.lacking if given else _("Choose a file or a folder first.")
    if st.button(
        _("Bring data"),
        type="primary",
        disabled=bool(lacking),
        help=lacking or None,
        key="start.bring",
    ):
        _begin(given if way == PATH else str(_saved(given)), choice.columns)


def _cards() -> None:
    """Lead to the cards, where a data set of pictures is built."""
    st.write(_("One card for each thing to tell apart: drop pictures on it, or take them with the "
               "camera of this computer."))  # fmt: skip
    if st.button(_("Make cards"), type="primary", key="start.cards"):
        travel.go("cards", here().params(run="") | {"cards": cards.begin()})
    cards.unfinished()


def _table(given: Any, way: str) -> Path | None:
    """Return the table that was given, if it is one and can be looked at."""
    if not given:
        return None
    if way == PATH:
        path = os.path.expanduser(given)  # these two never fail, unlike Path's own
        return Path(path) if table.is_table(path) and os.path.isfile(path) else None
    return _saved(given) if len(given) == 1 and table.is_table(given[0].name) else None


def _uploader(way: str) -> list[Any]:
    """Draw the uploader for a zip or for a folder and return the files it holds."""
    # A new key after each import frees the memory that the last upload took.
    turn = st.session_state.get("start.turn", 0)
    if way == ZIP:
        one = st.file_uploader(
            _("A zip of class folders, or a table (CSV, TSV, JSON lines)"),
            type=["zip", *(suffix.removeprefix(".") for suffix in layout.SUFFIXES)],
            key=f"start.zip.{turn}",
        )
        return [one] if one is not None else []
    st.caption(
        _("Up to {files} files and {size} GB. For more, name the folder on this computer.").format(
            files=wording.count(limits.MAX_UPLOAD_FILES), size=limits.MAX_UPLOAD_BYTES >> 30
        )
    )
    return st.file_uploader(
        _("A folder of class folders"),
        accept_multiple_files="directory",
        key=f"start.folder.{turn}",
    )


def _saved(given: list[Any]) -> Path:
    """Return where the upload was stored; the same upload is stored once, however often asked."""
    asked = tuple(file.file_id for file in given)
    before = st.session_state.get("start.saved")
    if before and before[0] == asked and Path(before[1]).exists():
        return Path(before[1])
    path = uploads.save_upload((file.name, file) for file in given)
    st.session_state["start.saved"] = (asked, str(path))
    return path


def _begin(source: str, chosen: Columns | None = None) -> None:
    """Start the import and show it."""
    asked = dataclasses.asdict(chosen or Columns())
    named = {f"{what}_column": column for what, column in asked.items()}
    run = launch.start(RunSpec("import", source=source, **named))
    st.session_state["start.turn"] = st.session_state.get("start.turn", 0) + 1
    travel.go("start", here().params(run=run))


def _samples() -> None:
    for sample in samples.all_samples():
        st.markdown(
            _("**{title}**, {examples} in {classes}").format(
                title=text.escape(sample.title),
                examples=wording.examples(sample.n, sample.modality),
                classes=text.classes(sample.classes),
            )
        )
        st.caption(text.escape(sample.text))
        if sample.available:
            label = _("Take {title}").format(title=text.escape(sample.title))
            if st.button(label, key=f"start.sample.{sample.id}"):
                _begin(f"sample:{sample.id}")
        else:
            st.caption(text.escape(sample.how_to_get))
