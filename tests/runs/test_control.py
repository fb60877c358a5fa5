"""Control: what is wanted, and the gate that a job passes at each batch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.files import FileLock
from tl_core.runs import control
from tl_core.runs.control import Gate, Inbox, ask, read_actions, read_want, write_want
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


def test_actions_stand_beside_what_is_wanted(tmp_path: Path) -> None:
    write_want(tmp_path, "pause")
    first = ask(tmp_path, "thaw_next")
    second = ask(tmp_path, "ignore", alarm="plateau")
    assert read_want(tmp_path) == "pause"
    assert read_actions(tmp_path) == (first, second)
    assert (second.action, second.alarm) == ("ignore", "plateau")
    assert first.id != second.id
    write_want(tmp_path, "run")
    assert read_actions(tmp_path) == (first, second)


def test_the_same_action_is_asked_for_once_until_it_is_answered(tmp_path: Path) -> None:
    first = ask(tmp_path, "lower_lr")
    assert ask(tmp_path, "lower_lr") == first
    second = ask(tmp_path, "lower_lr", unless=[first.id])
    assert second.id != first.id
    assert read_actions(tmp_path) == (first, second)


def test_an_asked_for_end_is_a_stop_until_somebody_lets_it_run(tmp_path: Path) -> None:
    kept = ask(tmp_path, "lower_lr")
    ask(tmp_path, "stop_keep_best")
    assert read_want(tmp_path) == "stop"
    write_want(tmp_path, "run")
    assert read_want(tmp_path) == "run"
    assert read_actions(tmp_path) == (kept,)


def test_who_asks_at_once_loses_nothing(tmp_path: Path) -> None:
    wishes = [("ignore", f"kind {number}") for number in range(8)]
    threads = [
        threading.Thread(target=ask, args=(tmp_path, action), kwargs={"alarm": alarm})
        for action, alarm in wishes
    ]
    for thread in threads:
        thread.start()
    write_want(tmp_path, "pause")
    for thread in threads:
        thread.join()
    found = read_actions(tmp_path)
    assert sorted((one.action, one.alarm) for one in found) == wishes
    assert len({one.id for one in found}) == len(wishes)
    assert read_want(tmp_path) == "pause"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"actions": 3}',
        '{"actions": [3, {}, {"id": "a"}, {"id": "a", "action": "fly"}]}',
    ],
)
def test_actions_that_cannot_be_read_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / control.FILE).write_text(content)
    assert read_actions(tmp_path) == ()


def test_the_inbox_gives_everything_and_reads_only_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    plain = control.read_actions
    monkeypatch.setattr(
        control, "read_actions", lambda folder: read.append(folder) or plain(folder)
    )
    inbox = Inbox(tmp_path)
    assert inbox() == ()
    assert not read
    first = control.ask(tmp_path, "thaw_next")
    read.clear()
    assert inbox() == inbox() == (first,)
    assert len(read) == 1
    second = control.ask(tmp_path, "lower_lr")
    assert inbox() == (first, second)
    (tmp_path / control.FILE).unlink()
    assert inbox() == (first, second)
