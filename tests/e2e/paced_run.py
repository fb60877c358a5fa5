"""A run at the pace of its standard input: one line, one epoch. It trains nothing.

    THAW_HOME=... python -m tests.e2e.paced_run [EPOCHS]

prints its id, holds its lock as a worker does, and tells what a worker would: a head for 5 epochs,
then everything, of at most so many. A line `half` tells half of the batches of the coming epoch,
`end` ends the run.
"""

from __future__ import annotations

import math
import sys
from typing import Any

from tl_core import catalog
from tl_core.runs import events, locks, store
from tl_core.spec import DEFAULT_BASE, RunSpec

HEAD_EPOCHS = 5
MOST = 24
N_VAL = 200
BATCHES = 10


def epoch(number: int, most: int = MOST) -> dict[str, Any]:
    """Return the fields of one epoch of a run that learns, then begins to memorise."""
    train = 0.05 + 1.3 * math.exp(-number / 4)
    val = 0.22 + 1.2 * math.exp(-number / 3) + 0.02 * max(0, number - 12)
    accuracy = 0.94 - 0.66 * math.exp(-number / 3)
    is_head = number <= HEAD_EPOCHS
    return {
        "epoch": number,
        "phase": "before" if number == 0 else "head" if is_head else "full",
        "train_loss": round(train, 4),
        "train_accuracy": round(min(1.0, accuracy + 0.05), 4),
        "val_loss": round(val, 4),
        "val_accuracy": round(accuracy, 4),
        "val_low": round(accuracy - 0.04, 4),
        "val_high": round(accuracy + 0.035, 4),
        "val_n": N_VAL,
        "lr": 0.0 if number == 0 else 1.0 if is_head else 1e-3 / (1 + number),
        "seconds": 2.0 * number,
        "improved": number <= 12,
        "epochs_max": most,
        "patience": 8,
        "patience_used": max(0, number - 12),
        "thawed": [] if is_head else [stage.name for stage in catalog.find(DEFAULT_BASE).stages],
        "eta_seconds": 2.0 * (most - number),
        "examples_per_second": None if is_head else 120.0,
    }


def tell_begin(writer: events.EventWriter) -> None:
    """Tell that a worker has begun with the head."""
    stages = [stage.name for stage in catalog.find(DEFAULT_BASE).stages]
    writer.emit("launched")
    writer.emit("started", device="cpu")
    writer.emit("phase", phase="head", what="Training the head", stages=stages, thawed=[])


def tell_epoch(writer: events.EventWriter, number: int, most: int) -> None:
    """Tell one epoch, and the thaw of everything after the last of the head."""
    told = epoch(number, most)
    writer.emit("epoch", **told)
    if number == HEAD_EPOCHS:
        stages = [stage.name for stage in catalog.find(DEFAULT_BASE).stages]
        writer.emit("phase", phase="full", what="Training everything", thawed=stages)
        writer.emit("thaw", epoch=number, stage="all", thawed=stages)


def tell_half(writer: events.EventWriter, number: int) -> None:
    """Tell the first half of the batches of an epoch."""
    for done in range(1, BATCHES // 2 + 1):
        loss = epoch(number)["train_loss"] + 0.3 + 0.05 * math.sin(7 * done)
        what = "batches of this epoch"
        writer.emit("step", what=what, done=done, total=BATCHES, epoch=number, loss=loss)


def tell_end(writer: events.EventWriter, number: int) -> None:
    """Tell that the run has come to its end."""
    last = epoch(number)
    best = epoch(min(number, 12))
    keys = {"value": "val_accuracy", "low": "val_low", "high": "val_high", "n": "val_n"}
    writer.emit(
        "finished",
        stop_reason="patience",
        best={
            "epoch": best["epoch"],
            "val_loss": best["val_loss"],
            "val_accuracy": {key: best[name] for key, name in keys.items()},
        },
        best_phase=best["phase"],
        thawed=best["thawed"],
        test_accuracy=None,
        retention={"agreement": 0.71},
        seconds=last["seconds"],
        images_per_second=120.0,
        trainable_parameters=3_400_000,
    )


def main() -> None:
    """Make a run and tell an epoch for each line."""
    most = int(sys.argv[1]) if sys.argv[1:] else MOST
    run = store.new_run(RunSpec(kind="train", dataset="paced", strategy="full_fine_tune"))
    folder = store.run_dir(run)
    path = folder / events.FILE
    with locks.hold(folder) as held, events.EventWriter(path, new_attempt=True) as writer:
        assert held
        tell_begin(writer)
        print(run, flush=True)
        number = 0
        for line in sys.stdin:
            if line.strip() == "half":
                tell_half(writer, number)
            elif line.strip() == "end":
                tell_end(writer, number - 1)
                break
            else:
                tell_epoch(writer, number, most)
                number += 1


if __name__ == "__main__":
    main()
