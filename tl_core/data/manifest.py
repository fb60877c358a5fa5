"""Tables of examples: `path,label[,split,group]` for pictures, `text,label[,…]` for texts.

What a table says is untrusted: paths are looked up, never opened as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tl_core.data import limits, table
from tl_core.data.finding import Notes
from tl_core.data.folder import too_many_files
from tl_core.data.layout import SPLIT_NAMES, Candidate
from tl_core.data.table import Row, Table
from tl_core.errors import InputError
from tl_core.i18n import _

_DRIVE = re.compile(r"[A-Za-z]:")
_PATH = ("path", "file", "filename", "image", "picture")
_TEXT = ("text", "sentence", "review", "comment", "message", "content", "body", "document")
_LABEL = ("label", "class", "category", "sentiment", "topic", "intent", "target")
_SPLIT = ("split",)
_GROUP = ("group",)

Lookup = Callable[[str], Path | str]
"""Where the file of a relative path lies; or the check that it fails."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what; empty ones are found by their usual names."""

    text: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The columns of a table by what they hold; empty where there is none."""

    path: str
    text: str
    label: str
    split: str
    group: str


def read_table(
    file: Path,
    find: Lookup,
    notes: Notes,
    *,
    name: str = "",
    split: str = "",
    columns: Columns | None = None,
) -> list[Candidate]:
    """Read the rows of a table; rows that cannot be used are noted and skipped.

    Args:
        file: a CSV, TSV or JSON lines file; its first row, or its keys, name the columns.
        find: where the file of a relative path is.
        notes: where skipped rows are noted.
        name: what to call the table in messages; by default its file name.
        split: the part that the whole table stands for; then a `split` column is not read.
        columns: which columns to read where their names do not say it.

    Raises:
        InputError: if it is no such table.
    """
    name = name or file.name
    opened = table.open_table(file, notes, name=name)
    found = _columns(opened, columns or Columns(), name)
    if found.text:
        notes.modality = "text"
    return list(_candidates(opened.rows, found, find, notes, name=name, split=split, file=file))


def usual_columns(columns: Sequence[str]) -> Found:
    """Return which columns hold what as far as their names say it."""
    known = {column.casefold(): column for column in columns if column}
    usual = (_PATH, _TEXT, _LABEL, _SPLIT, _GROUP)
    return Found(*(next((known[n] for n in names if n in known), "") for names in usual))


def _columns(opened: Table, asked: Columns, name: str) -> Found:
    """Find out which column holds what.

    Raises:
        InputError: if a column that is needed, or was named, is not there.
    """
    for column in (asked.text, asked.label):
        if column and column not in opened.columns:
            raise _lacking([column], opened, name)
    usual = usual_columns(opened.columns)
    path = "" if asked.text else usual.path
    text = asked.text or ("" if path else usual.text)
    label = asked.label or usual.label
    if not label or not (path or text):
        missing = [*([] if path or text else ["path / text"]), *([] if label else ["label"])]
        raise _lacking(missing, opened, name)
    return Found(path, text, label, usual.split, usual.group)


def _lacking(missing: Sequence[str], opened: Table, name: str) -> InputError:
    return table.refusal(
        name,
        _("The table lacks the column {missing}; its columns are: {found}.").format(
            missing=", ".join(missing), found=", ".join(filter(None, opened.columns)) or "–"
        ),
        _("Name the columns path and label for pictures, or text and label for texts; or say "
          "which they are: thaw data add TABLE --text-column … --label-column …"),
    )  # fmt: skip


def _candidates(
    rows: Iterator[Row],
    columns: Found,
    find: Lookup,
    notes: Notes,
    *,
    name: str,
    split: str,
    file: Path,
) -> Iterator[Candidate]:
    for count, (line, row) in enumerate(rows, 1):
        if count > limits.MAX_FILES:
            raise too_many_files(name)
        given = split or row.get(columns.split, "")
        part = SPLIT_NAMES.get(given.casefold()) if given else ""
        content, label = row.get(columns.path or columns.text, ""), row.get(columns.label, "")
        where = table.where(name, line)
        if columns.text and not content:
            notes.add("empty_texts", where)
        elif not content or not label or part is None:
            notes.add("bad_rows", f"{where}: {content[:60]}" if content else where)
        elif columns.text:
            group = row.get(columns.group, "")
            yield Candidate(where, file, label, part, group, text=content)
        else:
            normal = plain_path(content)
            found = find(normal) if normal else "outside"
            if isinstance(found, str):
                notes.add(found, content)
            else:
                yield Candidate(content, found, label, part, row.get(columns.group, ""))


def plain_path(path: str) -> str | None:
    """Return a relative path without `.` and empty parts, or None if it leads outside."""
    path = path.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path) or "\0" in path:
        return None
    parts = PurePosixPath(path).parts
    return None if ".." in parts or not parts else "/".join(parts)


def find_below(folder: Path) -> Lookup:
    """Return a lookup of files below a folder on this computer; links out of it are refused."""
    root = folder.resolve()

    def find(path: str) -> Path | str:
        try:
            real = root.joinpath(path).resolve(strict=True)
        except (OSError, RuntimeError):  # not there, name too long, or links in circles
            return "missing_files"
        if not real.is_relative_to(root):
            return "links"
        return real if real.is_file() else "missing_files"

    return find
