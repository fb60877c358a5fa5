"""Locks: between processes by the kernel, between threads by ourselves."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tl_core.runs import locks

HOLDER = """
import sys
from pathlib import Path
from tl_core.runs import locks
with locks.hold(Path(sys.argv[1])) as is_ours:
    print(is_ours, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of `tmp_path`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_a_lock_is_held_and_given_back(tmp_path: Path) -> None:
    assert not locks.is_alive(tmp_path)
    with locks.hold(tmp_path) as is_ours:
        assert is_ours
        assert locks.is_alive(tmp_path)
        with locks.hold(tmp_path) as is_ours_again:
            assert not is_ours_again
        assert locks.is_alive(tmp_path)
    assert not locks.is_alive(tmp_path)


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with locks.hold(tmp_path / "gone") as is_ours:
        assert not is_ours
    assert not (tmp_path / "gone").exists()


def test_another_process_is_seen_and_kept_out(
    tmp_path: Path, other_holder: subprocess.Popen[str]
) -> None:
    assert locks.is_alive(tmp_path)
    with locks.hold(tmp_path) as is_ours:
        assert not is_ours
    other_holder.kill()
    other_holder.wait()
    assert not locks.is_alive(tmp_path)


def test_probing_our_own_lock_does_not_lose_it(tmp_path: Path) -> None:
    probe = "import sys; from pathlib import Path; from tl_core.runs import locks; "
    probe += "print(locks.is_alive(Path(sys.argv[1])))"
    with locks.hold(tmp_path):
        thread = threading.Thread(target=locks.is_alive, args=(tmp_path,))
        thread.start()
        thread.join()
        seen = subprocess.run(
            [sys.executable, "-c", probe, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
    assert seen.stdout == "True\n"


def test_waiting_for_a_lock_ends_when_it_is_free(
    tmp_path: Path, other_holder: subprocess.Popen[str]
) -> None:
    threading.Timer(0.1, other_holder.kill).start()
    with locks.hold(tmp_path, wait_seconds=30.0) as is_ours:
        assert is_ours


@pytest.mark.parametrize(
    ("around", "file"), [(locks.starting, "start.lock"), (locks.steering, "steer.lock")]
)
def test_one_thread_at_a_time_starts_or_steers(
    thaw_home: Path, around: Callable[[], AbstractContextManager[None]], file: str
) -> None:
    inside: list[int] = []
    most: list[int] = []

    def begin() -> None:
        with around():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8
    assert (thaw_home / "locks" / file).exists()


def test_each_device_has_its_lock(thaw_home: Path) -> None:
    lock = locks.device_lock("cpu")
    assert lock.acquire()
    lock.release()
    assert (thaw_home / "locks" / "cpu.lock").exists()
