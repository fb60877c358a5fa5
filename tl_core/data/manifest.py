"""Tables of examples: `path,label[,split,group]` for pictures, `text,label[,…]` for texts.

What a table says is untrusted: paths are looked up, never opened as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path, PurePosixPath

from tl_core.data import limits, misread, table
from tl_core.data.columns import NONE, SAMPLE, Columns, Found, Sample, find_columns
from tl_core.data.finding import Notes
from tl_core.data.folder import too_many_files
from tl_core.data.layout import SPLIT_NAMES, Candidate
from tl_core.data.table import Row, Table
from tl_core.errors import InputError
from tl_core.i18n import _

_DRIVE = re.compile(r"[A-Za-z]:")

Lookup = Callable[[str], Path | str]
"""Where the file of a relative path lies; or the check that it fails."""


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
    begun = list(islice(opened.rows, SAMPLE))
    sample = [values for _line, values in begun]
    found = _columns(opened, sample, columns or Columns(), name)
    if found.text:
        notes.modality = "text"
    rows = chain(begun, opened.rows)
    read = list(_candidates(rows, found, find, notes, name=name, split=split, file=file))
    asked_of = misread.Asked(name, opened.columns, found, sample)
    if not read:
        misread.refuse_unread(asked_of, partial(_find, find), is_part=bool(split))
    elif not split:
        misread.refuse_unlike(asked_of, [candidate.label for candidate in read])
    return read


def _columns(opened: Table, sample: Sample, asked: Columns, name: str) -> Found:
    """Find out which column holds what.

    Raises:
        InputError: if a column that is needed, or was named, is not there.
    """
    if asked.text and asked.path:
        raise table.refusal(
            name,
            _("A table holds texts or names pictures; both columns were named."),
            _("Name the column of the texts or that of the pictures' paths, not both."),
        )
    extra = [column for column in (asked.split, asked.group) if column != NONE]
    for column in (asked.text, asked.path, asked.label, *extra):
        if column and column not in opened.columns:
            raise _lacking([column], opened, name)
    found = find_columns(opened.columns, sample, asked)
    if not found.label or not (found.path or found.text):
        missing = [
            *([] if found.path or found.text else ["path / text"]),
            *([] if found.label else ["label"]),
        ]
        raise _lacking(missing, opened, name)
    return found


def _lacking(missing: Sequence[str], opened: Table, name: str) -> InputError:
    return table.refusal(
        name,
        _("The table lacks the column {missing}; its columns are: {found}.").format(
            missing=", ".join(missing), found=_listed(opened)
        ),
        _("Name the columns path and label for pictures, or text and label for texts; or say "
          "which they are: thaw data add TABLE --path-column … (or --text-column …) "
          "--label-column …"),
    )  # fmt: skip


def _listed(opened: Table) -> str:
    return ", ".join(filter(None, opened.columns)) or "–"


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
            found = _find(find, content)
            if isinstance(found, str):
                notes.add(found, content)
            else:
                yield Candidate(content, found, label, part, row.get(columns.group, ""))


def _find(find: Lookup, path: str) -> Path | str:
    normal = plain_path(path)
    return find(normal) if normal else "outside"


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
        except (OSError, RuntimeError, ValueError):
            # Not there, its name too long or no text, or links in circles.
            return "missing_files"
        if not real.is_relative_to(root):
            return "links"
        return real if real.is_file() else "missing_files"

    return find
