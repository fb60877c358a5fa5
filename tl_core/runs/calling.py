"""Asking a process that stands by: it is started, found and started again here.

Nothing heavy is loaded by whoever asks; see `standby`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _
from tl_core.runs import locks, pool, standby
from tl_core.runs.spawn import WORKER, spawn
from tl_core.runs.standby import Told

MOST_STARTS = 2
"""Of the process, for one question: what is asked about may be what ends it."""
MOST_AT_ONCE = 2
"""Processes: each takes half a gigabyte or more."""
WAIT_SECONDS = 180.0
"""For an answer: the first one may have to read a large training set."""
_START_SECONDS = 10.0  # a process that does not hold its lock by then never will
_STOP_SECONDS = 5.0


def ensure(folder: Path, option: str, *, command: Sequence[str] = WORKER) -> None:
    """See to it that a process works in `folder`, or soon will; returns at once.

    Args:
        folder: one of those that `standby` looks after.
        option: by which the worker's command becomes that process.
        command: the worker's command.
    """
    if _is_there(folder):
        return
    with locks.starting():
        if not _is_there(folder):
            _make_room(besides=folder)
            (folder / standby.ASKS).mkdir(parents=True, exist_ok=True)
            (folder / standby.STARTING).touch()
            spawn([*command, option, str(folder)], folder / "worker.log")


def _make_room(*, besides: Path) -> None:
    """Remove what dead processes left, and end those asked longest ago; the start lock is held."""
    alive = []
    for folder in standby.folders():
        if locks.is_alive(folder):
            alive.append(folder)
        elif not _is_there(folder):
            shutil.rmtree(folder, ignore_errors=True)
    others = [folder for folder in alive if folder != besides]
    for folder in sorted(others, key=standby.last_asked)[: len(others) + 1 - MOST_AT_ONCE]:
        end(folder)


def is_ready(folder: Path) -> bool:
    """Tell whether all is in memory there, so that an answer takes a moment only."""
    return locks.is_alive(folder) and bool(pool.read_info(folder).get("ready"))


def ask(find: Callable[[], Path], begin: Callable[[], None], question: Told) -> Told:
    """Return the answer to a question; waits for it.

    Args:
        find: returns the folder of the process, looked up again and again meanwhile.
        begin: starts the process.
        question: plain JSON values.

    Raises:
        InputError: if `find`, `begin` or the process say so.
        RunFailed: if the process ends again and again, takes too long, or fails.
    """
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.json"
    deadline = time.monotonic() + WAIT_SECONDS
    starts = 0
    while time.monotonic() < deadline:
        folder = find()
        if not _is_there(folder):
            if starts == MOST_STARTS:
                raise _ended()
            starts += 1
            begin()
        if (told := _fetched(folder / standby.ANSWERS / name)) is not None:
            return _unless_failed(told)
        asked = folder / standby.ASKS / name
        if not asked.exists() and not (folder / standby.ANSWERS / name).exists():
            with contextlib.suppress(OSError):  # the process is just leaving
                files.write_json(asked, question)
        time.sleep(standby.POLL_SECONDS)
    raise _too_slow()


def _fetched(path: Path) -> Told | None:
    """Take an answer that has come; None before."""
    try:
        told: dict[str, Any] = files.read_json(path)
    except (OSError, ValueError):
        return None
    path.unlink(missing_ok=True)
    return told


def _unless_failed(told: Told) -> Told:
    error = told.get("error")
    if error is None:
        return told
    if issues := error.get("issues"):
        raise InputError([Issue(**issue) for issue in issues])
    raise RunFailed(error["code"], error["message"], error["fix"])


def _is_there(folder: Path) -> bool:
    """Tell whether a process works there with the code of now, or is about to."""
    if not locks.is_alive(folder):
        with contextlib.suppress(OSError):
            started = (folder / standby.STARTING).stat().st_mtime
            return time.time() - started < _START_SECONDS
        return False
    stamp = pool.read_info(folder).get("stamp")
    if stamp in (None, pool.code_stamp()):
        return True
    end(folder)
    return False


def end(folder: Path) -> None:
    """End the process that works in `folder`, if there is one; a question it has is lost to it."""
    pid = pool.read_info(folder).get("pid")
    if not isinstance(pid, int) or not locks.is_alive(folder):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while locks.is_alive(folder) and time.monotonic() < deadline:
        time.sleep(standby.POLL_SECONDS)


def stop_all() -> None:
    """End every process that stands by."""
    for folder in standby.folders():
        end(folder)


def _ended() -> RunFailed:
    return RunFailed(
        "predictor",
        _("The process that answers for the model has ended before it could answer."),
        _("Try again, with fewer or smaller files; its log lies in the folder predictors."),
    )


def _too_slow() -> RunFailed:
    return RunFailed(
        "predictor",
        _("The model has not answered in time."),
        _("Try again when the computer is less busy."),
    )
