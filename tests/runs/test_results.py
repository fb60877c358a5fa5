"""What programs read about a run and about a race."""

from __future__ import annotations

import json

import pytest

from tests.runs.telling import tell
from tl_core.runs import results, store
from tl_core.spec import RunSpec

SPEC = RunSpec(kind="train", dataset="ants-bees", strategy="linear_probe")

CONTRACT = {
    "run", "status", "stop_reason", "strategy", "base", "best", "test_accuracy", "epochs",
    "alerts", "retention", "seconds", "images_per_second", "trainable_parameters",
}  # fmt: skip
EPOCH = {
    "epoch": 0,
    "phase": "before",
    "train_loss": 1.0,
    "train_accuracy": 0.5,
    "val_loss": 1.5,
    "val_accuracy": 0.25,
    "val_low": 0.2,
    "val_high": 0.3,
    "val_n": 40,
    "lr": 0.0,
    "seconds": 1.0,
    "retention": None,
    "improved": True,
}

pytestmark = pytest.mark.usefixtures("thaw_home")


def test_the_result_of_a_new_run_has_every_key() -> None:
    result = results.result(store.read_run(store.new_run(RunSpec(kind="train", dataset="d"))))
    assert result.keys() >= CONTRACT
    assert result["strategy"] is None
    assert result["best"] is None
    assert result["epochs"] == result["alerts"] == []
    assert result["retention"] == {"agreement": None}
    assert result["forecast"] is None
    json.dumps(result, allow_nan=False)


def test_the_result_of_a_finished_run() -> None:
    accuracy = {"value": 0.25, "low": 0.2, "high": 0.3, "n": 40}
    best = {"epoch": 0, "val_loss": 1.5, "val_accuracy": accuracy}
    end = {
        "stop_reason": "patience",
        "best": best,
        "test_accuracy": accuracy,
        "retention": {"agreement": 0.75},
        "seconds": 12.5,
        "images_per_second": 80.0,
        "trainable_parameters": 2562,
    }
    run_id = store.new_run(RunSpec(kind="train", dataset="d"))
    alert = {"epoch": 0, "kind": "plateau", "text": "Flat."}
    plan = {"strategy": "linear_probe", "advice": {}}
    tell(run_id, "started", ("plan", plan), ("epoch", EPOCH), ("alert", alert))
    assert results.result(store.read_run(run_id))["best"] == best
    tell(run_id, ("finished", end), new_attempt=False)
    result = results.result(store.read_run(run_id))
    assert {key: result[key] for key in end} == end
    assert result["strategy"] == "linear_probe"
    assert (result["run"], result["status"]) == (run_id, "finished")
    assert result["alerts"] == [alert]
    assert result["epochs"] == [
        {k: v for k, v in EPOCH.items() if k not in ("val_low", "val_high", "val_n", "improved")}
    ]


def test_a_race_finds_its_runs_and_sums_them_up() -> None:
    spec = RunSpec(kind="race", dataset="ants-bees", strategies=("lora", "linear_probe"))
    race = store.new_run(spec)
    runs = [store.new_run(SPEC, race=race) for _n in range(2)]
    rows = [{"strategy": "lora", "run": run} for run in [*runs, "gone"]]
    tell(race, "started", ("standing", {"round": 1, "rounds": 1, "competitors": rows}))
    state = store.read_run(race)
    assert [run.id for run in store.competitors(state)] == runs
    told = results.race_result(state)
    assert [run["run"] for run in told["runs"]] == runs
    assert (told["run"], told["ranking"], told["verdict"]) == (race, [], None)
    tell(race, ("finished", {"ranking": [{"run": runs[0]}], "verdict": "Too close."}))
    told = results.race_result(store.read_run(race))
    assert told["ranking"] == [{"run": runs[0]}]
    assert told["verdict"] == "Too close."
