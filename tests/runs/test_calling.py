"""Asking a process that stands by: it is started, and started again, until it is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tl_core import files
from tl_core.errors import InputError, RunFailed
from tl_core.runs import calling, insider, standby

Command = tuple[str, ...]


@pytest.fixture
def folder(thaw_home: Path) -> Iterator[Path]:
    """Where the process works; it is ended afterwards."""
    yield insider.folder()
    calling.stop_all()


def starting(folder: Path, command: Command, starts: list[int]) -> Callable[[], None]:
    def begin() -> None:
        starts.append(1)
        calling.ensure(folder, insider.OPTION, command=command)

    return begin


def test_it_is_started_once_for_many_questions(folder: Path, toy_command: Command) -> None:
    starts: list[int] = []
    begin = starting(folder, toy_command, starts)
    first = calling.ask(lambda: folder, begin, {"say": "a"})
    second = calling.ask(lambda: folder, begin, {"say": "b"})
    assert (first["said"], second["said"]) == ("a", "b")
    assert first["pid"] == second["pid"]
    assert starts == [1]
    assert calling.is_ready(folder)
    calling.end(folder)
    assert not calling.is_ready(folder)


def test_a_question_that_ends_every_process_is_given_up(folder: Path, toy_command: Command) -> None:
    starts: list[int] = []
    with pytest.raises(RunFailed, match="ended before it could answer"):
        calling.ask(lambda: folder, starting(folder, toy_command, starts), {"say": "end"})
    assert len(starts) == calling.MOST_STARTS


def test_problems_come_back_as_they_were_raised(folder: Path, toy_command: Command) -> None:
    begin = starting(folder, toy_command, [])
    with pytest.raises(InputError, match="It is not usable"):
        calling.ask(lambda: folder, begin, {"say": "unusable"})
    with pytest.raises(RunFailed) as caught:
        calling.ask(lambda: folder, begin, {"say": "defect"})
    assert caught.value.code == "internal"


def test_it_is_not_waited_for_without_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "WAIT_SECONDS", 0.1)
    folder.mkdir(parents=True)
    (folder / standby.STARTING).touch()
    with pytest.raises(RunFailed, match="not answered in time"):
        calling.ask(lambda: folder, lambda: None, {"say": "a"})
    assert not calling.is_ready(folder)


def test_a_place_that_is_gone_is_said_at_once(thaw_home: Path) -> None:
    def nowhere() -> Path:
        files.safe_join(thaw_home, "..", "elsewhere")
        raise AssertionError

    with pytest.raises(InputError):
        calling.ask(nowhere, lambda: None, {})
