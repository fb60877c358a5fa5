"""The columns of a table: how it begins, and which of them holds what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from pages.ui import text
from tl_core import wording
from tl_core.data.columns import NONE, Columns
from tl_core.data.preview import Preview, files_found, preview
from tl_core.errors import InputError
from tl_core.i18n import _

SHOWN_CHARS = 200  # of a value in the preview
PICTURES, TEXTS = "pictures", "texts"


@dataclass(frozen=True, slots=True)
class Choice:
    """The columns that were chosen, and what is still wrong with them."""

    columns: Columns = field(default_factory=Columns)
    lacking: str = ""
    """What keeps the import from beginning, in words; empty if nothing does."""


@st.cache_data(max_entries=4, show_spinner=False)
def _preview(file: str, changed: int) -> Preview:
    """Read the beginning of a table once, however often the page is drawn."""
    return preview(Path(file))


@st.cache_data(max_entries=8, show_spinner=False)
def _files_found(file: str, column: str, changed: int) -> tuple[int, int]:
    return files_found(Path(file), column)


def choose(file: Path | None, *, is_alone: bool) -> Choice:
    """Show how a table begins, and return its columns as chosen.

    What is wrong with a file that is no table the import says.

    Args:
        file: the table, if there is one.
        is_alone: whether it was uploaded, so that no picture can lie beside it.
    """
    try:
        changed = file.stat().st_mtime_ns if file else 0
        shown = _preview(str(file), changed) if file else None
    except (InputError, OSError):
        return Choice()
    if file is None or shown is None or len(shown.columns) < 2:
        return Choice()
    rows = [dict(zip(shown.columns, map(_short, row), strict=True)) for row in shown.rows]
    st.caption(_("How the table begins. Is each thing in the right column?"))
    st.dataframe(rows, hide_index=True, alt=_("The first rows of the table"))
    choice = _chosen(shown, str(file))
    if choice.columns.path and not choice.lacking:
        return _with_files(choice, file, changed, is_alone=is_alone)
    return choice


def _chosen(shown: Preview, key: str) -> Choice:
    """Ask what the table holds, and where."""
    names = {PICTURES: _("The names of pictures"), TEXTS: _("Texts")}
    kind = st.segmented_control(
        _("What does each row hold?"),
        list(names),
        format_func=names.__getitem__,
        default=PICTURES if shown.path else TEXTS,
        required=True,
        key=f"start.kind.{key}",
    )
    content_label, guess = {
        PICTURES: (_("Column with the path"), shown.path or shown.text),
        TEXTS: (_("Column with the text"), shown.text or shown.path),
    }[kind]
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        content = _ask(content_label, shown.columns, guess, f"start.{kind}.{key}")
    with right:
        label = _ask(_("Column with the class"), shown.columns, shown.label, f"start.label.{key}")
    split, group = _extra(shown, key)
    where = {"path": content} if kind == PICTURES else {"text": content}
    taken = [content, label, *(extra for extra in (split, group) if extra != NONE)]
    is_clear = len(set(taken)) == len(taken)
    lacking = "" if is_clear else _("Choose a column of its own for each.")
    return Choice(Columns(label=label, split=split, group=group, **where), lacking)


def _extra(shown: Preview, key: str) -> tuple[str, str]:
    """Ask for the columns that a table need not have."""
    offered = (NONE, *(column for column in shown.columns if column != NONE))
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        label = _("Column with the part: train, val or test")
        split = _ask(label, offered, shown.split, f"start.split.{key}")
    with right:
        label = _("Column with what belongs together")
        group = _ask(label, offered, shown.group, f"start.group.{key}")
    return split, group


def _ask(label: str, columns: Sequence[str], guess: str, key: str) -> str:
    index = columns.index(guess) if guess in columns else 0
    return st.selectbox(label, columns, index=index, format_func=_named, key=key)


def _named(column: str) -> str:
    return _("- (none)") if column == NONE else column


def _with_files(choice: Choice, file: Path, changed: int, *, is_alone: bool) -> Choice:
    """Say it before the import if the pictures that a table names are not there."""
    if is_alone:
        st.warning(
            _("This table names pictures, and only the table was uploaded. Upload the folder or "
              "a zip that holds the table and the pictures, or name the table where it lies on "
              "this computer.")
        )  # fmt: skip
        return Choice(choice.columns, _("The pictures are missing."))
    found, asked = _files_found(str(file), choice.columns.path, changed)
    if found < asked:
        st.warning(
            _("Of the first {asked} files that the column '{column}' names, {found} lie where it "
              "says, seen from the table's own folder.").format(
                asked=wording.count(asked),
                found=wording.count(found),
                column=text.escape(choice.columns.path),
            )
        )  # fmt: skip
    return choice


def _short(value: str) -> str:
    return value if len(value) <= SHOWN_CHARS else value[: SHOWN_CHARS - 1] + "…"
