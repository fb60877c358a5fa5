"""Records one cell of the grid; `record.py` starts it in a process of its own.

THAW_DATA=… python benchmarks/record_cell.py NAME [--threads N] [--grid FILE] [--out DIR]
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cells
import numpy as np
import recordings
from cells import Cell
from memory import PeakMemory
from samples import dataset_of

from tl_core import files
from tl_core.data.dataset import Dataset
from tl_core.spec import RunSpec

PASSED_OVER = ("step", "epoch", "checkpoint", "started")
ENVELOPE = ("v", "seq", "t", "attempt", "kind")
GUESSES = ("eta_seconds",)
FASTER = ("learning_rate", "forgetting")
"""Faults of which the amount multiplies every learning rate."""
PARENT = "THAW_RECORDER"
"""Variable with the process that waits for this one."""


def main() -> None:
    """Record the cell that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--grid", type=Path, default=cells.GRID)
    parser.add_argument("--out", type=Path, default=recordings.ROOT)
    asked = parser.parse_args()
    cell = cells.find(asked.name, asked.grid)
    write = peer_recorder() if cell.strategy == cells.PEER else record
    write(cell, asked.threads, asked.out)


def peer_recorder() -> Callable[[Cell, int, Path], None]:
    """Return what records a cell of the peer, which only its own environment can import."""
    from fastai_peer import record as record_peer

    return record_peer


def record(cell: Cell, threads: int, out: Path) -> None:
    """Train the cell and keep it."""
    import torch

    torch.set_num_threads(threads)
    count_own_seconds()
    dataset = dataset_of(cell)
    folder = files.home() / "cells" / cell.name
    shutil.rmtree(folder, ignore_errors=True)  # what a killed attempt left
    (folder / "artifacts").mkdir(parents=True)
    began = time.monotonic()
    with PeakMemory() as peak:
        result = train(cell, dataset, folder)
    result = {
        **result,
        "whole_seconds": time.monotonic() - began,
        "peak_anonymous_mb": peak.anonymous,
        "peak_resident_mb": peak.resident,
    }
    epochs, decisions = told(folder)
    settings = settings_of(dataset, threads)
    recordings.write(cell, settings, epochs, decisions, result, judged(folder, dataset), out)
    shutil.rmtree(folder)


def count_own_seconds() -> None:
    """Let the engine count this process's time on a processor, waiting not included.

    Otherwise whatever else runs on the machine would leave a cell less training in its minutes.
    """
    from tl_core.engine import opening, record, steps, train

    own = SimpleNamespace(monotonic=time.process_time)
    for module in (opening, record, steps, train):
        module.time = own  # type: ignore[attr-defined]


def train(cell: Cell, dataset: Dataset, folder: Path) -> dict[str, Any]:
    """Train as the worker does, alerts included."""
    from tl_core.engine.train import advance, open_run, summary
    from tl_core.runs import events
    from tl_core.runs.alarms import watched

    fault = cell.fault.kind if cell.fault else ""
    spec = RunSpec(
        "train",
        dataset.id,
        base=cell.base,
        strategy=cell.strategy,
        size=cell.size,
        seed=cell.seed,
        minutes=cell.minutes,
        epochs=int(cell.fault.amount) if cell.fault and fault == "overfitting" else None,
        patience=cell.patience,
    )
    if fault == "overfitting":
        let_go()
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        emit = watched(writer.emit, spec, folder)
        # What `train_run` does, with a moment between to plant a learning rate.
        run = open_run(spec, dataset, cell.strategy, folder, emit, parent_lives)
        if fault == "overfitting":
            run.progress.penalty = 0.0  # of the head, otherwise chosen by cross-validation
        if cell.fault and fault in FASTER:
            run.plan = faster(run.plan, cell.fault.amount)
        advance(run)
        return summary(run)


def let_go() -> None:
    """Take away all that keeps a network from learning its examples by heart."""
    from tl_core.engine import phase, steps
    from tl_core.engine.modality import text, vision

    phase.WEIGHT_DECAY = 0.0  # type: ignore[attr-defined]
    steps.SMOOTHING = 0.0
    for examples in (vision.Pictures, text.Texts):
        examples.augmented = lambda self, rows, _variation: self.inputs(rows)


def faster(plan: tuple[Any, ...], factor: float) -> tuple[Any, ...]:
    """Return the phases with every learning rate multiplied."""
    return tuple(
        dataclasses.replace(p, head_lr=p.head_lr * factor, body_lr=p.body_lr * factor) for p in plan
    )


def parent_lives() -> bool:
    """Say yes; once the recorder that started this process is gone, end it instead."""
    parent = os.environ.get(PARENT)
    if parent and os.getppid() != int(parent):
        raise SystemExit("whoever started this is gone")
    return True


def told(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the epochs of the log, and the events that decided something."""
    from tl_core.runs import events

    epochs: list[dict[str, Any]] = []
    decisions: list[dict[str, Any]] = []
    for event in events.read_events(folder / events.FILE)[0]:
        fields = {k: v for k, v in event.items() if k not in ENVELOPE and k not in GUESSES}
        if event["kind"] == "epoch":
            epochs.append(fields)
        elif event["kind"] not in PASSED_OVER:
            decisions.append({"kind": event["kind"], "after_epoch": len(epochs) - 1, **fields})
    return epochs, decisions


def judged(folder: Path, dataset: Dataset) -> dict[str, Any]:
    """Return what is known of each example of the test part, or where none is of validation."""
    tested = folder / "artifacts" / "test_predictions.csv"
    path = tested if tested.exists() else folder / "artifacts" / "predictions.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    number = {name: place for place, name in enumerate(dataset.classes)}
    return {
        "example": [int(row["key"][:8], 16) for row in rows],
        "label": [number[row["label"]] for row in rows],
        "predicted": [number[row["predicted"]] for row in rows],
        "probability": [float(row["probability"]) for row in rows],
        "val_losses": np.load(folder / "artifacts" / "val_losses.npy", allow_pickle=False),
    }


def settings_of(dataset: Dataset, threads: int) -> dict[str, Any]:
    """Return under which circumstances the cell was recorded."""
    from tl_core.engine import precision

    parts = [example.split for example in dataset.examples]
    return {
        "threads": threads,
        "cores": os.cpu_count(),
        "precision": precision.mixed_precision(),
        "classes": list(dataset.classes),
        "train": parts.count("train"),
        "val": parts.count("val"),
        "test": parts.count("test"),
        "groups": len({e.group for e in dataset.examples if e.group}),
        "clock": "processor",
        "engine": recordings.engine_digest(),
    }


if __name__ == "__main__":
    main()
