"""What is wanted of a run now, written by people and read by the worker at batch borders.

`control.json` holds what is wanted from now on (`want`) and every action that was ever asked for
(`actions`). Which of these were answered the run itself keeps, so that only those who ask write the
file.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Literal

from tl_core import files
from tl_core.actions import ACTIONS, Asked
from tl_core.runs import locks
from tl_core.runs.request import SPEC_FILE

Want = Literal["run", "pause", "stop"]

FILE = "control.json"
ENDING = frozenset({"stop_keep_best"})
"""Actions after which the run ends."""
READ_SECONDS = 0.2  # the file is read at most five times a second, however small the batches
WAIT_SECONDS = 0.1


def write_want(run_dir: Path, want: Want) -> None:
    """Say what is wanted of the run from now on; who lets it run takes back an asked-for end."""
    with locks.steering():
        asked = read_actions(run_dir)
        if want == "run":
            asked = tuple(one for one in asked if one.action not in ENDING)
        _write(run_dir, want, asked)


def ask(run_dir: Path, action: str, *, alarm: str = "", unless: Collection[str] = ()) -> Asked:
    """Ask for an action beside those asked for already, and return it.

    Args:
        run_dir: folder of the run.
        action: one of `ACTIONS`.
        alarm: the kind of alarm to ignore.
        unless: ids of actions that were answered; the same one still waiting for its answer is
            returned instead of a second one.
    """
    with locks.steering():
        asked = read_actions(run_dir)
        for one in asked:
            if (one.action, one.alarm) == (action, alarm) and one.id not in unless:
                return one
        new = Asked(secrets.token_hex(6), action, alarm)
        want: Want = "stop" if action in ENDING else read_want(run_dir)
        _write(run_dir, want, (*asked, new))
    return new


def _write(run_dir: Path, want: Want, asked: Iterable[Asked]) -> None:
    content: dict[str, Any] = {"want": want}
    if told := [dataclasses.asdict(one) for one in asked]:
        content["actions"] = told
    files.write_json(run_dir / FILE, content)


def read_want(run_dir: Path) -> Want:
    """Return what is wanted; anything missing or unreadable means `run`."""
    want = _read(run_dir).get("want")
    return want if want in ("pause", "stop") else "run"


def read_actions(run_dir: Path) -> tuple[Asked, ...]:
    """Return every action asked for, in that order; what is not known is passed over."""
    told = _read(run_dir).get("actions")
    entries = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return tuple(
        Asked(str(one["id"]), str(one["action"]), str(one.get("alarm") or ""))
        for one in entries
        if one.get("id") and one.get("action") in ACTIONS
    )


def _read(run_dir: Path) -> dict[str, Any]:
    try:
        content = json.loads((run_dir / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


class Inbox:
    """Gives a worker the actions asked for; looks into the file only when it has changed.

    Called at each batch border, after the gate: an action that came with a stop is seen with it.
    """

    def __init__(self, run_dir: Path) -> None:
        """Watch over a run."""
        self._run_dir = run_dir
        self._seen: tuple[int, int] | None = None
        self._asked: tuple[Asked, ...] = ()

    def __call__(self) -> tuple[Asked, ...]:
        """Return every action asked for so far."""
        try:
            found = os.stat(self._run_dir / FILE)
        except OSError:
            return self._asked
        seen = found.st_ino, found.st_mtime_ns
        if seen != self._seen:
            self._seen = seen
            self._asked = read_actions(self._run_dir)
        return self._asked


class Gate:
    """The worker's side of control: passes, blocks while paused, closes for good on a stop.

    While paused the device is free for other jobs.
    """

    def __init__(
        self,
        run_dir: Path,
        emit: Callable[..., None],
        device: files.FileLock | None,
        *,
        is_terminated: Callable[[], bool] = lambda: False,
    ) -> None:
        """Watch over a run.

        Args:
            run_dir: folder of the run.
            emit: writes an event.
            device: the lock to hold while at work; None for a job that needs none.
            is_terminated: tells whether a signal asked this process to stop.
        """
        self._run_dir = run_dir
        self._emit = emit
        self._device = device
        self._is_terminated = is_terminated
        self._want: Want = "run"
        self._read_at = float("-inf")

    def wanted(self) -> Want:
        """Return what is wanted now; cheap enough to be asked at each batch."""
        if self._want == "stop":
            return "stop"
        if self._is_terminated():
            self._want = "stop"
        elif time.monotonic() - self._read_at >= READ_SECONDS:
            self._read_at = time.monotonic()
            # Who deletes the request of a running job does not want its result. The folder itself
            # says nothing: the job makes it again when it saves.
            is_wanted = (self._run_dir / SPEC_FILE).exists()
            self._want = read_want(self._run_dir) if is_wanted else "stop"
        return self._want

    def enter(self) -> bool:
        """Wait for the device; False if a stop was wanted meanwhile."""
        return self._take_device() and self.should_continue()

    def should_continue(self) -> bool:
        """Block while a pause is wanted; False once a stop is."""
        if self.wanted() != "pause":
            return self._want != "stop"
        self._emit("paused")
        if self._device is not None:
            self._device.release()
        while self.wanted() == "pause":
            time.sleep(WAIT_SECONDS)
        if self._want == "stop" or not self._take_device():
            return False
        self._emit("resumed")
        return self.should_continue()

    def leave(self) -> None:
        """Give the device back."""
        if self._device is not None:
            self._device.release()

    def _take_device(self) -> bool:
        if self._device is None or self._device.acquire():
            return self.wanted() != "stop"
        self._emit("waiting")
        while self.wanted() != "stop":
            if self._device.acquire():
                self._emit("ready")
                return True
            time.sleep(WAIT_SECONDS)
        return False
