from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from tl_core.cli import follow
from tl_core.errors import InputError, RunFailed
from tl_core.runs import launch, store
from tl_core.runs.state import RunState
from tl_core.spec import FirstLook, RunSpec, Shift, to_dict

TRAIN = RunSpec(kind="train", dataset="d", strategy="linear_probe")


@pytest.fixture
def state(thaw_home: Path) -> RunState:
    """A run that has been made and not begun."""
    return store.read_run(store.new_run(TRAIN))


def epochs(*numbers: int, attempt: int = 1) -> tuple[dict[str, Any], ...]:
    keys = ("train_loss", "val_loss", "val_accuracy", "val_low", "val_high")
    return tuple(
        {"epoch": n, "attempt": attempt, "phase": "head", "val_n": 10, **dict.fromkeys(keys, 0.5)}
        for n in numbers
    )


@pytest.fixture
def states(state: RunState, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the run go through these states, one each time that it is looked at."""

    def show(*changes: dict[str, Any] | type[BaseException]) -> None:
        coming = iter(changes)

        def read(run_id: str) -> RunState:
            change = next(coming)
            if isinstance(change, type):
                raise change
            return dataclasses.replace(state, **change)

        monkeypatch.setattr(store, "read_run", read)
        monkeypatch.setattr(time, "sleep", lambda seconds: None)

    return show


def test_each_news_is_told_once(
    state: RunState, states: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    states(
        {"status": "queued"},
        {"status": "running", "what": "Reading", "phase": "decode"},
        {"status": "running", "what": "Training", "phase": "head", "epochs": epochs(0)},
        {"status": "running", "what": "Training", "phase": "head", "epochs": epochs(0, 1)},
        {"status": "finished", "what": "Training", "phase": "head", "epochs": epochs(0, 1, 2)},
    )
    assert follow.watch(state.id).status == "finished"
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Reading", "Training"]
    rows = [line.split()[0] for line in lines[2:]]
    assert rows == ["epoch", "0", "It", "1", "It", "2"]  # how it goes is told in between


def test_a_first_look_is_told_once(
    state: RunState, states: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    measuring = dataclasses.replace(TRAIN, kind="evidence", base="tf_efficientnet_lite0")
    seen = to_dict(FirstLook(32, "far", Shift(0.1, 0.2, 0.31), None, 0.3))
    now = {"status": "running", "spec": measuring, "first_look": seen}
    states(now, now, now | {"status": "finished"})
    follow.watch(state.id)
    out, err = capsys.readouterr()
    assert err.count("A first look at 32 pictures: they look far from") == 1
    assert "may still change" in err
    assert out == ""


def test_epochs_that_a_resumed_run_repeats_are_told_again(
    state: RunState, states: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    states(
        {"status": "running", "epochs": epochs(0, 1)},
        {"status": "finished", "epochs": epochs(0) + epochs(1, attempt=2)},
    )
    follow.watch(state.id)
    rows = capsys.readouterr().err.splitlines()[1:]
    assert [row.split()[0] for row in rows] == ["0", "1", "It", "1"]


def test_an_alert_that_is_repeated_each_epoch_is_told_when_it_begins(
    state: RunState, states: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    alerts = tuple({"epoch": n, "kind": "plateau", "text": f"Flat at {n}."} for n in (1, 2, 4))
    states(
        {"status": "running", "epochs": epochs(0, 1)},  # its alert comes a moment later
        {"status": "running", "epochs": epochs(0, 1), "alerts": alerts[:1]},
        {"status": "finished", "epochs": epochs(0, 1, 2, 3, 4), "alerts": alerts},
    )
    follow.watch(state.id)
    told = [line.strip() for line in capsys.readouterr().err.splitlines() if "Flat" in line]
    assert told == ["Flat at 1.", "Flat at 4."]


def test_the_first_ctrl_c_stops_the_run_and_goes_on_watching(
    state: RunState, states: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(launch, "stop", stopped.append)
    states({"status": "running"}, KeyboardInterrupt, {"status": "stopping"}, {"status": "stopped"})
    assert follow.watch(state.id).status == "stopped"
    assert stopped == [state.id]


def test_the_second_ctrl_c_leaves(
    state: RunState, states: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(launch, "stop", stopped.append)
    states(KeyboardInterrupt, {"status": "stopping"}, KeyboardInterrupt)
    with pytest.raises(typer.Exit):
        follow.watch(state.id)
    assert stopped == [state.id]


def test_ctrl_c_while_only_watching_leaves_the_run_alone(
    state: RunState, states: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "stop", lambda run_id: pytest.fail("the run was stopped"))
    states({"status": "running"}, KeyboardInterrupt)
    with pytest.raises(typer.Exit):
        follow.watch(state.id, stops_run=False)


@pytest.mark.parametrize("status", ["finished", "stopped"])
def test_a_run_that_ended_well_is_returned(state: RunState, status: str) -> None:
    ended = dataclasses.replace(state, status=status)
    assert follow.require_success(ended) is ended


def test_an_interrupted_run_says_how_to_go_on(state: RunState) -> None:
    with pytest.raises(RunFailed, match=f"thaw runs resume {state.id}"):
        follow.require_success(dataclasses.replace(state, status="interrupted"))


def test_a_run_that_found_the_data_unusable_gives_its_issues(state: RunState) -> None:
    issue = {"field": "size", "message": "Too large.", "fix": "Use less."}
    failed = dataclasses.replace(state, status="failed", error={"code": "x", "issues": [issue]})
    with pytest.raises(InputError) as caught:
        follow.require_success(failed)
    assert caught.value.issues[0].field == "size"


def test_progress_is_of_the_step_then_of_the_epochs(state: RunState) -> None:
    running = dataclasses.replace(state, status="running", what="Training")
    assert follow._progress(running) == ("Training", 0, None)
    told = ({**epochs(3)[0], "epochs_max": 9},)
    assert follow._progress(dataclasses.replace(running, epochs=told)) == ("Training", 3, 9)
    step = {"what": "pictures read", "done": 2, "total": 5}
    busy = dataclasses.replace(running, epochs=told, progress=step)
    assert follow._progress(busy) == ("pictures read", 2, 5)
    assert follow._progress(dataclasses.replace(state, status="queued"))[0]


def test_how_it_goes_is_told_when_it_changes_not_with_each_number(
    state: RunState, capsys: pytest.CaptureFixture[str]
) -> None:
    reporter = follow.Reporter()
    running = {"status": "running", "phase": "head"}
    for count in (2, 3, 4):
        told = tuple(one | {"val_loss": 0.9 - 0.1 * one["epoch"]} for one in epochs(*range(count)))
        best = {
            "epoch": count - 1,
            "val_loss": told[-1]["val_loss"],
            "val_accuracy": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10},
        }
        reporter.report(dataclasses.replace(state, epochs=told, best=best, **running))
    said = capsys.readouterr().err
    assert said.count("It is learning") == 1
    assert said.count("It is still getting better: after epoch 3") <= 1
