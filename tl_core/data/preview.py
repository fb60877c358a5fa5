"""How a table begins, and which of its columns seem to hold the text and the class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tl_core.data import table
from tl_core.data.finding import Notes
from tl_core.data.manifest import usual_columns

ROWS = 5
SAMPLE = 200  # rows that a guess is made from


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of a table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The first few, values in the order of the columns."""
    text: str
    """The column that seems to hold texts; empty where the table names picture files."""
    label: str
    """The column that seems to hold the class; empty if there is no other column."""


def preview(file: Path) -> Preview:
    """Look at the beginning of a table.

    A column with a usual name counts; otherwise the one with the longest values is taken for the
    text, and of the rest the one with the fewest different values for the class.

    Raises:
        InputError: if it is no table.
    """
    opened = table.open_table(file, Notes())
    sample = [values for _line, values in islice(opened.rows, SAMPLE)]
    columns = tuple(dict.fromkeys(filter(None, opened.columns)))
    usual = usual_columns(columns)
    text = "" if usual.path else usual.text or _longest(columns, sample, usual.label)
    taken = {text, usual.path, usual.split, usual.group}
    label = usual.label or _fewest([c for c in columns if c not in taken], sample)
    rows = tuple(tuple(values.get(c, "") for c in columns) for values in sample[:ROWS])
    return Preview(columns, rows, text, label)


def _longest(columns: Sequence[str], sample: Sequence[dict[str, str]], label: str) -> str:
    others = [column for column in columns if column != label]
    return max(others, key=lambda c: sum(len(row.get(c, "")) for row in sample), default="")


def _fewest(columns: Sequence[str], sample: Sequence[dict[str, str]]) -> str:
    """Return the column with the fewest values, more than one if possible, rather no numbers."""

    def order(column: str) -> tuple[bool, int, bool]:
        values = {row.get(column, "") for row in sample}
        return len(values) < 2, len(values), all(value.isnumeric() for value in values)

    return min(columns, key=order, default="")
