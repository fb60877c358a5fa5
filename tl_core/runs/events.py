"""The event log of a run: one JSON object a line, one writer, only ever appended to.

It neither knows what the events mean (that is `fold`) nor where runs lie (that is `store`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tl_core import spec

Event = dict[str, Any]

FORMAT_VERSION = 1
FILE = "events.jsonl"
ENVELOPE = ("v", "seq", "t", "attempt", "kind")
"""Keys that the writer sets; a field of the same name is stored as `KIND_FIELD`."""
DURABLE = frozenset(
    {"created", "launched", "started", "plan", "checkpoint", "paused", "resumed", "action"}
    | {"round", "dropped"}
    | {"finished", "stopped", "failed"}
)
"""Kinds that are synced to the disk before the run goes on: losing one would change a status or
forget what a person did."""


class EventWriter:
    """Appends events to one log for the life of one attempt; safe to call from several threads.

    There must be only one writer at a time: hold the lock of the run, or the start lock.
    """

    def __init__(self, path: Path, *, new_attempt: bool = False) -> None:
        """Open the log, completing a line that an earlier attempt left torn.

        Args:
            path: the log; made if it is not there.
            new_attempt: count this writer as a further attempt at the job.
        """
        events, whole, _bad = read_events(path)
        self._seq = max((_whole(e.get("seq")) for e in events), default=0)
        self._attempt = max((_whole(e.get("attempt")) for e in events), default=0) + new_attempt
        self._lock = threading.Lock()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._fd = os.open(path, flags, 0o644)
        self._is_torn = os.fstat(self._fd).st_size > whole
        self.last_kind = ""
        """Kind of the last event that this writer wrote."""

    @property
    def attempt(self) -> int:
        """Number of this attempt; 0 before a worker has taken the job up."""
        return self._attempt

    def emit(self, kind: str, /, **fields: Any) -> None:
        """Append one event, durably if its kind is in `DURABLE`.

        Numbers that are not finite are stored as null, records as objects.

        Raises:
            OSError: if it cannot be written (a full disk, say); the log keeps only whole lines.
        """
        with self._lock:
            event: Event = {
                "v": FORMAT_VERSION,
                "seq": self._seq + 1,
                "t": round(time.time(), 3),
                "attempt": self._attempt,
                "kind": kind,
            }
            for name, value in fields.items():
                event[f"{kind}_{name}" if name in ENVELOPE else name] = _plain(value)
            line = json.dumps(event, separators=(",", ":"), allow_nan=False) + "\n"
            self._append(line.encode("ascii"))
            self._seq += 1
            self.last_kind = kind
            if kind in DURABLE:
                os.fsync(self._fd)

    def _append(self, line: bytes) -> None:
        size = os.fstat(self._fd).st_size
        rest = b"\n" + line if self._is_torn else line
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            # Whoever reads now takes only whole lines, so that the part can be cut off again.
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, size)
            self._is_torn = self._is_torn or os.fstat(self._fd).st_size > size
            raise
        self._is_torn = False

    def close(self) -> None:
        """Close the log; nothing can be written after it."""
        os.close(self._fd)

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_events(path: Path, offset: int = 0) -> tuple[list[Event], int, int]:
    """Read the whole lines of a log from a byte offset on.

    Returns:
        The events, the offset after the last whole line, and the number of lines that are not
        an event (torn by a kill, or damaged) and were passed over. A missing log is empty.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], offset, 0
    end = data.rfind(b"\n") + 1
    events: list[Event] = []
    bad = 0
    for line in data[:end].split(b"\n"):
        if not line:
            continue
        event = _decoded(line)
        if event is None:
            bad += 1
        else:
            events.append(event)
    return events, offset + end, bad


def _decoded(line: bytes) -> Event | None:
    try:
        event = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    is_event = isinstance(event, dict) and isinstance(event.get("kind"), str)
    return event if is_event else None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _plain(value: Any) -> Any:
    """Return `value` as JSON can hold it."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return _plain(spec.to_dict(value))
    if callable(getattr(value, "item", None)):  # a number of NumPy or torch
        return _plain(value.item())
    return str(value)
