"""`thaw runs compare`: the same as on screen, for people and for programs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import epoch
from tl_core.runs import events, store, versus
from tl_core.spec import RunSpec

pytestmark = pytest.mark.usefixtures("thaw_home")


def ended(wrong: int, **changed: Any) -> str:
    """Return a finished run that is wrong on the first so many of 40 examples."""
    spec = RunSpec(kind="train", **{"dataset": "bees", "strategy": "lora"} | changed)
    run = store.new_run(spec)
    folder = store.run_dir(run)
    share = {"value": 0.88, "low": 0.8, "high": 0.93, "n": 40}
    best = {"epoch": 1, "val_loss": 0.4, "val_accuracy": share}
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        writer.emit("started")
        writer.emit("epoch", **epoch(0, 0.7))
        writer.emit("epoch", **epoch(1, 0.4))
        writer.emit("finished", stop_reason="epochs", best=best, seconds=9.0)
    path = folder / versus.PREDICTIONS_FILE
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer_of = csv.writer(file)
        writer_of.writerow(["key", "name", "label", "predicted", "probability"])
        prefix = spec.seed
        writer_of.writerows(
            [f"{prefix}-{n}", n, "a", "b" if n < wrong else "a", 1] for n in range(40)
        )
    return run


def test_two_runs_for_programs(thaw: Callable[..., Any]) -> None:
    one, other = ended(0), ended(9, strategy="linear_probe")
    told = thaw("runs", "compare", one, other, "--json").json
    assert [run["run"] for run in told["runs"]] == [one, other]
    (pair,) = told["pairs"]
    assert (pair["n"], pair["only_first"], pair["only_second"], pair["better"]) == (40, 9, 0, one)
    assert pair["p_holm"] == pytest.approx(2 / 2**9)
    assert told["differences"] == ["strategy"]
    assert (told["not_comparable"], told["without_answers"]) == ([], [])
    assert told["verdict"].startswith(f"{one} does best")


def test_three_runs_for_people(thaw: Callable[..., Any]) -> None:
    outcome = thaw("runs", "compare", ended(0), ended(9, minutes=3), ended(9, minutes=5))
    assert outcome.code == 0
    words = " ".join(outcome.out.split())
    assert words.startswith("A (Parameter-efficient (LoRA), no limit) does best")
    assert "A and B 9 0 40 0.012 A does better" in words
    assert "at most minutes no limit 3 5" in words


def test_another_split_is_said(thaw: Callable[..., Any]) -> None:
    told = thaw("runs", "compare", ended(0), ended(0, seed=1), "--json").json
    assert told["not_comparable"][0]["why"] == "split"
    assert told["pairs"] == []


def test_what_cannot_be_compared_is_a_problem_with_a_fix(thaw: Callable[..., Any]) -> None:
    one = ended(0)
    alone = thaw("runs", "compare", one, "--json")
    assert alone.code == 2
    assert "From 2 to 8 runs" in alone.json["issues"][0]["message"]
    measuring = store.new_run(RunSpec(kind="evidence", dataset="bees"))
    both = thaw("runs", "compare", one, measuring, "20200101-000000-gone-0000", "--json")
    assert [issue["field"] for issue in both.json["issues"]] == ["run", "run"]
