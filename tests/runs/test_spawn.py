"""Spawning: a session of its own, its output in a file, its code found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.runs.spawn import WORKER, spawn, together

SCRIPT = """
import os, sys, tl_core
print(os.getpid() == os.getsid(0), sys.stdin.read() == "", flush=True)
print("problem", file=sys.stderr)
"""


def test_a_child_has_its_own_session_and_writes_to_the_log(
    tmp_path: Path, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    spawn([sys.executable, "-P", "-c", SCRIPT], log)
    eventually(lambda: "problem" in log.read_text())
    assert log.read_text() == "before\nTrue True\nproblem\n"


def test_children_leave_no_zombies(
    tmp_path: Path, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    log = tmp_path / "log"
    spawn([sys.executable, "-c", "import os; print(os.getpid(), flush=True)"], log)
    pid = int(eventually(lambda: log.read_text().strip()))

    def is_gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    assert eventually(is_gone)  # a zombie would still answer


def test_the_usual_worker_is_our_own_python() -> None:
    assert WORKER[0] == sys.executable
    assert WORKER[-1] == "tl_core.runs.worker"


def test_several_processes_are_workers_started_together() -> None:
    assert together(1) == WORKER
    command = together(3)
    assert command[0] == sys.executable
    assert command[command.index("--nproc-per-node") + 1] == "3"
    assert command[-1] == WORKER[-1]


def test_a_childs_threads_wait_without_spinning_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    script = "import os; print(os.environ['OMP_WAIT_POLICY'], flush=True)"
    for number, (given, expected) in enumerate([(None, "passive"), ("active", "active")]):
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
        if given:
            monkeypatch.setenv("OMP_WAIT_POLICY", given)
        log = tmp_path / f"log{number}"
        spawn([sys.executable, "-P", "-c", script], log)
        assert eventually(lambda log=log: log.read_text().strip()) == expected


def test_a_child_speaks_the_language_of_whoever_starts_it(
    tmp_path: Path,
    speak: Callable[[str], None],
    eventually: Callable[[Callable[[], Any]], Any],
) -> None:
    speak("de")
    log = tmp_path / "log"
    code = "from tl_core.i18n import _; print(_('Data'), flush=True)"
    spawn([sys.executable, "-P", "-c", code], log)
    assert eventually(lambda: log.read_text().strip()) == "Daten"
