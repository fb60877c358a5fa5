"""A process that stands by, here as a function: what it reads, writes and leaves."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core import files
from tl_core.runs import locks, standby
from tl_core.runs.standby import Duty

Eventually = Callable[[Callable[[], Any]], Any]


def echo(question: dict[str, Any]) -> dict[str, Any]:
    return {"said": question["say"]}


def nothing() -> None:
    """Take no time to prepare."""


@pytest.fixture
def folder(thaw_home: Path) -> Path:
    made = standby.folder_of_all() / "one"
    (made / standby.ASKS).mkdir(parents=True)
    (made / standby.STARTING).touch()
    return made


def read(path: Path) -> Any:
    try:
        return files.read_json(path)
    except (OSError, ValueError):
        return None


def test_it_answers_in_order_and_goes_when_nobody_asks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    monkeypatch.setattr(standby, "IDLE_SECONDS", 0.3)
    files.write_json(folder / standby.ASKS / "1.json", {"say": "a"})
    files.write_json(folder / standby.ASKS / "2.json", {"nonsense": True})
    duty = Duty(nothing, echo, lambda: True)
    process = threading.Thread(target=standby.serve, args=(folder, duty))
    process.start()
    answers = folder / standby.ANSWERS
    assert eventually(lambda: read(answers / "1.json")) == {"said": "a"}
    assert eventually(lambda: read(answers / "2.json"))["error"]["code"] == "internal"
    assert not (folder / standby.STARTING).exists()
    process.join(timeout=30)
    assert not folder.exists()


def test_what_cannot_be_prepared_is_told_to_who_asks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    def prepare() -> None:
        raise KeyError("gone")

    wanted = threading.Event()
    wanted.set()
    duty = Duty(prepare, echo, wanted.is_set)
    process = threading.Thread(target=standby.serve, args=(folder, duty))
    process.start()
    assert eventually(lambda: (read(folder / standby.INFO) or {}).get("ready"))
    wanted.clear()
    process.join(timeout=30)
    assert not folder.exists()


def test_two_never_work_in_one_folder(folder: Path) -> None:
    with locks.hold(folder):
        assert standby.serve(folder, Duty(nothing, echo, lambda: True)) == 0
    assert folder.exists()


def test_answers_that_nobody_fetches_are_thrown_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    monkeypatch.setattr(standby, "IDLE_SECONDS", 0.3)
    old = folder / standby.ANSWERS / "0.json"
    files.write_json(old, {})
    os.utime(old, (time.time() - 3600,) * 2)
    files.write_json(folder / standby.ASKS / "1.json", {"say": "a"})
    process = threading.Thread(
        target=standby.serve, args=(folder, Duty(nothing, echo, lambda: True))
    )
    process.start()
    eventually(lambda: not old.exists())
    process.join(timeout=30)
    assert standby.folders() == []
    assert standby.last_asked(folder) == 0
