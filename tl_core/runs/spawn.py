"""Starting a process that outlives the one that started it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tl_core import i18n

# -P: a file named like a module in the current folder must not take its place.
WORKER: tuple[str, ...] = (sys.executable, "-P", "-m", "tl_core.runs.worker")


def together(processes: int) -> tuple[str, ...]:
    """Return the command of a worker that trains in several processes at once."""
    if processes == 1:
        return WORKER
    # What `accelerate launch` starts on several GPUs; of processors it would start one only.
    launcher = (sys.executable, "-P", "-m", "torch.distributed.run", "--standalone")
    return (*launcher, "--nproc-per-node", str(processes), "--module", WORKER[-1])


CALM_THREADS = {"OMP_WAIT_POLICY": "passive"}
"""Threads that wait for each other sleep instead of spinning. Beside a browser and a server the
cores are never all free, and spinning then starves the very thread that is waited for: with one
other busy process on 2 cores a forward pass ran 2.4 to 4.2 times as fast, alone just as fast.
"""


def spawn(command: Sequence[str], log_path: Path) -> None:
    """Start `command` in a session of its own, with its output appended to `log_path`."""
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=True,
            env=_environment(),
        )
    # Somebody has to wait for a child, or it stays in the process table as long as we live.
    threading.Thread(target=process.wait, name=f"wait-{process.pid}", daemon=True).start()


def _environment() -> dict[str, str]:
    """Return our environment, with the code that runs here found first by the child."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    ours = {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "LANGUAGE": i18n.language(),  # of whoever begins the job
    }
    return CALM_THREADS | os.environ | ours
