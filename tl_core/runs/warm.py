"""The warm worker's own side: import what is slow to import, then wait for jobs and do them.

How others find and claim it is in `pool`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tl_core import files, i18n
from tl_core.errors import InputError
from tl_core.runs import locks, pool, store

log = logging.getLogger(__name__)

PRELOAD = (
    "torch",
    "torchvision.transforms.v2",
    "timm",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "statsmodels.stats.proportion",
    "tl_core.engine.train",
    "tl_core.evidence",
)
IDLE_SECONDS = 600.0
POLL_SECONDS = 0.05
MOST_BYTES = 3 << 30  # a process that grew beyond this makes room for a fresh one
_ORDER_SECONDS = 2.0  # an order that cannot be read by then was given by somebody who died

Serve = Callable[[Path], bool]
"""Does the job of a run folder; tells whether the process may go on to another."""


def wait_for_jobs(folder: Path, serve: Serve, preload: Sequence[str]) -> int:
    """Be a warm worker until there is nothing to do for long; returns the exit code."""
    stamp = pool.code_stamp()
    with locks.hold(folder, wait_seconds=1.0) as is_ours:
        if not is_ours:
            return 0
        info = {"pid": os.getpid(), "stamp": stamp}
        with contextlib.suppress(OSError):  # the folder may go at any time
            files.write_json(folder / pool.INFO, info | {"ready": False})
            for name in preload:
                importlib.import_module(name)
            if folder.is_dir():
                files.write_json(folder / pool.INFO, info | {"ready": True})
                _serve_orders(folder, serve)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _serve_orders(folder: Path, serve: Serve) -> None:
    idle_since = time.monotonic()
    while folder.is_dir():
        if (folder / pool.ORDER).exists():
            goes_on = _obey(_read_order(folder), serve)
            if not goes_on or not _may_wait(folder):
                return
            (folder / pool.ORDER).unlink()
            idle_since = time.monotonic()
        elif (folder / pool.QUIT).exists() or time.monotonic() - idle_since > IDLE_SECONDS:
            _leave(folder, serve)
            return
        time.sleep(POLL_SECONDS)


def _obey(order: dict[str, Any], serve: Serve) -> bool:
    """Do what an order says; tells whether to wait for another."""
    if not isinstance(order.get("run"), str):
        return "quit" not in order
    try:
        run_dir = store.run_dir(order["run"])
    except InputError:  # deleted meanwhile
        return True
    with contextlib.suppress(OSError):
        os.chdir(order["cwd"])
    i18n.follow(lambda: str(order.get("language", "")))
    with _output_to(run_dir / "worker.log"):
        goes_on = serve(run_dir)
    gc.collect()
    return goes_on


def _read_order(folder: Path) -> dict[str, Any]:
    """Read the order, which may still be being written."""
    deadline = time.monotonic() + _ORDER_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            order = files.read_json(folder / pool.ORDER)
            if isinstance(order, dict):
                return order
        time.sleep(POLL_SECONDS)
    return {}


def _may_wait(folder: Path) -> bool:
    """Tell whether this process should wait on: lean, not asked to go, and the only idle one."""
    others = (f for f in pool.folders() if f != folder)
    return (
        _bytes_in_use() <= MOST_BYTES
        and not (folder / pool.QUIT).exists()
        and not any(pool.is_idle(f) for f in others)
    )


def _leave(folder: Path, serve: Serve) -> None:
    """Go so that nobody can claim us any more; an order that came in between is still done."""
    gone = folder.with_name(folder.name + pool.LEAVING)
    folder.rename(gone)
    if (gone / pool.ORDER).exists():
        _obey(_read_order(gone), serve)
    shutil.rmtree(gone, ignore_errors=True)


def _bytes_in_use() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * resource.getpagesize()


@contextlib.contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """Send everything this process prints to `path`, whoever prints it."""
    streams = (sys.stdout, sys.stderr)
    kept = [os.dup(number) for number in (1, 2)]
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        for number in (1, 2):
            os.dup2(fd, number)
        yield
    finally:
        for stream in streams:
            stream.flush()
        for number, saved in zip((1, 2), kept, strict=True):
            os.dup2(saved, number)
            os.close(saved)
        os.close(fd)
