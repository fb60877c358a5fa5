"""What `speed.py` times: one task per process, its figures as JSON on the last line.

    python benchmarks/speed_tasks.py TASK '{"size_px": 224, …}'

Every task imports what it needs first and says how long that took. THAW_HOME is expected to be
empty, so that nothing was computed before.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

from speed_loops import bare_forward, own_loop, plain_loop
from speed_texts import text_features, text_lora
from timed_runs import BASE, BEGAN, Figures, Told, full_phase, import_engine, pictures, run


def frozen(size_px: int) -> Figures:
    """From picture files to a fitted, validated head on the frozen base."""
    imports = import_engine()
    told = Told()
    dataset = pictures("ants_bees", 0, 0)
    result = run(dataset, "linear_probe", told, size=size_px)
    judged = [at for at, fields in told.epochs() if fields["phase"] == "head"]
    return {
        "import_seconds": imports,
        "seconds": judged[-1],
        "first_validated_seconds": judged[0],
        "whole_seconds": result["ended_at"],
        "pictures": len(dataset.examples),
        "accuracy": result["best"]["val_accuracy"],
    }


def fastai_frozen(size_px: int) -> Figures:
    """The same with fastai: one epoch of the new head on the base."""
    import fastai_peer

    from tl_core import catalog

    imports = time.monotonic() - BEGAN
    fastai_peer.set_seed(0)
    began = time.monotonic()
    dataset = pictures("ants_bees", 0, 0)
    data = fastai_peer.loaders(dataset, size_px, workers=None)
    learner = fastai_peer.learner_of(data, catalog.find(BASE).architecture)
    learner.fit_one_cycle(1, slice(2e-3), pct_start=0.99)  # as `fine_tune` begins
    seconds = time.monotonic() - began
    accuracy = float(learner.recorder.values[-1][-1])
    return {"import_seconds": imports, "seconds": seconds, "accuracy": accuracy}


def full_rate(size_px: int, epochs: int) -> Figures:
    """Pictures per second of full fine-tuning as the engine reports it."""
    result = run(
        pictures("ants_bees", 0, 0),
        "full_fine_tune",
        Told(),
        size=size_px,
        epochs=epochs,
        patience=0,
    )
    return {"images_per_second": result["images_per_second"]}


def whole_run(size_px: int, per_class: int, epochs: int, own_split: bool) -> Figures:
    """A whole run of full fine-tuning beside the training steps in it."""
    from tl_core.data.split import split

    dataset = pictures("cifar10", per_class, 0)
    if own_split:
        given = [replace(e, split="") for e in dataset.examples if e.split == "train"]
        dataset = replace(dataset, examples=tuple(given))
    told = Told()
    result = run(dataset, "full_fine_tune", told, size=size_px, epochs=epochs, patience=0)
    full = [fields for _, fields in told.epochs() if fields["phase"] == "full"]
    parts = split(dataset, val_fraction=0.2, seed=0)
    steps = len(full) * len(parts.train) / result["images_per_second"]
    return {
        "pictures": len(dataset.examples),
        "held_out": len(parts.val),
        "full_epochs": len(full),
        "steps_seconds": steps,
        "run_seconds": result["ended_at"] - result["opened_at"],
        "whole_seconds": result["ended_at"],
        "judging_seconds": sum(fields["judging_seconds"] for _, fields in told.epochs()),
    }


def epoch_cost(size_px: int, per_class: int, epochs: int, last_stage_only: bool) -> Figures:
    """What an epoch costs with the last stage thawed, or with all."""
    from tl_core import catalog
    from tl_core.engine import strategies
    from tl_core.engine.caches import VIEWS

    last = catalog.find(BASE).stages[-1].name
    rung = strategies.Phase(
        f"thaw:{last}", epochs, (last,), body_lr=strategies.WITH_BATCHNORM.body, must_pay=True
    )
    head = strategies.head_first(1)
    plan = (head, rung if last_stage_only else full_phase(epochs))
    strategy = "gradual_unfreezing" if last_stage_only else "full_fine_tune"
    told = Told()
    run(pictures("cifar10", per_class, 0), strategy, told, plan, size=size_px, patience=0)
    rows = [fields for _, fields in told.epochs()]
    spent = [now["seconds"] - before["seconds"] for before, now in itertools.pairwise(rows)]
    judged = [fields["judging_seconds"] for fields in rows[1:]]
    trained = [s - j for s, j in zip(spent, judged, strict=True)]
    # The head's epoch is passed over, and those that fill the cache: one per view.
    first = 1 + (VIEWS if last_stage_only else 1)
    first = min(first, len(spent) - 1)
    return {
        "seconds": statistics.median(trained[first:]),
        "seconds_with_judging": statistics.median(spent[first:]),
        "first_epochs_seconds": trained[1:first],
    }


def time_to(
    size_px: int, target: float, strategy: str, seed: int, epochs: int, rate: float | None = None
) -> Figures:
    """Seconds until validation accuracy first reaches a target; null if it never does."""
    import_engine()
    plan = None if rate is None else (full_phase(epochs, rate),)
    dataset = pictures("sign_digits", 20, seed)
    told = Told(lambda fields: bool(fields["val_accuracy"] >= target))
    result = run(dataset, strategy, told, plan, size=size_px, seed=seed, epochs=epochs, patience=0)
    return {
        "seconds": told.enough_at,
        "ended_at": result["ended_at"],
        "best": max(fields["val_accuracy"] for _, fields in told.epochs()),
    }


def memory(folder: str, strategy: str, size_px: int, epochs: int) -> Figures:
    """Peak memory of a run on a folder of pictures."""
    from measuring import folder_dataset
    from memory import PeakMemory

    with PeakMemory() as peak:
        dataset = folder_dataset(Path(folder))
        result = run(dataset, strategy, Told(), size=size_px, epochs=epochs, patience=0)
    return {
        "pictures": len(dataset.examples),
        "peak_anonymous_mb": peak.anonymous,
        "peak_resident_mb": peak.resident,
        "seconds": result["ended_at"],
    }


TASKS = (
    frozen,
    fastai_frozen,
    bare_forward,
    full_rate,
    plain_loop,
    own_loop,
    whole_run,
    epoch_cost,
    time_to,
    memory,
    text_features,
    text_lora,
)


if __name__ == "__main__":
    chosen = {task.__name__: task for task in TASKS}[sys.argv[1]]
    print(json.dumps(chosen(**json.loads(sys.argv[2]))))
