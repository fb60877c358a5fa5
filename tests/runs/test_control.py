"""Control: what is wanted, and the gate that a job passes at each batch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.files import FileLock
from tl_core.runs import control
from tl_core.runs.control import Gate, read_want, write_want
from tl_core.runs.request import SPEC_FILE


class Told:
    """Collects the kinds of events."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def emit(self, kind: str, **fields: Any) -> None:
        self.kinds.append(kind)


@pytest.fixture(autouse=True)
def _request(tmp_path: Path) -> None:
    (tmp_path / SPEC_FILE).touch()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    monkeypatch.setattr(control, "READ_SECONDS", 0.0)
    monkeypatch.setattr(control, "WAIT_SECONDS", 0.005)
    return Told()


@pytest.mark.parametrize("want", ["run", "pause", "stop"])
def test_a_want_is_read_back(tmp_path: Path, want: control.Want) -> None:
    write_want(tmp_path, want)
    assert read_want(tmp_path) == want


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"want":"fly"}', b'{"want":[]}'])
def test_an_unreadable_want_means_run(tmp_path: Path, content: bytes) -> None:
    assert read_want(tmp_path) == "run"
    (tmp_path / control.FILE).write_bytes(content)
    assert read_want(tmp_path) == "run"


def test_the_gate_reads_the_file_only_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "READ_SECONDS", 1000.0)
    gate = Gate(tmp_path, Told().emit, None)
    assert gate.wanted() == "run"
    write_want(tmp_path, "stop")
    assert gate.wanted() == "run"


def test_a_stop_closes_the_gate_for_good(tmp_path: Path, told: Told) -> None:
    gate = Gate(tmp_path, told.emit, None)
    assert gate.should_continue()
    write_want(tmp_path, "stop")
    assert not gate.should_continue()
    write_want(tmp_path, "run")
    assert not gate.should_continue()
    assert told.kinds == []


def test_a_signal_and_a_deleted_request_mean_stop(tmp_path: Path, told: Told) -> None:
    assert not Gate(tmp_path, told.emit, None, is_terminated=lambda: True).should_continue()
    (tmp_path / SPEC_FILE).unlink()
    assert not Gate(tmp_path, told.emit, None).should_continue()


def test_a_pause_blocks_and_gives_the_device_away(
    tmp_path: Path, told: Told, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    released = threading.Event()

    class Device(FileLock):
        def release(self) -> None:
            super().release()
            released.set()

    device = Device(tmp_path / "device.lock")
    gate = Gate(tmp_path, told.emit, device)
    assert gate.enter()
    released.clear()
    write_want(tmp_path, "pause")
    passed: list[bool] = []
    thread = threading.Thread(target=lambda: passed.append(gate.should_continue()))
    thread.start()
    eventually(released.is_set)
    assert told.kinds == ["paused"]
    assert not passed
    write_want(tmp_path, "run")
    thread.join()
    assert passed == [True]
    assert told.kinds == ["paused", "resumed"]


def test_a_stop_ends_a_pause(
    tmp_path: Path, told: Told, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    gate = Gate(tmp_path, told.emit, None)
    write_want(tmp_path, "pause")
    passed: list[bool] = []
    thread = threading.Thread(target=lambda: passed.append(gate.should_continue()))
    thread.start()
    eventually(lambda: told.kinds == ["paused"])
    write_want(tmp_path, "stop")
    thread.join()
    assert passed == [False]
    assert told.kinds == ["paused"]


class Busy(FileLock):
    """A device that others hold for a number of tries."""

    tries = 3

    def acquire(self, *, blocking: bool = False) -> bool:
        self.tries -= 1
        return self.tries < 0


def test_a_job_waits_for_the_device_and_says_so(tmp_path: Path, told: Told) -> None:
    assert Gate(tmp_path, told.emit, Busy(tmp_path / "device.lock")).enter()
    assert told.kinds == ["waiting", "ready"]


def test_a_waiting_job_can_be_stopped(tmp_path: Path, told: Told) -> None:
    write_want(tmp_path, "stop")
    assert not Gate(tmp_path, told.emit, Busy(tmp_path / "device.lock")).enter()
    assert "ready" not in told.kinds
