"""The edit log: what was mended in a dataset since its import, replayable and undoable.

`edits.jsonl` holds one entry a line and only ever grows; taking an entry back is an entry too.
Pictures, texts and the imported record stay as they are: a dataset is its import with the live
entries replayed in order, so any earlier state (revision) can be had again.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tl_core.data import limits
from tl_core.data.dataset import SPLIT_ORDER, Dataset, Example, fingerprint_of
from tl_core.data.groups import grouped, ties_of
from tl_core.data.labels import tidy_text
from tl_core.errors import InputError, Issue
from tl_core.files import FileLock
from tl_core.i18n import _

EDITS_FILE = "edits.jsonl"
_LOCK_FILE = ".edits.lock"
ACTIONS = ("drop", "relabel", "merge", "regroup", "resplit", "part", "keep", "undo")

_one_at_a_time = threading.Lock()  # file locks belong to a process


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of the log."""

    do: str
    """One of ACTIONS: leave examples out; give them another class; let one class go up in another;
    keep examples together in one part; forget the parts that the data brought (the test part
    stays); put examples into a part; leave examples as they are although `check` found fault with
    them; take an entry back, or put it in force again."""
    rows: tuple[int, ...] = ()
    """For `drop`, `relabel`, `part` and `keep`: examples by their `row`."""
    label: str = ""
    """For `relabel`: the class; for `merge`: the class that goes up in `into`."""
    into: str = ""
    """For `merge`; for `part`: `train`, `val` or `test`."""
    groups: tuple[tuple[int, ...], ...] = ()
    """For `regroup`: rows that belong together."""
    entry: int = 0
    """For `undo`: the number of the entry, from 1."""
    check: str = ""
    """The finding that it answers, if any."""
    by: str = "person"
    """Or `thaw`, where it was done without asking."""
    at: float = field(default_factory=time.time)
    """Seconds since 1970."""


def replay(imported: Dataset, log: Sequence[Edit]) -> Dataset:
    """Return what a dataset is after all entries of `log`.

    Classes that are left with fewer than `limits.MIN_PER_CLASS` examples are set aside.

    Raises:
        InputError: if an entry fits nothing, or fewer than two usable classes are left.
    """
    examples = {e.row: e for e in imported.examples}
    names = {e.row: imported.classes[e.label] for e in imported.examples}
    together: list[tuple[int, ...]] = []
    for edit in _live(log):
        if edit.do == "drop":
            for row in edit.rows:
                examples.pop(row, None)
        elif edit.do == "relabel":
            names |= dict.fromkeys(edit.rows, tidy_text(edit.label))
        elif edit.do == "merge":
            names |= {row: edit.into for row, name in names.items() if name == edit.label}
        elif edit.do == "regroup":
            together += edit.groups
        elif edit.do == "resplit":
            examples = {row: _without_part(e) for row, e in examples.items()}
        elif edit.do == "part":
            moved = [row for row in edit.rows if row in examples]
            examples |= {row: replace(examples[row], split=edit.into) for row in moved}
    return _rebuilt(imported, examples, names, together, revision=len(log))


def _live(log: Sequence[Edit]) -> list[Edit]:
    """Return the entries in force, in order; undoing an undo puts its entry in force again."""
    off: set[int] = set()
    for number, edit in enumerate(log, 1):
        _require_sense(edit, number)
        if edit.do == "undo":
            off ^= {edit.entry}
    return [e for number, e in enumerate(log, 1) if e.do != "undo" and number not in off]


def _require_sense(edit: Edit, number: int) -> None:
    is_known = edit.do in ACTIONS and (edit.do != "undo" or 0 < edit.entry < number)
    is_complete = {
        "drop": bool(edit.rows),
        "keep": bool(edit.rows and edit.check),
        "relabel": bool(edit.rows and tidy_text(edit.label)),
        "merge": bool(edit.label and edit.into),
        "regroup": bool(edit.groups),
        "part": bool(edit.rows and edit.into in SPLIT_ORDER and edit.into),
    }.get(edit.do, True)
    if not (is_known and is_complete):
        message = _("Entry {n} of the edit log cannot be followed: {found}.")
        raise InputError(
            [
                Issue(
                    "edit",
                    message.format(n=number, found=edit.do),
                    _("Entries are: {known}; each names what it concerns.").format(
                        known=", ".join(ACTIONS)
                    ),
                )
            ]
        )


def _without_part(example: Example) -> Example:
    return example if example.split == "test" else replace(example, split="")


def _rebuilt(
    imported: Dataset,
    examples: Mapping[int, Example],
    names: Mapping[int, str],
    together: Sequence[tuple[int, ...]],
    *,
    revision: int,
) -> Dataset:
    in_class = Counter(names[row] for row in examples)
    classes = tuple(sorted(name for name, n in in_class.items() if n >= limits.MIN_PER_CLASS))
    if len(classes) < limits.MIN_CLASSES:
        message = _("That would leave fewer than two classes with at least {n} examples.")
        fix = _("Leave more of them in, or bring more data.")
        raise InputError([Issue("edit", message.format(n=limits.MIN_PER_CLASS), fix)])
    index = {name: number for number, name in enumerate(classes)}
    kept = [
        replace(e, label=index[names[row]]) for row, e in examples.items() if names[row] in index
    ]
    kept.sort(key=lambda e: (SPLIT_ORDER[e.split], e.label, e.name, e.key))
    of_row: dict[int, list[int]] = {}
    for number, rows in enumerate(together):
        for row in rows:
            of_row.setdefault(row, []).append(number)
    ties = [[*ties_of(e), *(("edit", n) for n in of_row.get(e.row, ()))] for e in kept]
    grown = grouped(kept, ties) if together else tuple(kept)
    return replace(
        imported,
        classes=classes,
        examples=grown,
        fingerprint=fingerprint_of(classes, grown),
        revision=revision,
    )


def kept(folder: Path, check: str, revision: int) -> frozenset[int]:
    """Return the rows that `check` is to leave alone at a revision."""
    live = _live(read_log(folder)[:revision])
    return frozenset(row for e in live if e.do == "keep" and e.check == check for row in e.rows)


def in_force(log: Sequence[Edit]) -> frozenset[int]:
    """Return the numbers, from 1, of the entries that are in force; undos are never among them."""
    live = _live(log)
    return frozenset(number for number, edit in enumerate(log, 1) if edit in live)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Keep everybody else from adding to the log of a dataset meanwhile."""
    with _one_at_a_time:
        lock = FileLock(folder / _LOCK_FILE)
        lock.acquire(blocking=True)
        try:
            yield
        finally:
            lock.release()


def append(folder: Path, edit: Edit, result: Dataset) -> None:
    """Add an entry to the log, with how large the dataset is after it; within `writing`."""
    row = {key: value for key, value in asdict(edit).items() if value not in ("", (), 0)}
    row |= {"n": len(result.examples), "classes": len(result.classes)}
    line = json.dumps(row, ensure_ascii=False) + "\n"
    path = folder / EDITS_FILE
    _mend_end(path)
    with path.open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _mend_end(path: Path) -> None:
    """Cut off a line that was torn by a full disk or a kill."""
    if path.exists() and not (content := path.read_bytes()).endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(content.rfind(b"\n") + 1)


def read_log(folder: Path) -> tuple[Edit, ...]:
    """Return every whole entry, oldest first."""
    return tuple(_edit(row) for row in _rows(folder))


def count(folder: Path) -> int:
    """Return how many entries there are."""
    try:
        return (folder / EDITS_FILE).read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def sizes(folder: Path) -> tuple[int, int] | None:
    """Return examples and classes after the last entry; None if nothing was ever mended."""
    rows = _rows(folder)
    return (rows[-1]["n"], rows[-1]["classes"]) if rows else None


def _rows(folder: Path) -> list[dict[str, Any]]:
    try:
        lines = (folder / EDITS_FILE).read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines[:-1]]  # after the last newline: nothing, or torn


def _edit(row: Mapping[str, Any]) -> Edit:
    return Edit(
        do=row["do"],
        rows=tuple(row.get("rows", ())),
        label=row.get("label", ""),
        into=row.get("into", ""),
        groups=tuple(tuple(group) for group in row.get("groups", ())),
        entry=row.get("entry", 0),
        check=row.get("check", ""),
        by=row.get("by", "person"),
        at=row["at"],
    )
