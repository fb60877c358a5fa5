"""Warm workers as seen from outside: found, claimed for a run, started, sent home.

    THAW_HOME/warm/<random>/
      worker.lock       held by the waiting process for life
      info.json         its pid, whether it is ready, and which code it has loaded
      order.json        made exclusively by whoever claims it; removed by the worker when done
      quit              asks it to go once it is idle
      worker.log

The process itself is in `warm`.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tl_core import files, i18n
from tl_core.runs import locks
from tl_core.runs.spawn import spawn

INFO, ORDER, QUIT = "info.json", "order.json", "quit"
LEAVING = ".leaving"
START_SECONDS = 10.0  # a folder without a lock is somebody's start until it is this old
STOP_SECONDS = 5.0


def folder_of_all() -> Path:
    """Return the folder that holds one folder per warm worker."""
    return files.home() / "warm"


def folders() -> list[Path]:
    """Return the folders of all warm workers that are not leaving."""
    return [folder for folder in _all_folders() if not folder.name.endswith(LEAVING)]


def is_idle(folder: Path) -> bool:
    """Tell whether a live process waits there, or is about to, for its next job."""
    if (folder / ORDER).exists() or (folder / QUIT).exists():
        return False
    return locks.is_alive(folder) or _age(folder) < START_SECONDS


def code_stamp() -> str:
    """Return what changes when the installed code does: a waiting process may have older code."""
    package = Path(__file__).resolve().parents[1]
    sources = (p.stat() for kind in ("*.py", "*.toml") for p in package.rglob(kind))
    return f"{sys.executable}:{max(s.st_mtime_ns for s in sources)}"


def claim(run_id: str) -> bool:
    """Hand a run to a warm worker that is ready; False if there is none."""
    for folder in folders():
        info = read_info(folder)
        if not info.get("ready") or not is_idle(folder) or not locks.is_alive(folder):
            continue
        if info.get("stamp") != code_stamp():
            ask_to_quit(folder)
        elif _order(folder, _job(run_id)) and locks.is_alive(folder):
            return True
    return False


def _job(run_id: str) -> dict[str, Any]:
    return {"run": run_id, "cwd": os.getcwd(), "language": i18n.language()}


def ensure(command: Sequence[str]) -> None:
    """See to it that one worker is idle or becomes so; returns at once."""
    if any(is_idle(folder) for folder in folders()):
        return
    with locks.starting():
        _sweep()
        if any(is_idle(folder) for folder in folders()):
            return
        folder = folder_of_all() / secrets.token_hex(8)
        folder.mkdir(parents=True)
        spawn([*command, "--warm", str(folder)], folder / "worker.log")


def stop_all() -> None:
    """Send every idle worker home and wait for it; a busy one goes after its job."""
    waiting = []
    for folder in folders():
        ask_to_quit(folder)
        if _order(folder, {"quit": True}):
            # Nobody else can claim it now, so that it can be ended while it still imports.
            with contextlib.suppress(ProcessLookupError, KeyError, TypeError):
                if locks.is_alive(folder):
                    os.kill(read_info(folder)["pid"], signal.SIGTERM)
            waiting.append(folder)
    deadline = time.monotonic() + STOP_SECONDS
    while any(locks.is_alive(f) for f in waiting) and time.monotonic() < deadline:
        time.sleep(0.02)
    for folder in waiting:
        if not locks.is_alive(folder):
            shutil.rmtree(folder, ignore_errors=True)


def ask_to_quit(folder: Path) -> None:
    """Ask a worker to go once it is idle."""
    with contextlib.suppress(OSError):
        (folder / QUIT).touch()


def read_info(folder: Path) -> dict[str, Any]:
    """Return what a worker says of itself; empty if nothing can be read."""
    try:
        info = files.read_json(folder / INFO)
    except (OSError, ValueError):
        return {}
    return info if isinstance(info, dict) else {}


def _order(folder: Path, order: dict[str, Any]) -> bool:
    """Put an order down unless there is one; False also if the worker has just left."""
    try:
        fd = os.open(folder / ORDER, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    with os.fdopen(fd, "w") as file:
        json.dump(order, file)
    return True


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return float("inf")


def _sweep() -> None:
    """Remove what dead workers left behind."""
    for folder in _all_folders():
        if not locks.is_alive(folder) and _age(folder) > START_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _all_folders() -> list[Path]:
    try:
        return [Path(e.path) for e in os.scandir(folder_of_all()) if e.is_dir()]
    except FileNotFoundError:
        return []
