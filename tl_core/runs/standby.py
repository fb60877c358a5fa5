"""A process that keeps something heavy in memory and answers until nobody asks any more.

    THAW_HOME/predictors/<name>/
      worker.lock       held by the process for life
      starting          made by who starts it, removed once it holds the lock
      info.json         its pid, whether it is ready, and which code it has loaded
      asks/ID.json      what somebody wants to know
      answers/ID.json   the answer, or what went wrong
      worker.log

It answers one question at a time, while jobs are at work too. It may be killed at any time: who
asks starts another, see `calling`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.runs import failures, locks, pool

log = logging.getLogger(__name__)

STARTING, INFO, ASKS, ANSWERS = "starting", "info.json", "asks", "answers"
IDLE_SECONDS = 300.0
"""After so long without a question the memory is given back."""
POLL_SECONDS = 0.02
_FORGET_SECONDS = 600.0  # an answer that nobody has fetched by then is thrown away

Told = dict[str, Any]


@dataclass(frozen=True)
class Duty:
    """What a process stands by for."""

    prepare: Callable[[], object]
    """Loads what takes long; if it fails, the first question will fail by the same error."""
    answer: Callable[[Told], Told]
    """Answers one question; both are plain JSON values."""
    is_wanted: Callable[[], bool]
    """Tells whether anybody may ask still."""


def folder_of_all() -> Path:
    """Return the folder that holds one folder per such process."""
    return files.home() / "predictors"


def folders() -> list[Path]:
    """Return the folders of all such processes, dead ones too."""
    try:
        return [Path(entry.path) for entry in os.scandir(folder_of_all()) if entry.is_dir()]
    except FileNotFoundError:
        return []


def last_asked(folder: Path) -> float:
    """Return when somebody was last answered there, in seconds since 1970; 0 for never."""
    try:
        return (folder / ANSWERS).stat().st_mtime
    except OSError:
        return 0.0


def serve(folder: Path, duty: Duty) -> int:
    """Be the process that works in `folder`; returns the exit code."""
    with locks.hold(folder, wait_seconds=1.0) as is_ours:
        if not is_ours:
            return 0
        with contextlib.suppress(OSError):  # the folder may go at any time
            (folder / STARTING).unlink(missing_ok=True)
            _serve(folder, duty)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _serve(folder: Path, duty: Duty) -> None:
    info = {"pid": os.getpid(), "stamp": pool.code_stamp()}
    files.write_json(folder / INFO, info | {"ready": False})
    with contextlib.suppress(Exception):  # who asks is told
        duty.prepare()
    files.write_json(folder / INFO, info | {"ready": True})
    asked = time.monotonic()
    while folder.is_dir() and duty.is_wanted():
        if found := _oldest(folder / ASKS):
            _answer(folder, found, duty)
            asked = time.monotonic()
        elif time.monotonic() - asked > IDLE_SECONDS:
            return
        else:
            time.sleep(POLL_SECONDS)


def _oldest(asks: Path) -> Path | None:
    """Return the question that waits longest."""
    return min(asks.glob("*.json"), default=None)


def _answer(folder: Path, asked: Path, duty: Duty) -> None:
    """Answer one question; whatever goes wrong is the answer."""
    try:
        told = duty.answer(files.read_json(asked))
    except Exception as error:  # hostile files and vanished runs must not end the process
        log.exception("a question could not be answered")
        told = {"error": failures.describe(error)}
    _forget(folder / ANSWERS)
    # The question first: an answer without a question is thrown away in time, a question whose
    # answer was fetched would be answered again.
    asked.unlink(missing_ok=True)
    if folder.is_dir():
        files.write_json(folder / ANSWERS / asked.name, told)


def _forget(answers: Path) -> None:
    """Throw away answers that nobody has fetched."""
    for path in answers.glob("*.json"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _FORGET_SECONDS:
                path.unlink()
