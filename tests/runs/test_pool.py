"""Warm workers from outside: one at most waits, claims are exclusive, all can be sent home."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from tl_core import files
from tl_core.runs import locks, pool


@pytest.fixture
def spawned(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Collect what would have been started."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(pool, "spawn", lambda command, log: commands.append(tuple(command)))
    return commands


def waiting(name: str, **info: Any) -> Path:
    """Make the folder of a warm worker; whoever wants it alive must hold its lock."""
    folder = pool.folder_of_all() / name
    folder.mkdir(parents=True)
    content = {"pid": os.getpid(), "ready": True, "stamp": pool.code_stamp()} | info
    files.write_json(folder / pool.INFO, content)
    return folder


def order_of(folder: Path) -> Any:
    return json.loads((folder / pool.ORDER).read_text())


def age(folder: Path) -> None:
    os.utime(folder, (1.0, 1.0))


def test_one_worker_is_started_and_no_second_one(spawned: list[tuple[str, ...]]) -> None:
    pool.ensure(("worker",))
    pool.ensure(("worker",))
    ((command, flag, folder),) = spawned
    assert (command, flag) == ("worker", "--warm")
    assert Path(folder).is_dir()


def test_a_start_that_came_to_nothing_is_swept_away(spawned: list[tuple[str, ...]]) -> None:
    pool.ensure(("worker",))
    (dead,) = pool.folders()
    age(dead)
    pool.ensure(("worker",))
    assert len(spawned) == 2
    assert not dead.exists()


def test_a_busy_worker_is_not_idle(spawned: list[tuple[str, ...]]) -> None:
    folder = waiting("a")
    with locks.hold(folder):
        assert pool.is_idle(folder)
        pool.ensure(("worker",))
        assert spawned == []
        (folder / pool.ORDER).write_text("{}")
        assert not pool.is_idle(folder)
        pool.ensure(("worker",))
    assert len(spawned) == 1


def test_a_claim_hands_the_run_over_once(thaw_home: Path) -> None:
    folder = waiting("a")
    with locks.hold(folder):
        assert pool.claim("first")
        assert not pool.claim("second")
    assert order_of(folder) == {"run": "first", "cwd": os.getcwd(), "language": "en"}


def test_a_claim_needs_a_live_and_ready_worker(thaw_home: Path) -> None:
    assert not pool.claim("run")
    waiting("dead")
    assert not pool.claim("run")
    importing = waiting("importing", ready=False)
    with locks.hold(importing):
        assert not pool.claim("run")
    damaged = waiting("damaged")
    (damaged / pool.INFO).write_bytes(b"\xff")
    with locks.hold(damaged):
        assert not pool.claim("run")


def test_a_worker_with_other_code_is_sent_home(thaw_home: Path) -> None:
    folder = waiting("a", stamp="older")
    with locks.hold(folder):
        assert not pool.claim("run")
        assert (folder / pool.QUIT).exists()
        assert not (folder / pool.ORDER).exists()


def test_only_one_of_many_claims_wins(thaw_home: Path) -> None:
    folder = waiting("a")
    won: list[bool] = []
    with locks.hold(folder):
        threads = [
            threading.Thread(target=lambda n=n: won.append(pool.claim(f"run-{n}")))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_idle_workers_are_sent_home(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []

    def kill(pid: int, number: int) -> None:
        sent.append(number)
        release.set()

    release = threading.Event()
    held = threading.Event()
    folder = waiting("a")

    def live() -> None:
        with locks.hold(folder):
            held.set()
            release.wait()

    thread = threading.Thread(target=live)
    thread.start()
    held.wait()
    monkeypatch.setattr(os, "kill", kill)
    pool.stop_all()
    thread.join()
    assert sent == [signal.SIGTERM]
    assert not folder.exists()


def test_a_busy_worker_is_asked_to_go_later(
    thaw_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    folder = waiting("a")
    with locks.hold(folder):
        assert pool.claim("run")
        pool.stop_all()
    assert sent == []
    assert (folder / pool.QUIT).exists()


def test_leaving_workers_are_not_counted(thaw_home: Path) -> None:
    waiting("a" + pool.LEAVING)
    assert list(pool.folders()) == []


def test_the_stamp_changes_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pool.code_stamp() == pool.code_stamp()
    before = pool.code_stamp()
    monkeypatch.setattr("sys.executable", "/another/python")
    assert pool.code_stamp() != before
