"""What is wanted of a run now, written by people and read by the worker at batch borders."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from tl_core import files
from tl_core.runs.request import SPEC_FILE

Want = Literal["run", "pause", "stop"]

FILE = "control.json"
READ_SECONDS = 0.2  # the file is read at most five times a second, however small the batches
WAIT_SECONDS = 0.1


def write_want(run_dir: Path, want: Want) -> None:
    """Say what is wanted of the run from now on."""
    files.write_json(run_dir / FILE, {"want": want})


def read_want(run_dir: Path) -> Want:
    """Return what is wanted; anything missing or unreadable means `run`."""
    try:
        content: Any = json.loads((run_dir / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "run"
    want = content.get("want") if isinstance(content, dict) else None
    return want if want in ("pause", "stop") else "run"


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
