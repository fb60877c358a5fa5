"""Tables as files: CSV, TSV and JSON lines, in whatever encoding they were saved.

It knows nothing of what the columns mean. A table is untrusted: sizes are bounded, and what
is no text is refused.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tl_core import wording
from tl_core.data import limits
from tl_core.data.finding import Notes
from tl_core.data.folder import too_many_files
from tl_core.data.labels import plain_name, tidy_text
from tl_core.data.layout import SUFFIXES
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

_DELIMITERS = ",;\t|"
_FALLBACK = "cp1252"  # what older spreadsheets on Windows write; nearly every byte means something
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Row = tuple[int, dict[str, str]]
"""Line number, counted from 1, and values by column."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was opened: its columns in order, and its rows, to be read once."""

    columns: tuple[str, ...]
    """As written, without surrounding spaces and control characters."""
    rows: Iterator[Row]


def is_table(name: str) -> bool:
    """Tell whether a file name is that of a table."""
    return name.casefold().endswith(SUFFIXES)


def open_table(
    path: Path, notes: Notes, *, name: str = "", first_bytes: int | None = None
) -> Table:
    """Open a table; what is wrong with single rows shows when they are read.

    Args:
        path: the file; its suffix says whether it holds JSON lines.
        notes: where lines in another encoding are noted.
        name: what to call the table in messages; by default its file name.
        first_bytes: if given, only the whole lines in so many bytes are read.

    Raises:
        InputError: if it is too large, no text, or not a table.
    """
    name = name or path.name
    if path.stat().st_size > limits.MAX_MANIFEST_BYTES:
        raise too_many_files(name)
    with path.open("rb") as file:
        content = file.read(first_bytes)
    if len(content) == first_bytes:
        content = content[: content.rfind(b"\n") + 1] or content
    text = _decoded(content, name, notes)
    if path.suffix.casefold() in (".jsonl", ".ndjson"):
        return _json_lines(text, name, notes)
    return _separated(text, name)


def _decoded(content: bytes, name: str, notes: Notes) -> str:
    """Return the text of a file; lines that are not UTF-8 are read as older Windows wrote them."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content:
        raise refusal(
            name,
            _("This file holds no text, whatever its name says."),
            _("Save the table as 'CSV UTF-8'."),
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _line_by_line(content, name, notes)


def _line_by_line(content: bytes, name: str, notes: Notes) -> str:
    """Return the text of a file whose lines differ in encoding; never holds them as a list."""
    text = io.StringIO()
    for number, line in enumerate(io.BytesIO(content), 1):
        if number > limits.MAX_LINES:
            raise too_many_files(name)
        text.write(_line(line, name, number, notes))
    return text.getvalue()


def _line(line: bytes, name: str, number: int, notes: Notes) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        notes.add("other_encoding", where(name, number))
        return line.decode(_FALLBACK, "replace")


def where(name: str, line: int) -> str:
    """Return how a line of a table is called."""
    return _("{table}, line {line}").format(table=name, line=line)


def refusal(name: str, message: str, fix: str) -> InputError:
    """Return the error for a table that cannot be used."""
    return InputError([Issue(plain_name(name), message, fix)])


def _separated(text: str, name: str) -> Table:
    csv.field_size_limit(limits.MAX_MANIFEST_BYTES)  # a text may be long; the file is bounded
    lines = io.StringIO(text, newline="")
    header = lines.readline()
    delimiter = max(_DELIMITERS, key=header.count)
    if header.count(delimiter) >= limits.MAX_COLUMNS:
        raise _too_wide(name)
    try:
        columns = list(map(tidy_text, next(csv.reader([header], delimiter=delimiter), [])))
    except csv.Error as error:
        raise _unreadable(name, error) from error
    return Table(tuple(columns), _values(lines, columns, delimiter, name))


def _values(
    lines: Iterator[str], columns: Sequence[str], delimiter: str, name: str
) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in islice(reader, limits.MAX_FILES + 1):
            if any(value.strip() for value in row):
                yield reader.line_num + 1, dict(zip(columns, map(str.strip, row), strict=False))
    except csv.Error as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: csv.Error) -> InputError:
    return refusal(
        name,
        _("The table cannot be read: {reason}.").format(reason=error),
        _("Save it again as plain CSV, one example a row."),
    )


def _too_wide(name: str) -> InputError:
    return refusal(
        name,
        _("The table has more than {limit} columns.").format(
            limit=wording.count(limits.MAX_COLUMNS)
        ),
        _("Keep the columns that hold the examples and their classes."),
    )


def _json_lines(text: str, name: str, notes: Notes) -> Table:
    """Read one JSON object a line; other lines are noted."""
    columns: dict[str, None] = {}
    rows: list[Row] = []
    count = 0
    for number, line in enumerate(io.StringIO(text), 1):
        if not line.strip():
            continue
        count += 1
        if count > limits.MAX_FILES:
            raise too_many_files(name)
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            notes.add("bad_rows", where(name, number))
            continue
        row = {tidy_text(key): _plain(value) for key, value in values.items()}
        columns |= dict.fromkeys(row)
        if len(columns) > limits.MAX_COLUMNS:
            raise _too_wide(name)
        rows.append((number, row))
    return Table(tuple(columns), iter(rows))


def _plain(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)
