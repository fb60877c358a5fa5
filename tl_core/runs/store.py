"""The runs on this computer: made, read, listed, deleted.

    THAW_HOME/runs/<id>/
      spec.json      what was asked; written once
      events.jsonl   see `events`
      control.json   see `control`
      worker.lock    held by the process at work, see `locks`
      worker.log     text for people who debug
      label.json     what people say of it, see `labels`
      checkpoints/   artifacts/

It starts nothing (that is `launch`) and imports no network.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _
from tl_core.runs import control, events, labels, locks
from tl_core.runs.cache import Entry, entry_of
from tl_core.runs.events import Event
from tl_core.runs.fold import Fold
from tl_core.runs.request import read_spec, with_absolute_source, write_spec
from tl_core.runs.state import ACTIVE, TERMINAL, RunState
from tl_core.spec import Evidence, RunSpec, from_dict, require_valid

__all__ = [
    "ACTIVE",
    "TERMINAL",
    "RunState",
    "competitors",
    "delete_run",
    "derive_status",
    "evidence",
    "list_runs",
    "new_run",
    "read_run",
    "read_spec",
    "run_dir",
]

_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{4}")
_ID_LENGTH = 80
_SLUG_LENGTH = 32
_ENDING_SECONDS = 1.0  # a worker that has said its last word may still hold the lock
_UNFINISHED = ".new-"
_DELETED = ".deleted-"


def new_run(spec: RunSpec, *, race: str = "") -> str:
    """Make the folder of a new run, with its first event, and return its id; starts nothing.

    Args:
        spec: what is asked for.
        race: id of the race in which the run competes.

    Raises:
        InputError: if `spec` cannot be run.
    """
    spec = with_absolute_source(require_valid(spec))
    root = files.runs_dir()
    root.mkdir(parents=True, exist_ok=True)
    while (root / (run_id := _new_id(spec))).exists():
        pass
    unfinished = root / f"{_UNFINISHED}{run_id}"
    try:
        unfinished.mkdir()
        write_spec(unfinished, spec)
        with events.EventWriter(unfinished / events.FILE) as writer:
            writer.emit(
                "created",
                job=spec.kind,
                dataset=spec.dataset,
                base=spec.base,
                strategy=spec.strategy,
                **({"race": race} if race else {}),
            )
        unfinished.rename(root / run_id)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return run_id


def _new_id(spec: RunSpec) -> str:
    """Return an id that sorts by time (UTC) and says what it is about: letters, digits, hyphens."""
    about = (spec.name or Path(spec.source).stem) if spec.kind == "import" else spec.dataset
    slug = re.sub(r"[^a-z0-9]+", "-", about.lower())[:_SLUG_LENGTH].strip("-") or spec.kind
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return f"{stamp}-{slug}-{secrets.token_hex(2)}"


def run_dir(run_id: str) -> Path:
    """Return the folder of an existing run.

    Args:
        run_id: untrusted text, from a URL say.

    Raises:
        InputError: if there is no such run.
    """
    if len(run_id) <= _ID_LENGTH and _ID.fullmatch(run_id):
        folder = files.runs_dir() / run_id
        if folder.is_dir() and not folder.is_symlink():
            return folder
    raise InputError(
        [
            Issue(
                "run",
                _("There is no run '{id}'.").format(id=run_id[:_ID_LENGTH]),
                _("It may have been deleted. See all runs with: thaw runs list"),
            )
        ]
    )


def read_run(run_id: str) -> RunState:
    """Return the state of a run; only what was added since the last call is read.

    A run whose request cannot be read is returned as failed, with the error code `unreadable`.

    Raises:
        InputError: if there is no such run.
    """
    folder = run_dir(run_id)
    entry = entry_of(folder)
    with entry.lock:
        return _state(folder, entry)


def _state(folder: Path, entry: Entry) -> RunState:
    try:
        if entry.spec is None:
            entry.spec = read_spec(folder)
    except InputError as error:
        return _unreadable(folder, error)
    status = _status(folder, entry)
    state = entry.fold.state(folder.name, entry.spec, status, time.time())
    label = labels.read(folder)
    return dataclasses.replace(
        state,
        bad_lines=state.bad_lines + entry.bad_lines,
        created=state.created or _written_at(folder),
        name=label.name,
        note=label.note,
        tags=label.tags,
    )


def derive_status(
    told: Iterable[Event], locked: bool, want: control.Want, *, now: float = 0.0
) -> str:  # fmt: skip
    """Return the status of a run.

    Args:
        told: its events in order.
        locked: whether a process holds its lock.
        want: what control.json asks for.
        now: seconds since 1970; only the age of a launch is judged by it.
    """
    return Fold.of(told).status(locked, want, now)


def peek(folder: Path) -> RunState:
    """Return the state of the run in `folder`, wherever that lies; nothing of it is remembered."""
    return _state(folder, Entry(folder))


def _status(folder: Path, entry: Entry) -> str:
    """Derive the status; dead is only called who is dead after all it wrote was read."""
    entry.update()
    while entry.fold.life not in TERMINAL:
        alive = locks.is_alive(folder)
        if alive or not entry.update():
            return entry.fold.status(alive, control.read_want(folder), time.time())
    return entry.fold.life


def _unreadable(folder: Path, error: InputError) -> RunState:
    issue = error.issues[0]
    nothing = Entry(folder).fold.state(folder.name, RunSpec(kind=""), "failed", time.time())
    told = {"code": "unreadable", "message": issue.message, "fix": issue.fix}
    return dataclasses.replace(nothing, error=told, created=_written_at(folder))


def _written_at(folder: Path) -> float:
    try:
        return (folder / events.FILE).stat().st_mtime
    except OSError:
        return 0.0


def list_runs() -> tuple[RunState, ...]:
    """Return the state of every run, newest first."""
    states: list[RunState] = []
    for run_id in run_ids():
        try:
            states.append(read_run(run_id))
        except InputError:  # deleted since it was listed
            continue
    return tuple(sorted(states, key=lambda s: (s.created, s.id), reverse=True))


def run_ids() -> tuple[str, ...]:
    """Return the id of every run, newest first to the second."""
    try:
        entries = list(os.scandir(files.runs_dir()))
    except FileNotFoundError:
        return ()
    found = (e.name for e in entries if _ID.fullmatch(e.name) and e.is_dir(follow_symlinks=False))
    return tuple(sorted(found, reverse=True))


def competitors(race: RunState) -> tuple[RunState, ...]:
    """Return the runs of a race in the order of its strategies; deleted ones are left out."""
    states: list[RunState] = []
    for row in (race.standing or {}).get("competitors", ()):
        with contextlib.suppress(InputError):
            states.append(read_run(str(row["run"])))
    return tuple(states)


def evidence(run_id: str) -> Evidence:
    """Return what a finished evidence job measured.

    Raises:
        InputError: if there is no such run, or it has not measured anything that can be read.
    """
    try:
        path = run_dir(run_id) / "artifacts" / "evidence.json"
        return from_dict(Evidence, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        message = _("The run {id} holds no measurements.").format(id=run_id)
        raise InputError([Issue("run", message, _("Measure again."))]) from error


def weighed(run_id: str) -> list[dict[str, Any]]:
    """Return some held-out texts with their words weighed, each like `engine.words.Weighed`.

    Empty for pictures, and for a run that has not come to its end.

    Raises:
        InputError: if there is no such run.
    """
    try:
        path = run_dir(run_id) / "artifacts" / "words.json"
        return list(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return []


def delete_run(run_id: str, *, for_good: bool = False) -> None:
    """Move a run into the trash, from where `trash.restore` gives it back.

    Args:
        run_id: the run.
        for_good: remove it with all its files instead.

    Raises:
        InputError: if there is no such run, or it has not ended.
    """
    folder = run_dir(run_id)
    with locks.starting():
        has_ended = not read_run(run_id).is_active
        with locks.hold(folder, wait_seconds=_ENDING_SECONDS * has_ended) as is_ours:
            if not (has_ended and is_ours):
                message = _("The run {id} has not ended.").format(id=run_id)
                raise InputError([Issue("run", message, _("Stop it first, then delete it."))])
            # One renaming: whoever is killed here leaves the run whole, in one place or the other.
            folder.rename(_doomed(folder) if for_good else _in_trash(run_id))
    for leftover in files.runs_dir().glob(f"{_DELETED}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _doomed(folder: Path) -> Path:
    return folder.with_name(f"{_DELETED}{folder.name}")


def _in_trash(run_id: str) -> Path:
    """Return a free place in the trash; its name says when the run came there."""
    files.trash_dir().mkdir(parents=True, exist_ok=True)
    seconds = int(time.time())
    while (place := files.trash_dir() / f"{run_id}.{seconds}").exists():
        seconds += 1
    return place
