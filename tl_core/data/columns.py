"""Which column of a table holds what: by its usual name, else by what its values look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tl_core.data.layout import SPLIT_NAMES
from tl_core.data.pictures import has_picture_name

_PATH = ("path", "file", "filename", "image", "picture")
_TEXT = ("text", "sentence", "review", "comment", "message", "content", "body", "document")
_LABEL = ("label", "class", "category", "sentiment", "topic", "intent", "target")
_SPLIT = ("split",)
_GROUP = ("group",)

NONE = "-"
"""Asked for in place of a column: read none, whatever the columns are called."""

SAMPLE = 200
"""First rows of a table that a guess is made from."""

Sample = Sequence[Mapping[str, str]]
"""The first rows: values by column."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what; empty ones are found by their usual names, `NONE` is not read."""

    text: str = ""
    label: str = ""
    path: str = ""
    split: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The columns of a table by what they hold; empty where there is none."""

    path: str
    text: str
    label: str
    split: str
    group: str


def usual_columns(columns: Sequence[str]) -> Found:
    """Return which columns hold what as far as their names say it."""
    known = {column.casefold(): column for column in columns if column}
    usual = (_PATH, _TEXT, _LABEL, _SPLIT, _GROUP)
    return Found(*(next((known[n] for n in names if n in known), "") for names in usual))


def find_columns(columns: Sequence[str], sample: Sample, asked: Columns) -> Found:
    """Return the columns to read; `label`, or both `path` and `text`, may be missing.

    A column of picture files is known by its values as well. Where there is one and no column of
    classes by name, the part is known by its values too, and the class is the one column left, or
    the one of them whose values come again and again. Texts are never guessed: any could be one.
    """
    usual = usual_columns(columns)
    text = "" if asked.path else asked.text or ("" if usual.path else usual.text)
    path = "" if text else asked.path or usual.path or pictured(columns, sample)
    split = _asked(asked.split, usual.split)
    group = _asked(asked.group, usual.group)
    label = asked.label or usual.label
    if path and not label:
        rest = [c for c in columns if c and c not in (path, split, group)]
        split = split or _asked(asked.split, parted(rest, sample))
        left = [c for c in rest if c != split]
        likely = left if len(left) == 1 else [c for c in left if _recurs(c, sample)]
        label = likely[0] if len(likely) == 1 else ""
    return Found(path, text, label, split, group)


def _recurs(column: str, sample: Sample) -> bool:
    """Tell whether a column has several values, each of them in two rows or more on average."""
    values = [value for row in sample if (value := row.get(column, ""))]
    return 1 < len(set(values)) <= len(values) / 2


def _asked(asked: str, usual: str) -> str:
    return "" if asked == NONE else asked or usual


def pictured(columns: Sequence[str], sample: Sample) -> str:
    """Return the column most of whose values look like names of picture files, if there is one."""
    shares = {column: _share_pictured(column, sample) for column in columns if column}
    best = max(shares, key=shares.__getitem__, default="")
    return best if best and shares[best] > 0.5 else ""


def _share_pictured(column: str, sample: Sample) -> float:
    values = [value for row in sample if (value := row.get(column, ""))]
    return sum(map(has_picture_name, values)) / len(values) if values else 0.0


def parted(columns: Sequence[str], sample: Sample) -> str:
    """Return the column that holds nothing but names of parts, if there is one."""
    for column in columns:
        values = {value.casefold() for row in sample if (value := row.get(column, ""))}
        if values and values <= SPLIT_NAMES.keys():
            return column
    return ""


def longest(columns: Sequence[str], sample: Sample) -> str:
    """Return the column with the most to read, as that of texts is."""
    return max(columns, key=lambda c: sum(len(row.get(c, "")) for row in sample), default="")


def fewest(columns: Sequence[str], sample: Sample) -> str:
    """Return the column with the fewest values, more than one if possible, rather no numbers."""

    def order(column: str) -> tuple[bool, int, bool]:
        values = {row.get(column, "") for row in sample}
        return len(values) < 2, len(values), all(value.isnumeric() for value in values)

    return min(columns, key=order, default="")
