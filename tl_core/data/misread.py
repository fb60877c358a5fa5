"""Tables of which nothing can be used because a column does not hold what it was taken for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core.data import table
from tl_core.data.columns import Found, Sample, pictured
from tl_core.data.labels import tidy_text
from tl_core.data.layout import SPLIT_NAMES
from tl_core.errors import InputError
from tl_core.i18n import _

_MANY = 10  # rows from which on some are expected to share a class
_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """A table that was read, and how its columns were taken."""

    name: str
    columns: tuple[str, ...]
    found: Found
    sample: Sample
    """The first rows."""

    def values(self, column: str) -> list[str]:
        """Return what the first rows hold in a column, without the empty ones."""
        return [value for row in self.sample if (value := row.get(column, ""))]


def refuse_unread(asked: Asked, find: Callable[[str], Path | str], *, is_part: bool) -> None:
    """Say why no row could be used, if it is for a column; otherwise do nothing.

    Args:
        asked: the table.
        find: where the file of a path as written is, or the check that it fails.
        is_part: whether the whole table stands for a part, so that no column is read for it.

    Raises:
        InputError: naming the column, what it holds, and what to do.
    """
    column = asked.found.split
    parts = asked.values(column)
    are_unknown = not any(part.casefold() in SPLIT_NAMES for part in parts)
    if parts and are_unknown and len(parts) == len(asked.sample) and not is_part:
        raise _refusal(
            asked.name,
            _("The column '{column}' names no parts; it begins with '{first}'."),
            _("A part is train, val, test or empty: choose another column for it, or none."),
            column,
            parts,
        )
    column = asked.found.path
    paths = asked.values(column)
    if paths and all(find(path) == "missing_files" for path in paths):
        raise _refusal(
            asked.name,
            _("None of the files that the column '{column}' names was found; the first is "
              "'{first}'."),
            _mend_paths(asked),
            column,
            paths,
        )  # fmt: skip


def _mend_paths(asked: Asked) -> str:
    other = pictured(asked.columns, asked.sample)
    if other not in ("", asked.found.path):
        return _("The column '{other}' seems to name them: choose that one.").format(other=other)
    return _(
        "Paths are read from the table's own folder. Bring that folder, or a zip of it, with the "
        "pictures in it, or name the table where it lies on this computer."
    )


def refuse_unlike(asked: Asked, labels: Sequence[str]) -> None:
    """Refuse a table in which no two rows share a class.

    Raises:
        InputError: naming the column that was taken for the class.
    """
    if len(labels) >= _MANY and len(set(labels)) == len(labels):
        raise _refusal(
            asked.name,
            _("Each row has another value in the column '{column}', so it cannot be the class; "
              "it begins with '{first}'."),
            _("Choose the column that holds the class; the columns are: {found}.").format(
                found=", ".join(filter(None, asked.columns))
            ),
            asked.found.label,
            labels,
        )  # fmt: skip


def _refusal(name: str, message: str, fix: str, column: str, values: Iterable[str]) -> InputError:
    first = tidy_text(next(iter(values)), max_chars=_SHOWN_CHARS)
    return table.refusal(name, message.format(column=column, first=first), fix)
