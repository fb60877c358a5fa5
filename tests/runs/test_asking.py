"""Asking a run's model: one process answers, is replaced when it ends, and ends with the run."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runs.test_model import ENDED, EPOCHS, STARTED, made
from tl_core import files
from tl_core.errors import InputError, RunFailed
from tl_core.runs import asking, calling, locks, pool, predictor, standby, store

Command = tuple[str, ...]
Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def run(thaw_home: Path) -> Iterator[str]:
    """A finished run; whoever answers for runs is ended afterwards."""
    yield made(STARTED, *EPOCHS, ENDED, weights=("best.safetensors", "best-00001.safetensors"))
    calling.stop_all()


def pid_of(said: asking.Said) -> int:
    return int(said.answers[0]["pid"])


def test_one_process_answers_one_question_after_the_other(
    run: str, toy_command: Command, eventually: Eventually
) -> None:
    asking.ensure(run, command=toy_command)
    eventually(lambda: asking.is_ready(run))
    first = asking.ask(run, [Path("a.png"), Path("b.png")], near=3, why=True, command=toy_command)
    assert [one["file"] for one in first.answers] == ["a.png", "b.png"]
    assert first.answers[0]["near"] == 3
    assert first.answers[0]["why"] is True
    assert first.epoch is None
    assert pid_of(asking.ask(run, [Path("c.png")], command=toy_command)) == pid_of(first)
    folder = predictor.folder_of(run)
    assert not list((folder / standby.ASKS).iterdir())
    assert not list((folder / standby.ANSWERS).iterdir())


def test_a_process_that_was_killed_is_replaced(
    run: str, toy_command: Command, tmp_path: Path
) -> None:
    first = pid_of(asking.ask(run, [Path("a.png")], command=toy_command))
    os.kill(first, signal.SIGKILL)
    second = pid_of(asking.ask(run, [Path("a.png")], command=toy_command))
    assert second != first
    third = asking.ask(run, [tmp_path / "once"], command=toy_command)
    assert pid_of(third) not in (first, second)


def test_a_file_that_ends_every_process_is_given_up(run: str, toy_command: Command) -> None:
    with pytest.raises(RunFailed) as caught:
        asking.ask(run, [Path("end")], command=toy_command)
    assert caught.value.code == "predictor"


def test_a_defect_is_told_and_the_process_goes_on(run: str, toy_command: Command) -> None:
    first = pid_of(asking.ask(run, [Path("a.png")], command=toy_command))
    with pytest.raises(RunFailed) as caught:
        asking.ask(run, [Path("defect")], command=toy_command)
    assert caught.value.code == "internal"
    assert pid_of(asking.ask(run, [Path("a.png")], command=toy_command)) == first


def test_a_better_model_is_taken_up(thaw_home: Path, toy_command: Command) -> None:
    run = made(STARTED, *EPOCHS, weights=("best-00000.safetensors", "best-00001.safetensors"))
    with locks.hold(store.run_dir(run)):
        first = asking.ask(run, [Path("a.png")], command=toy_command)
        assert (first.epoch, first.answers[0]["epoch"]) == (1, 1)
    (store.run_dir(run) / "checkpoints" / "best-00001.safetensors").unlink()
    with pytest.raises(InputError, match="not on this computer"):
        asking.ask(run, [Path("a.png")], command=toy_command)
    (store.run_dir(run) / "checkpoints" / "best-00001.safetensors").write_bytes(b"better")
    again = asking.ask(run, [Path("a.png")], command=toy_command)
    assert pid_of(again) == pid_of(first)
    asking.stop(run)


def test_it_ends_with_its_run(run: str, toy_command: Command, eventually: Eventually) -> None:
    asking.ask(run, [Path("a.png")], command=toy_command)
    folder = predictor.folder_of(run)
    store.delete_run(run)
    eventually(lambda: not folder.exists())
    with pytest.raises(InputError, match="no run"):
        asking.ask(run, [Path("a.png")], command=toy_command)
    assert not asking.is_ready(run)


def test_no_more_than_a_few_are_in_memory_and_the_dead_leave_nothing(
    run: str, toy_command: Command
) -> None:
    weights = ("best.safetensors",)
    runs = [run, *(made(STARTED, *EPOCHS, ENDED, weights=weights) for _n in range(2))]
    leftover = files.home() / "predictors" / "gone"
    leftover.mkdir(parents=True)
    for one in runs:
        asking.ask(one, [Path("a.png")], command=toy_command)
        time.sleep(0.01)  # so that they differ in when they were asked
    assert [asking.is_ready(one) for one in runs] == [False, True, True]
    assert not leftover.exists()


def test_a_process_with_older_code_is_replaced(
    run: str, toy_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pid_of(asking.ask(run, [Path("a.png")], command=toy_command))
    info = predictor.folder_of(run) / standby.INFO
    files.write_json(info, pool.read_info(info.parent) | {"stamp": "older"})
    assert pid_of(asking.ask(run, [Path("a.png")], command=toy_command)) != first
