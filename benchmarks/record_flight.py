"""Records one run of a flight; `record_flights.py` starts it in a process of its own.

THAW_DATA=… python benchmarks/record_flight.py FLIGHT NAME FILE [--threads N]
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flight_plans
import recordings
from flight_plans import Leg, Step
from record_cell import FASTER, count_own_seconds, faster, let_go, parent_lives, settings_of
from samples import dataset_of

from tl_core import files
from tl_core.actions import Asked
from tl_core.data.dataset import Dataset
from tl_core.spec import MIN_PROBE_EPOCHS, RunSpec

STOP = "stop_keep_best"
KEPT: dict[str, tuple[str, ...]] = {
    "epoch": (
        *("epoch", "phase", "lr", "epochs_max", "train_loss", "train_accuracy", "val_loss"),
        *("val_accuracy", "val_low", "val_high", "val_n", "retention", "improved", "thawed"),
    ),
    "phase": ("phase", "thawed", "stages"),
    "thaw": ("epoch", "stage", "thawed"),
    "rollback": ("epoch", "stage", "thawed", "kept"),
    "alert": ("epoch", "alert_kind"),
    "action": ("id", "action", "epoch", "applied"),
}
"""Kinds of event that a replay needs, and of each the fields; sentences are told anew."""
LEFT = ("agreement", "low", "high", "n")
"""What a replay needs of what is left of the base."""


@dataclass
class Hand:
    """Somebody at a run who asks for each step once its epoch is through."""

    steps: tuple[Step, ...]
    epoch: int = -1

    def hearing(self, emit: Callable[..., None]) -> Callable[..., None]:
        """Return an `emit` that is listened to."""

        def tell(kind: str, /, **fields: Any) -> None:
            emit(kind, **fields)
            if kind == "epoch":
                self.epoch = fields["epoch"]

        return tell

    def asked(self) -> tuple[Asked, ...]:
        """Return all that was asked for so far."""
        due = [step for step in self.steps if self.epoch >= step.at]
        return tuple(Asked(f"{step.action}-{step.at}", step.action) for step in due)

    def lets_go_on(self) -> bool:
        """Tell whether it may go on; ends too if whoever waits for the recording is gone."""
        return parent_lives() and all(one.action != STOP for one in self.asked())


def main() -> None:
    """Record the run that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flight")
    parser.add_argument("name")
    parser.add_argument("file", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    record(flight_plans.find(asked.flight, asked.name), asked.threads, asked.file)


def record(leg: Leg, threads: int, path: Path) -> None:
    """Train a run of a flight and write down what a replay needs of it."""
    import torch

    torch.set_num_threads(threads)
    count_own_seconds()
    dataset = dataset_of(leg.cell)
    folder = files.home() / "legs" / leg.flight / leg.name
    shutil.rmtree(folder, ignore_errors=True)  # what a killed attempt left
    (folder / "artifacts").mkdir(parents=True)
    result = fly(leg, dataset, folder)
    told = {
        "name": leg.name,
        "at": leg.at,
        "is_anew": leg.is_anew,
        "settings": dataclasses.asdict(leg) | settings_of(dataset, threads),
        "events": [*events_of(folder), ending(result)],
        "right": right_on(folder),
    }
    files.write_json(path, recordings.short(told))
    shutil.rmtree(folder)


def fly(leg: Leg, dataset: Dataset, folder: Path) -> dict[str, Any]:
    """Train as the worker does, alarms included, with somebody who steers."""
    from tl_core.engine.train import advance, open_run, summary
    from tl_core.runs import events
    from tl_core.runs.alarms import watched

    cell, hand = leg.cell, Hand(leg.steps)
    spec = spec_of(leg, dataset.id)
    fault = cell.fault.kind if cell.fault else ""
    if fault == "overfitting":
        let_go()
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        emit = hand.hearing(watched(writer.emit, spec, folder))
        run = open_run(
            spec, dataset, cell.strategy, folder, emit, hand.lets_go_on, hand.asked
        )  # fmt: skip
        if fault == "overfitting":
            run.progress.penalty = 0.0  # of the head, otherwise chosen by cross-validation
        if cell.fault and fault in FASTER:
            run.plan = faster(run.plan, cell.fault.amount)
        if leg.head_epochs:
            head = dataclasses.replace(run.plan[0], epochs=leg.head_epochs, head_steps=(1,))
            run.plan = (head, *run.plan[1:])
        advance(run)
        return summary(run)


def spec_of(leg: Leg, dataset_id: str) -> RunSpec:
    """Return the request of a run."""
    return RunSpec(
        "train",
        dataset_id,
        base=leg.cell.base,
        strategy=leg.cell.strategy,
        size=leg.cell.size,
        seed=leg.cell.seed,
        epochs=leg.epochs
        - max(0, leg.head_epochs - MIN_PROBE_EPOCHS),  # a longer head comes on top
        patience=leg.cell.patience,
    )


def events_of(folder: Path) -> list[dict[str, Any]]:
    """Return what a replay needs of the log, without clock and machine."""
    from tl_core.runs import events

    told = [e for e in events.read_events(folder / events.FILE)[0] if e["kind"] in KEPT]
    kept = [{"kind": e["kind"], **_some(e, KEPT[e["kind"]])} for e in told]
    for event in kept:
        if event.get("retention"):
            event["retention"] = _some(event["retention"], LEFT)
    return kept


def _some(fields: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: fields[name] for name in names if name in fields}


def ending(result: dict[str, Any]) -> dict[str, Any]:
    """Return the last event, as the worker tells it."""
    kind = "stopped" if result["stop_reason"] == "person" else "finished"
    told = _some(result, ("stop_reason", "best", "best_phase", "thawed", "test_accuracy"))
    left = result["retention"] and _some(result["retention"], LEFT)
    return {"kind": kind, **told, "retention": left}


def right_on(folder: Path) -> str:
    """Return for each test example, in the order of their hashes, whether it is right: 1 or 0."""
    path = folder / "artifacts" / "test_predictions.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["key"])
    return "".join("1" if row["label"] == row["predicted"] else "0" for row in rows)


if __name__ == "__main__":
    main()
