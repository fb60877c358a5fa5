"""The event log: numbering, attempts, torn and damaged lines, odd values."""

from __future__ import annotations

import json
import math
import os
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tl_core.runs.events import EventWriter, read_events


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_events_are_numbered_and_stamped(log: Path) -> None:
    with EventWriter(log) as writer:
        writer.emit("created", base="b")
        writer.emit("epoch", epoch=0)
    events, offset, bad = read_events(log)
    assert [(e["v"], e["seq"], e["attempt"], e["kind"]) for e in events] == [
        (1, 1, 0, "created"),
        (1, 2, 0, "epoch"),
    ]
    assert events[0]["base"] == "b"
    assert events[0]["t"] <= events[1]["t"]
    assert (offset, bad) == (log.stat().st_size, 0)


def test_numbering_goes_on_and_attempts_are_counted(log: Path) -> None:
    for new_attempt in (False, True, True):
        with EventWriter(log, new_attempt=new_attempt) as writer:
            writer.emit("started")
            assert writer.last_kind == "started"
    assert [(e["seq"], e["attempt"]) for e in read_events(log)[0]] == [(1, 0), (2, 1), (3, 2)]


def test_a_field_named_like_the_envelope_keeps_its_value(log: Path) -> None:
    with EventWriter(log) as writer:
        writer.emit("alert", epoch=3, kind="overfitting", t=7)
    (event,) = read_events(log)[0]
    assert event["kind"] == "alert"
    assert event["alert_kind"] == "overfitting"
    assert event["alert_t"] == 7


@dataclass(frozen=True)
class Record:
    value: float


def test_values_become_plain_json(log: Path) -> None:
    with EventWriter(log) as writer:
        writer.emit(
            "odd",
            nan=math.nan,
            infinite=[math.inf],
            number=np.float32(0.5),
            record=Record(1.0),
            path=Path("a"),
            text="\udcff\n",
        )
    (event,) = read_events(log)[0]
    assert event["nan"] is None
    assert event["infinite"] == [None]
    assert event["number"] == 0.5
    assert event["record"] == {"value": 1.0}
    assert event["path"] == "a"
    assert event["text"] == "\udcff\n"


def test_a_torn_line_is_completed_by_the_next_attempt(log: Path) -> None:
    with EventWriter(log) as writer:
        writer.emit("created")
    with log.open("ab") as file:
        file.write(b'{"kind":"epo')
    assert [e["kind"] for e in read_events(log)[0]] == ["created"]
    assert read_events(log)[1] < log.stat().st_size
    with EventWriter(log, new_attempt=True) as writer:
        writer.emit("started")
    events, offset, bad = read_events(log)
    assert [e["kind"] for e in events] == ["created", "started"]
    assert (offset, bad) == (log.stat().st_size, 1)


@pytest.mark.parametrize(
    "line", [b"\xff\xfe", b"{", b"[]", b"null", b'{"kind":7}', b"[" * 100_000, b"NaN"]
)
def test_a_damaged_line_is_counted_and_passed_over(log: Path, line: bytes) -> None:
    log.write_bytes(b'{"kind":"a"}\n' + line + b'\n\n{"kind":"b"}\n')
    events, _offset, bad = read_events(log)
    assert [e["kind"] for e in events] == ["a", "b"]
    assert bad == 1


def test_reading_goes_on_from_an_offset(log: Path) -> None:
    with EventWriter(log) as writer:
        writer.emit("a")
        _events, offset, _bad = read_events(log)
        assert read_events(log, offset) == ([], offset, 0)
        writer.emit("b")
    events, end, _bad = read_events(log, offset)
    assert [e["kind"] for e in events] == ["b"]
    assert end == log.stat().st_size


def test_a_missing_log_is_empty(log: Path) -> None:
    assert read_events(log) == ([], 0, 0)


def test_a_failed_write_leaves_only_whole_lines(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, room = os.write, [20]

    def nearly_full(fd: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        written = write(fd, data[: room[0]])
        room[0] -= written
        return written

    with EventWriter(log) as writer:
        writer.emit("a")
        whole = log.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", nearly_full)
            with pytest.raises(OSError, match="No space"):
                writer.emit("b")
        assert log.read_bytes() == whole
        writer.emit("c")
    assert [(e["seq"], e["kind"]) for e in read_events(log)[0]] == [(1, "a"), (2, "c")]


def test_threads_may_share_a_writer(log: Path) -> None:
    with EventWriter(log) as writer:
        threads = [
            threading.Thread(target=lambda: [writer.emit("step") for _ in range(50)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = log.read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, 201))
