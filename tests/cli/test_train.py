from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runs.telling import tell
from tl_core import files
from tl_core.cli.train import result_lines
from tl_core.runs import results, store
from tl_core.spec import RunSpec

ROOT = Path(__file__).parents[2]
CONTRACT = {
    "run", "status", "stop_reason", "strategy", "base", "best", "test_accuracy", "epochs",
    "alerts", "retention", "seconds", "images_per_second", "trainable_parameters",
    "parameters", "sizes",
}  # fmt: skip
EPOCH = {
    "epoch", "phase", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "lr", "seconds"
}  # fmt: skip


def check_contract(told: dict[str, Any]) -> None:
    assert set(told) >= CONTRACT
    assert set(told["best"]) == {"epoch", "val_loss", "val_accuracy"}
    assert set(told["best"]["val_accuracy"]) == {"value", "low", "high", "n"}
    assert set(told["retention"]) >= {"agreement"}
    assert [e["epoch"] for e in told["epochs"]] == list(range(len(told["epochs"])))
    assert all(set(e) >= EPOCH for e in told["epochs"])


def test_train_has_the_keys_of_the_contract(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    outcome = thaw("train", tiny_pictures, "--strategy", "linear_probe", "--json")
    assert outcome.code == 0
    check_contract(outcome.json)
    assert outcome.json["status"] == "finished"
    assert outcome.json["alerts"] == [
        {"epoch": 2, "kind": "plateau", "text": "It no longer gets better."}
    ]


def test_the_table_of_epochs_goes_to_standard_error(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    outcome = thaw("train", tiny_pictures, "--strategy", "linear_probe")
    lines = outcome.err.splitlines()
    rows = [line for line in lines if line.lstrip()[:1].isdigit()]
    assert len(rows) == 3
    assert "0.4000" in rows[1]
    assert rows[1].endswith("best")
    assert not rows[2].endswith("best")
    assert any("It no longer gets better." in line for line in lines)
    assert "right on 88 % of the validation examples" in outcome.out
    assert "85 % of the test examples" in outcome.out
    assert "at epoch 1" in outcome.out


def test_what_was_asked_for_reaches_the_run(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    options = "--strategy full_fine_tune --size 64 --val 0.3 --seed 7 --epochs 9 --patience 0"
    thaw("train", tiny_pictures, *options.split(), "--minutes", "2.5", "--json")
    (state,) = store.list_runs()
    asked = state.spec
    assert (asked.strategy, asked.size, asked.val_fraction) == ("full_fine_tune", 64, 0.3)
    assert (asked.seed, asked.epochs, asked.patience, asked.minutes) == (7, 9, 0, 2.5)


def test_detach_gives_the_run_and_returns(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    jobs["train"] = lambda request, folder, emit: None
    told = thaw("train", tiny_pictures, "--detach", "--json").json
    assert set(told) == {"run"}
    assert store.read_run(told["run"]).spec.kind == "train"
    outcome = thaw("train", tiny_pictures, "--detach", "--seed", "1")
    assert outcome.out.strip() in outcome.err


def test_a_failed_run_ends_with_code_1_and_says_why(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    def fail(request: Any, folder: Path, emit: Callable[..., None]) -> None:
        emit("failed", code="out_of_memory", message="No memory left.", fix="Close something.")

    jobs["train"] = fail
    outcome = thaw("train", tiny_pictures)
    assert outcome.code == 1
    assert "Close something." in outcome.err
    outcome = thaw("train", tiny_pictures, "--json")
    assert outcome.code == 1
    assert outcome.json["status"] == "failed"
    assert outcome.json["error"]["code"] == "out_of_memory"


def test_data_that_the_run_finds_unusable_end_with_code_2(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    issue = {"field": "base", "message": "It cannot be had.", "fix": "Go online."}

    def refuse(request: Any, folder: Path, emit: Callable[..., None]) -> None:
        emit("failed", code="bad_request", message="x", fix="y", issues=[issue])

    jobs["train"] = refuse
    outcome = thaw("train", tiny_pictures, "--json")
    assert outcome.code == 2
    assert outcome.json == {"issues": [issue]}


def test_a_real_run_keeps_the_contract(thaw_home: Path, tiny_pictures: Path) -> None:
    command = ["train", tiny_pictures, "--strategy", "linear_probe", "--epochs", "5"]
    done = subprocess.run(
        [sys.executable, "-m", "tl_core.cli", *command, "--size", "64", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "THAW_HOME": str(files.home())},
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    told = json.loads(line)
    check_contract(told)
    assert told["epochs"][0]["phase"] == "before"
    assert len(told["epochs"]) == 6
    assert "right on held-out" in done.stderr


@pytest.mark.parametrize("status", ["queued", "running", "stopped", "interrupted", "failed"])
def test_every_status_has_words(status: str) -> None:
    from tl_core.cli.train import status_word

    assert status_word(status)


def test_a_control_is_trained_beside_and_named(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    options = ("--strategy", "full_fine_tune", "--control", "--json")
    told = thaw("train", tiny_pictures, "--detach", *options).json
    assert store.read_run(told["control"]).spec.control_of == told["run"]
    outcome = thaw("train", tiny_pictures, "--seed", "1", *options)
    assert outcome.code == 0
    assert outcome.json["control"] is None, "no worker has compared them"
    assert len(store.list_runs()) == 4


def test_from_scratch_is_the_control_itself(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    outcome = thaw(
        "train", tiny_pictures, "--strategy", "from_scratch", "--control", "--epochs", "0", "--json"
    )
    assert outcome.code == 2
    assert {issue["field"] for issue in outcome.json["issues"]} == {"control", "epochs"}
    assert not store.list_runs()


def test_what_may_do_as_well_is_told_with_its_command(thaw_home: Path) -> None:
    spec = RunSpec(kind="train", dataset="bees-1", strategy="lora", seed=3, size=64)
    run = store.new_run(spec)
    share = {"value": 0.7, "low": 0.6, "high": 0.8, "n": 50}
    best = {"epoch": 2, "val_loss": 0.5, "val_accuracy": share}
    tell(
        run,
        "started",
        ("grounds", {"all_depths": share}),
        ("finished", {"stop_reason": "epochs", "best": best}),
    )
    assert results.result(store.read_run(run))["grounds"] == {"all_depths": share}
    (said,) = (line for line in result_lines(store.read_run(run)) if "all depths" in line)
    assert said.endswith(
        "With: thaw train bees-1 --base tf_efficientnet_lite0 --size 64 --val 0.2 --seed 3 "
        "--strategy multi_stage_probe"
    )
