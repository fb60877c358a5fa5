"""How a table begins, and which of its columns seem to hold what."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tl_core.data import columns as named
from tl_core.data import table
from tl_core.data.finding import Notes
from tl_core.data.labels import tidy_text
from tl_core.data.manifest import find_below, plain_path

ROWS = 5
_SHOWN_CHARS = 1000  # of one value
_READ_BYTES = 4 << 20  # the page that shows a preview must not hold a large table whole


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
    path: str = ""
    """The column that seems to name picture files; empty for texts."""
    split: str = ""
    """The column that seems to name the part (train, val, test), if there is one."""
    group: str = ""
    """The column that says which rows belong together, if there is one."""


def preview(file: Path) -> Preview:
    """Look at the beginning of a table.

    A column with a usual name counts. Otherwise values decide: most of a column of paths look
    like picture files, one of parts holds nothing else, the longest values are the texts, and of
    what is left the column with the fewest different values is the class.

    Raises:
        InputError: if it is no table.
    """
    opened, sample = _begun(file)
    columns = tuple(dict.fromkeys(filter(None, opened.columns)))
    usual = named.usual_columns(columns)
    path = usual.path or ("" if usual.text else named.pictured(columns, sample))
    split = usual.split or named.parted([c for c in columns if c != usual.label], sample)
    taken = {path, split, usual.group}
    others = [c for c in columns if c not in {*taken, usual.label}]
    text = "" if path else usual.text or named.longest(others, sample)
    label = usual.label or named.fewest([c for c in others if c != text], sample)
    rows = tuple(
        tuple(tidy_text(values.get(c, ""), max_chars=_SHOWN_CHARS) for c in columns)
        for values in sample[:ROWS]
    )
    return Preview(columns, rows, text, label, path, split, usual.group)


def files_found(file: Path, column: str) -> tuple[int, int]:
    """Return how many of the first rows name a file that lies where they say, and of how many.

    Raises:
        InputError: if it is no table.
    """
    _opened, sample = _begun(file)
    find = find_below(file.parent)
    paths = [plain_path(value) for values in sample if (value := values.get(column, ""))]
    return sum(path is not None and isinstance(find(path), Path) for path in paths), len(paths)


def _begun(file: Path) -> tuple[table.Table, list[dict[str, str]]]:
    opened = table.open_table(file, Notes(), first_bytes=_READ_BYTES)
    return opened, [values for _line, values in islice(opened.rows, named.SAMPLE)]
