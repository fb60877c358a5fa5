"""The doors on Start: one's own data, from the browser or this computer, or a sample."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import cards, text, travel
from pages.ui.place import here
from tl_core import wording
from tl_core.data import layout, limits, samples, table, uploads
from tl_core.data.preview import Preview, preview
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.runs import launch
from tl_core.spec import RunSpec

ZIP, FOLDER, PATH, CARDS = "zip", "folder", "path", "cards"
SHOWN_CHARS = 200  # of a value in the preview of a table


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
    columns = _columns(_table(given, way))
    is_clear = columns is None or columns[0] != columns[1]
    lacking = _("Choose a file or a folder first.") if not given else _("Choose two columns.")
    if st.button(
        _("Bring data"),
        type="primary",
        disabled=not (given and is_clear),
        help=None if given and is_clear else lacking,
        key="start.bring",
    ):
        _begin(given if way == PATH else str(_saved(given)), columns=columns)


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
        path = Path(os.path.expanduser(given))  # unlike Path's own it never fails
        return path if table.is_table(path.name) and path.is_file() else None
    return _saved(given) if len(given) == 1 and table.is_table(given[0].name) else None


@st.cache_data(max_entries=4, show_spinner=False)
def _preview(file: str, changed: int) -> Preview:
    """Read the beginning of a table once, however often the page is drawn."""
    return preview(Path(file))


def _columns(file: Path | None) -> tuple[str, str] | None:
    """Show how a table of texts begins, and return the columns of text and class as chosen.

    None where there is nothing to choose; what is wrong with a table the import says.
    """
    try:
        shown = _preview(str(file), file.stat().st_mtime_ns) if file else None
    except (InputError, OSError):
        return None
    if shown is None or not shown.text or not shown.label:
        return None
    rows = [dict(zip(shown.columns, map(_short, row), strict=True)) for row in shown.rows]
    st.caption(_("How the table begins. Is the text in the right column, and the class too?"))
    st.dataframe(rows, hide_index=True, alt=_("The first rows of the table"))
    left, right = st.columns(2)
    chosen = [
        place.selectbox(label, shown.columns, index=shown.columns.index(guess), key=key)
        for place, label, guess, key in (
            (left, _("Column with the text"), shown.text, f"start.text.{file}"),
            (right, _("Column with the class"), shown.label, f"start.label.{file}"),
        )
    ]
    return chosen[0], chosen[1]


def _short(value: str) -> str:
    return value if len(value) <= SHOWN_CHARS else value[: SHOWN_CHARS - 1] + "…"


def _uploader(way: str) -> list[Any]:
    """Draw the uploader for a zip or for a folder and return the files it holds."""
    # A new key after each import frees the memory that the last upload took.
    turn = st.session_state.get("start.turn", 0)
    if way == ZIP:
        one = st.file_uploader(
            _("A zip of class folders, or a table of texts (CSV, TSV, JSON lines)"),
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


def _begin(source: str, columns: tuple[str, str] | None = None) -> None:
    """Start the import and show it."""
    text_column, label_column = columns or ("", "")
    run = launch.start(
        RunSpec("import", source=source, text_column=text_column, label_column=label_column)
    )
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
