"""Which runs can be compared by pairs: those judged on the same validation examples.

Reads what each has answered at its end. Whether the examples are the same is seen from their
contents and labels, not taken from what was asked for.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tl_core.errors import InputError
from tl_core.paired import Comparison, Unlike, pairs_of
from tl_core.runs import store
from tl_core.runs.state import RunState

PREDICTIONS_FILE = "artifacts/predictions.csv"
_MOST_KEPT = 64  # runs whose answers are held; a page compares eight


@dataclass(frozen=True, slots=True)
class Answers:
    """What a run has answered on its validation examples, sorted by example."""

    asked: tuple[tuple[str, str], ...]
    """Content and label of each example."""
    right: tuple[bool, ...]


def compare(runs: Sequence[RunState]) -> Comparison:
    """Return what can be said of runs in pairs, and of which nothing can be said, and why."""
    known = {run.id: found for run in runs if (found := answers(run)) is not None}
    groups: dict[tuple[tuple[str, str], ...], dict[str, Answers]] = {}
    for run_id, found in known.items():
        groups.setdefault(found.asked, {})[run_id] = found
    ordered = sorted(groups.values(), key=lambda group: -len(group))
    states = {run.id: run for run in runs}
    firsts = [next(iter(group)) for group in ordered]
    silent = [run for run in runs if run.id not in known]
    return Comparison(
        groups=tuple(tuple(group) for group in ordered),
        pairs=pairs_of([{run: told.right for run, told in group.items()} for group in ordered]),
        unlike=tuple(_unlike(states[firsts[0]], states[other], known) for other in firsts[1:]),
        training=tuple(run.id for run in silent if run.is_active),
        silent=tuple(run.id for run in silent if not run.is_active),
    )


def answers(run: RunState) -> Answers | None:
    """Return what a run has answered; None before its end, and where it kept nothing."""
    if run.finished is None:
        return None
    try:
        path = store.run_dir(run.id) / PREDICTIONS_FILE
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, KeyError, csv.Error, UnicodeDecodeError, InputError):
        return None


@lru_cache(maxsize=_MOST_KEPT)
def _read(path: Path, _changed_ns: int) -> Answers:
    with path.open(newline="", encoding="utf-8") as file:
        rows = [
            (row["key"], row["label"], row["name"] or "", row["label"] == row["predicted"])
            for row in csv.DictReader(file)
        ]
    rows.sort()
    return Answers(
        tuple((key, label) for key, label, _name, _right in rows),
        tuple(right for _key, _label, _name, right in rows),
    )


def _unlike(first: RunState, second: RunState, known: dict[str, Answers]) -> Unlike:
    """Return what keeps two runs from being compared in pairs."""
    one, other = (Counter(known[run.id].asked) for run in (first, second))
    shared = (one & other).total()
    return Unlike(first.id, second.id, _why(first, second, one, other), shared)


def _why(
    first: RunState,
    second: RunState,
    one: Counter[tuple[str, str]],
    other: Counter[tuple[str, str]],
) -> str:
    if first.spec.dataset != second.spec.dataset:
        return "data"
    if Counter(key for key, _label in one.elements()) == Counter(
        key for key, _label in other.elements()
    ):
        return "labels"
    if first.spec.revision != second.spec.revision:
        return "edits"
    asked = [(run.spec.val_fraction, run.spec.seed) for run in (first, second)]
    return "split" if asked[0] != asked[1] else "examples"
