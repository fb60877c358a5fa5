from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.actions import ACTIONS
from tl_core.runs import control, launch, store
from tl_core.spec import RunSpec


@pytest.fixture
def run(thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path) -> str:
    """Id of a finished training run."""
    told = thaw("train", tiny_pictures, "--strategy", "linear_probe", "--json").json
    return str(told["run"])


def test_list_is_empty_at_first(thaw: Callable[..., Any]) -> None:
    assert thaw("runs", "list", "--json").json == {"runs": []}
    assert "no runs yet" in thaw("runs", "list").out


def test_list_has_the_keys_of_the_contract(thaw: Callable[..., Any], run: str) -> None:
    (told,) = thaw("runs", "list", "--json").json["runs"]
    contract = {"run", "status", "strategy", "dataset", "base", "best", "created"}
    assert set(told) == contract | {"kind", "race", "mix", "name", "note", "tags"}
    assert told["run"] == run
    for_people = thaw("runs", "list").out
    assert run in for_people
    assert "finished" in for_people


def test_measurements_are_no_runs_of_the_list(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    thaw("probe", tiny_pictures, "--json")
    assert store.list_runs()
    assert thaw("runs", "list", "--json").json == {"runs": []}


def test_show_gives_what_train_gave(thaw: Callable[..., Any], run: str) -> None:
    told = thaw("runs", "show", run, "--json").json
    assert (told["run"], told["stop_reason"]) == (run, "patience")
    assert [e["epoch"] for e in told["epochs"]] == [0, 1, 2]
    assert "right on 88 % of the validation examples" in thaw("runs", "show", run).out


def test_watch_writes_one_event_a_line(thaw: Callable[..., Any], run: str) -> None:
    outcome = thaw("runs", "watch", run, "--json")
    events = [json.loads(line) for line in outcome.out.splitlines()]
    assert outcome.code == 0
    assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
    assert events[0]["kind"] == "created"
    assert events[-1]["kind"] == "finished"
    assert "right on 88 % of the validation examples" in thaw("runs", "watch", run).out


def test_watching_a_run_that_failed_ends_with_code_1(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    jobs["train"] = lambda request, folder, emit: emit("failed", code="x", message="m", fix="f")
    failed = thaw("train", tiny_pictures, "--json").json["run"]
    assert thaw("runs", "watch", failed, "--json").code == 1
    assert thaw("runs", "watch", failed).code == 1


@pytest.mark.parametrize(
    "command", ["show", "watch", "pause", "resume", "stop", "delete", "restore"]
)
def test_an_unknown_run_is_a_problem_with_a_fix(thaw: Callable[..., Any], command: str) -> None:
    outcome = thaw("runs", command, "../../etc", "--json")
    assert outcome.code == 2
    assert outcome.json["issues"][0]["field"] == "run"


@pytest.mark.parametrize("command", ["pause", "resume", "stop"])
def test_steering_reaches_the_run_and_returns_at_once(
    thaw: Callable[..., Any], run: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steered: list[str] = []
    monkeypatch.setattr(launch, command, steered.append)
    assert thaw("runs", command, run, "--json").json == {"run": run, "status": "finished"}
    assert steered == [run]
    assert run in thaw("runs", command, run).out


def test_what_is_deleted_can_be_restored(thaw: Callable[..., Any], run: str) -> None:
    before = thaw("runs", "show", run, "--json").json
    told = thaw("runs", "delete", run, "--json").json
    assert told == {"run": run, "deleted": True, "days_left": 30}
    assert thaw("runs", "show", run).code == 2
    assert thaw("runs", "restore", run, "--json").json == {"run": run, "status": "finished"}
    assert thaw("runs", "show", run, "--json").json == before
    assert "For 30 days" in thaw("runs", "delete", run).out
    assert f"Restored: {run}" in thaw("runs", "restore", run).out


@pytest.fixture
def queued(thaw_home: Path) -> str:
    """Id of a gradual thaw that waits for its worker."""
    return store.new_run(RunSpec(kind="train", dataset="d", strategy="gradual_unfreezing"))


@pytest.mark.parametrize("action", [a for a in ACTIONS if a not in ("rollback", "stop_keep_best")])
def test_every_action_reaches_the_run(thaw: Callable[..., Any], queued: str, action: str) -> None:
    told = thaw("runs", "act", queued, action, "--json").json
    (asked,) = control.read_actions(store.run_dir(queued))
    assert told == {"run": queued, "status": "queued", "action": action, "id": asked.id}
    assert asked.action == action
    assert "at its next batch" in thaw("runs", "act", queued, action).out


def test_stop_and_keep_the_best_ends_a_run(thaw: Callable[..., Any], queued: str) -> None:
    assert thaw("runs", "act", queued, "stop_keep_best", "--json").json["status"] == "stopped"


def test_one_kind_of_alarm_can_be_ignored(thaw: Callable[..., Any], queued: str) -> None:
    thaw("runs", "act", queued, "ignore", "--alarm", "plateau", "--json")
    (asked,) = control.read_actions(store.run_dir(queued))
    assert asked.alarm == "plateau"
    for words in (["ignore", "--alarm", "boredom"], ["lower_lr", "--alarm", "plateau"]):
        outcome = thaw("runs", "act", queued, *words, "--json")
        assert outcome.code == 2
        assert outcome.json["issues"][0]["field"] == "alarm"


def test_what_makes_no_sense_is_refused_with_the_reason(
    thaw: Callable[..., Any], run: str, queued: str
) -> None:
    ended = thaw("runs", "act", run, "lower_lr", "--json")
    assert ended.code == 2
    assert "not at work" in ended.json["issues"][0]["message"]
    early = thaw("runs", "act", queued, "rollback", "--json")
    assert early.code == 2
    assert "Nothing has thawed" in early.json["issues"][0]["message"]
    unknown = thaw("runs", "act", queued, "fly", "--json")
    assert unknown.code == 2
    assert "thaw_next" in unknown.json["issues"][0]["fix"]


def test_a_control_is_begun_once_and_shown_with_its_run(thaw: Callable[..., Any], run: str) -> None:
    told = thaw("runs", "control", run, "--json").json
    assert told["run"] == run
    assert thaw("runs", "control", run).out.strip() == told["control"]
    shown = thaw("runs", "show", run, "--json").json
    assert shown["control"] == {"run": told["control"], "status": "finished", "verdict": None}
    assert shown["control_of"] is None
    beside = thaw("runs", "show", told["control"], "--json").json
    assert (beside["control_of"], beside["strategy"]) == (run, "from_scratch")
    assert thaw("runs", "control", told["control"], "--json").code == 2
