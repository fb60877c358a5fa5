"""Every run in brief, without reading the logs of those that have ended.

A list shows little of each run, and one that has ended tells no more. What a list needs of it is
kept in `THAW_HOME/cache/listing.json`, good for as long as its log and its label have the same size
and date. Deleting the file costs one reading of the logs. `benchmarks/listing.py` measures it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import InputError
from tl_core.records import to_dict
from tl_core.runs import events, labels, store
from tl_core.runs.state import TERMINAL, RunState
from tl_core.spec import RunSpec

FORMAT = 1
"""Of the entries; others are passed over and made again."""

_FILE = "listing.json"
_LEFT_OUT: dict[str, Any] = {
    "epochs": (),
    "thaws": (),
    "rollbacks": (),
    "alerts": (),
    "decisions": (),
    "progress": None,
    "plan": None,
    "forecast": None,
    "first_look": None,
}
"""Fields that a run in brief lacks: they grow with the run, and no list shows them."""

Stamp = tuple[int, int, int]
"""Of the log: size in bytes and date in ns; of the label: date in ns, 0 where there is none."""

Entry = tuple[Stamp, RunState]

_known: dict[str, Entry] = {}
"""Runs that have ended, by folder; as text, since a thousand paths take their time to join."""
_going_on: set[str] = set()
_reading = threading.Lock()


def list_runs() -> tuple[RunState, ...]:
    """Return every run, newest first; one that has ended without the fields of its way there.

    Those are epochs, thaws, rollbacks, alerts, decisions, progress, plan, forecast and first look;
    `store.read_run` has them.
    """
    with _reading:
        root = str(files.runs_dir())
        before = {path: entry for path, entry in _known.items() if path.startswith(root)}
        kept = before or _read(root)
        found: dict[str, Entry] = {}
        for run_id in store.run_ids():
            folder = f"{root}/{run_id}"
            with contextlib.suppress(OSError, InputError):  # deleted since it was listed
                found[folder] = _entry(folder, kept.get(folder))
        ended = {path: entry for path, entry in found.items() if entry[1].status in TERMINAL}
        if ended != before:
            for path in before:
                del _known[path]
            _known.update(ended)
            if ended != kept:
                _write(ended)
    states = (state for _stamp, state in found.values())
    return tuple(sorted(states, key=lambda one: (one.created, one.id), reverse=True))


def _entry(folder: str, kept: Entry | None) -> Entry:
    """Return a run as it was kept, or as it stands if its log or its label has changed since."""
    stamp = _stamp(folder)
    return kept if kept is not None and kept[0] == stamp else (stamp, _look(folder))


def _stamp(folder: str) -> Stamp:
    size, changed = _changed(f"{folder}/{events.FILE}")
    return size, changed, _changed(f"{folder}/{labels.FILE}")[1]


def _changed(path: str) -> tuple[int, int]:
    try:
        told = os.stat(path)
    except FileNotFoundError:
        return 0, 0
    return told.st_size, told.st_mtime_ns


def _look(folder: str) -> RunState:
    """Return a run as it stands, in brief if it has ended."""
    if folder not in _going_on:  # no memory is kept of a log that will not be read again
        state = store.peek(Path(folder))
        if state.status in TERMINAL:
            return _brief(state)
        _going_on.add(folder)
    state = store.read_run(Path(folder).name)
    if state.status in TERMINAL:
        _going_on.discard(folder)
        return _brief(state)
    return state


def _brief(state: RunState) -> RunState:
    return dataclasses.replace(state, **_LEFT_OUT)


def _read(root: str) -> dict[str, Entry]:
    """Return the entries that were kept; none if the file is missing, damaged or older."""
    try:
        values = files.read_json(files.cache_dir() / _FILE)
        if values["format"] == FORMAT:
            return {
                f"{root}/{run}": (tuple(told["stamp"]), _state(told["run"]))
                for run, told in values["runs"].items()
            }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    return {}


def _state(values: dict[str, Any]) -> RunState:
    """Return a run as it was kept; `records.from_dict` would take most of a second for all."""
    spec = RunSpec(**_with_tuples(values["spec"]))
    return RunState(**_with_tuples(values) | _LEFT_OUT | {"spec": spec})


def _with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}


def _write(runs: dict[str, Entry]) -> None:
    """Keep the entries; a full disk only means that the logs are read again."""
    told = {
        Path(folder).name: {
            "stamp": stamp,
            "run": {k: v for k, v in to_dict(state).items() if k not in _LEFT_OUT},
        }
        for folder, (stamp, state) in runs.items()
    }
    with contextlib.suppress(OSError, ValueError):
        files.write_json(files.cache_dir() / _FILE, {"format": FORMAT, "runs": told})


def matching(
    runs: Iterable[RunState],
    *,
    search: str = "",
    tags: Iterable[str] = (),
    about: Callable[[RunState], str] = lambda run: "",
) -> tuple[RunState, ...]:
    """Return the runs that hold every word of `search` and have every one of `tags`.

    Args:
        runs: runs, in any order, which is kept.
        search: words, in any order and in capitals or not.
        tags: likewise.
        about: called with a run; returns further text to search in, such as the name of its data.
    """
    words = search.casefold().split()
    wanted = {tag.casefold() for tag in tags}
    return tuple(
        run
        for run in runs
        if wanted <= {tag.casefold() for tag in run.tags}
        and all(word in _text_of(run, about) for word in words)
    )


def _text_of(run: RunState, about: Callable[[RunState], str]) -> str:
    spec = run.spec
    said = (run.id, run.name, run.note, *run.tags, run.status, run.strategy, spec.dataset)
    return " ".join((*said, spec.base, spec.kind, about(run))).casefold()


def tags_of(runs: Iterable[RunState]) -> tuple[str, ...]:
    """Return every tag of these runs once, sorted."""
    known = {tag.casefold(): tag for run in runs for tag in run.tags}
    return tuple(known[key] for key in sorted(known))
