"""Who is at work: the lock of each run, of the device, around starting and around steering.

`fcntl` locks belong to a process, and closing any descriptor of the file drops them. Two threads
of one process (pages run in threads) must therefore never meet at a lock file; everything in here
goes through a lock of this process first, and never probes what this process itself holds.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tl_core import files

RUN_LOCK = "worker.lock"
_RETRY_SECONDS = 0.02

_probing = threading.RLock()
_held: set[Path] = set()
_starting = threading.Lock()
_steering = threading.Lock()
_labelling = threading.Lock()


def is_alive(folder: Path) -> bool:
    """Tell whether a process holds the lock in `folder`: then, and only then, it is at work."""
    path = folder / RUN_LOCK
    with _probing:
        return path in _held or files.is_locked(path)


@contextlib.contextmanager
def hold(folder: Path, *, wait_seconds: float = 0.0) -> Iterator[bool]:
    """Hold the lock in `folder`; gives False if another holds it longer than `wait_seconds`.

    A probe takes the lock for a moment, hence a worker should be ready to wait a little.
    """
    path = folder / RUN_LOCK
    lock = _take(path, time.monotonic() + wait_seconds) if folder.is_dir() else None
    if lock is None:
        yield False
        return
    try:
        yield True
    finally:
        with _probing:
            _held.discard(path)
            lock.release()


def _take(path: Path, deadline: float) -> files.FileLock | None:
    while True:
        with _probing:
            if path in _held:
                return None
            lock = files.FileLock(path)
            if lock.acquire():
                _held.add(path)
                return lock
        if time.monotonic() >= deadline:
            return None
        time.sleep(_RETRY_SECONDS)


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Let one thread of one process at a time create, relaunch or delete runs."""
    with _starting, _alone("start.lock"):
        yield


@contextlib.contextmanager
def steering() -> Iterator[None]:
    """Let one thread of one process at a time change what is wanted of a run."""
    with _steering, _alone("steer.lock"):
        yield


@contextlib.contextmanager
def labelling() -> Iterator[None]:
    """Let one thread of one process at a time change what people say of runs."""
    with _labelling, _alone("label.lock"):
        yield


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    """Be the one process that holds a lock; of its threads only one may come here at a time."""
    lock = files.FileLock(files.home() / "locks" / name)
    if not lock.acquire(blocking=True):
        raise OSError(f"the lock {name} cannot be taken")
    try:
        yield
    finally:
        lock.release()


def device_lock(device: str) -> files.FileLock:
    """Return the lock of a device (`cpu`): one heavy job at a time has it, the others queue."""
    return files.FileLock(files.home() / "locks" / f"{device}.lock")
