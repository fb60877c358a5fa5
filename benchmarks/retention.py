"""Does the measure of forgetting that needs no source data tell what is forgotten?

    THAW_DATA=… python benchmarks/retention.py

Runs that move the base by little and by much: everything, the upper half and the last stage at
several learning rates, and adapters; on few hand signs and few small photographs, at 128 px. At
their end stands what Watch shows of them: how often the base's own classifier, put on the tuned
body, names what it named before, on the run's own pictures (`agreement`) and on photographs of the
base's own kind (`on_source`), and the likeness of the last features (`cka`). Beside it the truth:
how many of other photographs of the base's own kind it still names rightly (`top1`), of
`imagenet_one_per_class`. `spearman` is their rank correlation, with a 95 % interval from 2,000
resamples of the runs. One seed; nothing is timed, and finished runs are kept.
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
from measuring import folder_dataset, write_results
from recipes import few
from scipy.stats import spearmanr

from tl_core import catalog, files
from tl_core.data.dataset import Dataset
from tl_core.engine import evaluate, forgetting, train
from tl_core.engine.modality.vision import VISION
from tl_core.engine.record import Run
from tl_core.engine.strategies import FULL_DECAY, Phase, head_first
from tl_core.spec import DEFAULT_BASE, RunSpec

SIZE_PX = 128
EPOCHS = 3
SOURCE = "imagenet_one_per_class"
JUDGED = 400
"""Photographs of the source on which the truth is measured."""
SETS = {"hand signs": ("sign_digits", 6, 6), "small photographs": ("cifar10/train", 6, 6)}
VARIANTS: dict[str, dict[str, Any]] = {
    "everything, 3e-5": {"cut": 0, "rate": 3e-5},
    "everything, 1e-4": {"cut": 0, "rate": 1e-4},
    "everything, 5e-4": {"cut": 0, "rate": 5e-4},
    "everything, 1.5e-3": {"cut": 0, "rate": 1.5e-3},
    "everything, 5e-3": {"cut": 0, "rate": 5e-3},
    "upper half, 5e-4": {"cut": 5, "rate": 5e-4},
    "last stage, 5e-4": {"cut": 7, "rate": 5e-4},
    "adapters, 2e-3": {"adapters": True, "rate": 2e-3},
    "adapters, 1e-2": {"adapters": True, "rate": 1e-2},
}


def tuned(
    dataset: Dataset, folder: Path, *, rate: float, cut: int = 0, adapters: bool = False
) -> tuple[Run, dict[str, Any]]:
    """Train one variant; returns the run as it ends, and what its last epoch tells."""
    stages = tuple(stage.name for stage in catalog.find(DEFAULT_BASE).stages)
    thawed = () if adapters else stages[cut:]
    name = "adapter" if adapters else f"thaw:{stages[cut]}"
    body = Phase(name, EPOCHS, thawed, body_lr=rate, decay=FULL_DECAY, adapters=adapters,
                 ends_as_it_is=True)  # fmt: skip
    spec = RunSpec("train", dataset.id, DEFAULT_BASE, "full_fine_tune", size=SIZE_PX, patience=0)
    spec = replace(spec, source_folder=str(files.data_root() / SOURCE))
    told: list[dict[str, Any]] = []

    def emit(kind: str, /, **fields: Any) -> None:
        if kind == "epoch":
            told.append(fields)

    plan = (head_first(2), body)
    run = train.open_run(spec, dataset, "full_fine_tune", folder, emit, lambda: True, plan=plan)
    train.advance(run)
    return run, told[-1]


def truth(run: Run, source: Dataset) -> float:
    """Return the share of photographs of the source that are still named rightly."""
    known = set(run.known.source_examples.keys) if run.known else set()  # type: ignore[union-attr]
    backbone = run.bench.backbone
    every = VISION.open_examples(source, range(len(source.examples)), backbone)
    rows = [row for row, key in enumerate(every.keys) if key not in known][::2][:JUDGED]
    _logits, passed = evaluate.through(run.bench.learner, every, 0, rows)
    assert backbone.source_head is not None
    named = forgetting.named(backbone.source_head, passed[:, -backbone.width :])
    labels = torch.tensor([source.examples[row].label for row in rows])
    return round(float((named == labels).float().mean()), 4)


def outcome(dataset: Dataset, source: Dataset, **settings: Any) -> dict[str, Any]:
    """Train one variant and return what is measured of it."""
    with tempfile.TemporaryDirectory() as folder:
        run, last = tuned(dataset, Path(folder), **settings)
        left = last["retention"]
        return {
            "agreement": left["agreement"],
            "on_source": left["source"]["agreement"],
            "cka": left["drift"][-1]["cka"],
            "accuracy": last["val_accuracy"],
            "top1": truth(run, source),
        }


def correlation(measure: list[float], top1: list[float]) -> dict[str, float]:
    """Return Spearman's rank correlation with its interval."""
    rng = np.random.default_rng(0)
    pairs = np.array([measure, top1])
    drawn = [pairs[:, rng.integers(0, pairs.shape[1], pairs.shape[1])] for _ in range(2000)]
    values = [float(spearmanr(*one).statistic) for one in drawn if (one.std(1) > 0).all()]
    low, high = np.quantile(values, (0.025, 0.975)).round(3).tolist()
    return {"value": round(float(spearmanr(*pairs).statistic), 3), "low": low, "high": high}


def correlations(results: dict[str, Any]) -> dict[str, Any]:
    """Return the rank correlation of each measure with the truth, per set and over all runs."""
    groups = {name: list(runs.values()) for name, runs in results.items()}
    groups["all"] = [run for runs in groups.values() for run in runs]
    return {
        name: {
            key: correlation([r[key] for r in runs], [r["top1"] for r in runs])
            for key in ("agreement", "on_source", "cka")
        }
        for name, runs in groups.items()
        if len(runs) > 2
    }


def main() -> None:
    """Run every variant that is not there yet."""
    torch.set_num_threads(1)
    path = Path(__file__).with_suffix(".json")
    results = json.loads(path.read_text())["results"]["runs"] if path.exists() else {}
    source = folder_dataset(files.data_root() / SOURCE)
    for name, sizes in SETS.items():
        for variant, settings in VARIANTS.items():
            if variant in results.get(name, {}):
                continue
            found = outcome(few(*sizes), source, **settings)
            results.setdefault(name, {})[variant] = found
            print(name, "|", variant, "|", found, flush=True)
            told = {"spearman": correlations(results), "runs": results}
            write_results(__file__, "python benchmarks/retention.py", told)


if __name__ == "__main__":
    main()
