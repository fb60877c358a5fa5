"""`thaw race`: what is asked for, what is told, and how races show among the runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import accuracy, trained
from tests.cli.test_train import check_contract
from tl_core import spec
from tl_core.runs import events, store
from tl_core.runs.race import DEFAULT_MINUTES
from tl_core.spec import STRATEGIES, RunSpec

Thaw = Callable[..., Any]
Jobs = dict[str, Any]
VERDICT = "Too close to call: one and the other."


def raced(request: RunSpec, folder: Path, emit: Callable[..., None]) -> None:
    """Let everyone train, and rank them in the order asked for."""
    rows, ranking = [], []
    for number, strategy in enumerate(request.strategies):
        child = store.new_run(
            RunSpec(kind="train", dataset=request.dataset, strategy=strategy), race=folder.name
        )
        path = store.run_dir(child) / events.FILE
        with events.EventWriter(path, new_attempt=True) as writer:
            writer.emit("started")
            trained(request, store.run_dir(child), writer.emit)
        share = spec.to_dict(accuracy(0.9))
        rows.append(
            {"strategy": strategy, "run": child, "is_racing": not number, "dropped": number or None,
             "seconds": 12.0, "accuracy": share}
        )  # fmt: skip
        ranking.append(
            {"strategy": strategy, "run": child, "accuracy": share, "minutes": 0.2,
             "p_vs_best": 0.03 if number else None, "trainable_parameters": 2000, "bytes": 8000}
        )  # fmt: skip
    emit("phase", phase="race", what="Round 1 of 1: Feature extraction")
    emit("standing", round=1, rounds=1, competitors=rows)
    if request.seed == 0:
        best = {"epoch": 1, "val_loss": 0.4, "val_accuracy": share}
        emit("finished", stop_reason="time", best=best, ranking=ranking, verdict=VERDICT)


@pytest.fixture
def racing(jobs: Jobs) -> Jobs:
    return jobs | {"race": jobs.setdefault("race", raced)}


TWO = ("--strategies", "linear_probe,lora")


def test_race_has_the_keys_of_the_contract(thaw: Thaw, racing: Jobs, tiny_pictures: Path) -> None:
    outcome = thaw("race", tiny_pictures, *TWO, "--json")
    assert outcome.code == 0
    told = outcome.json
    assert set(told) >= {"runs", "ranking", "verdict"}
    for run in told["runs"]:
        check_contract(run)
    assert [run["strategy"] for run in told["runs"]] == ["linear_probe", "lora"]
    for row in told["ranking"]:
        assert set(row) >= {"strategy", "accuracy", "minutes", "p_vs_best"}
        assert set(row["accuracy"]) == {"value", "low", "high", "n"}
    assert told["verdict"] == VERDICT
    assert told["status"] == "finished"


def test_what_was_asked_for_reaches_the_race(thaw: Thaw, racing: Jobs, tiny_pictures: Path) -> None:
    options = "--strategies lora,linear_probe,lora --size 64 --val 0.3 --seed 7 --minutes 2.5"
    thaw("race", tiny_pictures, *options.split(), "--json")
    (asked,) = [run.spec for run in store.list_runs() if run.spec.kind == "race"]
    assert asked.strategies == ("lora", "linear_probe")
    assert (asked.size, asked.val_fraction, asked.seed, asked.minutes) == (64, 0.3, 7, 2.5)


def test_by_itself_it_races_all_and_says_for_how_long(
    thaw: Thaw, racing: Jobs, tiny_pictures: Path
) -> None:
    thaw("race", tiny_pictures, "--json")
    (asked,) = [run.spec for run in store.list_runs() if run.spec.kind == "race"]
    assert asked.strategies == tuple(STRATEGIES)
    assert asked.minutes == DEFAULT_MINUTES
    assert f"{DEFAULT_MINUTES}" in thaw("race", "--help").out


def test_people_get_the_verdict_and_a_table(thaw: Thaw, racing: Jobs, tiny_pictures: Path) -> None:
    outcome = thaw("race", tiny_pictures, *TWO)
    assert outcome.code == 0
    assert VERDICT in outcome.out
    assert "90 % (85 to 95)" in outcome.out
    assert "8.0 kB" in outcome.out
    assert "Round 1 of 1: Feature extraction" in outcome.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--strategies", "linear_probe"), "at least two"),
        (("--strategies", "linear_probe,magic"), "no strategy 'magic'"),
        (("--minutes", "0"), "minutes must lie between"),
    ],
)
def test_what_cannot_be_raced_is_told_with_its_fix(
    thaw: Thaw, racing: Jobs, tiny_pictures: Path, options: tuple[str, ...], words: str
) -> None:
    outcome = thaw("race", tiny_pictures, *options, "--json")
    assert outcome.code == 2
    told = outcome.json["issues"]
    assert any(words in issue["message"] for issue in told)
    assert all(issue["fix"] for issue in told)
    assert not store.list_runs()


def test_all_that_is_wrong_is_told_at_once(thaw: Thaw, racing: Jobs, tiny_pictures: Path) -> None:
    options = "--strategies magic --minutes 0 --size 7"
    outcome = thaw("race", tiny_pictures, *options.split(), "--json")
    assert outcome.code == 2
    told = " ".join(issue["message"] for issue in outcome.json["issues"])
    for words in ("no strategy 'magic'", "at least two", "minutes must lie between"):
        assert words in told
    assert {issue["field"] for issue in outcome.json["issues"]} >= {"strategies", "minutes", "size"}
    assert not store.list_runs()


def test_a_race_that_broke_off_shows_how_it_stands(
    thaw: Thaw, racing: Jobs, tiny_pictures: Path
) -> None:
    outcome = thaw("race", tiny_pictures, *TWO, "--seed", "1", "--json")
    assert outcome.code == 1
    assert outcome.json["status"] == "interrupted"
    assert outcome.json["ranking"] == []
    shown = thaw("runs", "show", outcome.json["run"])
    assert "interrupted" in shown.out
    assert "out after round" in " ".join(shown.out.split())
    assert "1=" in shown.out  # both are level
    assert "Each is a run of its own:" in shown.out


def test_a_race_and_its_runs_are_listed(thaw: Thaw, racing: Jobs, tiny_pictures: Path) -> None:
    race_id = thaw("race", tiny_pictures, *TWO, "--json").json["run"]
    listed = thaw("runs", "list", "--json").json["runs"]
    assert sorted(entry["kind"] for entry in listed) == ["race", "train", "train"]
    assert [e["race"] for e in listed if e["kind"] == "train"] == [race_id, race_id]
    (entry,) = [e for e in listed if e["kind"] == "race"]
    assert entry["strategy"] is None
    assert entry["best"]["val_accuracy"]["value"] == 0.9
    assert "race" in thaw("runs", "list").out
    told = thaw("runs", "show", race_id, "--json").json
    assert told["verdict"] == VERDICT
    assert VERDICT in thaw("runs", "show", race_id).out
    assert VERDICT in thaw("runs", "watch", race_id).out
