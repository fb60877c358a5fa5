"""The short trial thaw beside the full runs that it foretells.

    THAW_DATA=… python benchmarks/pilot.py

For each set the trial sees the training part of the recorded runs of seed 0, at their size. `fifth`
is the trial as it is within a fifth of their time limit, beside what the recorded runs gained on
their validation part, thawing stage by stage against the linear probe, each seed by itself. On the
first set also trials of fewer steps than usual, on its first fold. Gains are shares of all examples
with a 95 % interval. Seconds are those of one thread by itself, waiting not included; those of the
full runs include the head. `shortfall` says how far the full runs lay above the trials: on average,
as a root mean square, and what is left of that without chance in the examples judged.

Can be killed at any time: what stands in `pilot.json` is not measured again.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ |= {
    "THAW_HOME": tempfile.mkdtemp(prefix="thaw-pilot-"),
    "THAW_PRECISION": "fp32",
    "OMP_NUM_THREADS": "1",
}

import cells
import numpy as np
import recordings
import torch
from measuring import write_results
from samples import dataset_of

from tl_core import evidence as evidence_package
from tl_core import spec as records
from tl_core.advisor.trial import SHARE
from tl_core.engine import opening, record, scores, steps, train
from tl_core.evidence import measure, pilot

SETS = ("sign_digits-20", "magnetic_tile-all", "cifar10-30", "ants_bees-all")
AMPLE_SECONDS = 3600.0
FEWER = {"3 epochs": 0, "30 steps": 30}
"""Trials on the first set: at least so many steps."""
VAL_FRACTION = 0.2  # the sets bring their parts
_Z95 = 1.96

Results = dict[str, Any]


def main() -> None:
    """Try all sets within a fifth of the time, and one with fewer steps; keep all on the way."""
    torch.set_num_threads(1)
    own = SimpleNamespace(monotonic=time.process_time)
    for module in (opening, record, steps, train, pilot, evidence_package):
        module.time = own  # type: ignore[attr-defined]
    runs = {r.name: r for r in recordings.load() if not r.fault}
    kept = known()
    sets: dict[str, Results] = {n: {**kept.get(n, {}), "full": full(n, runs)} for n in SETS}
    usual = pilot.FOLDS, pilot.MIN_STEPS
    wanted = [(name, "fifth", *usual) for name in SETS]
    wanted += [(SETS[0], kind, 1, least) for kind, least in FEWER.items()]
    for name, kind, pilot.FOLDS, pilot.MIN_STEPS in wanted:
        if kind in sets[name]:
            continue
        cell = cells.find(f"{name}/gradual_unfreezing-s0")
        limit = SHARE * 60 * cell.minutes if kind == "fifth" else AMPLE_SECONDS
        sets[name][kind] = tried(cell, limit)
        keep(sets)


def known() -> dict[str, Results]:
    """Return what was measured before."""
    path = Path(__file__).with_suffix(".json")
    found: dict[str, Results] = (
        json.loads(path.read_text())["results"]["sets"] if path.exists() else {}
    )
    return found


def keep(sets: dict[str, Results]) -> None:
    """Write what there is so far."""
    results = {"sets": sets, "shortfall": shortfall(sets)}
    write_results(__file__, "THAW_DATA=… python benchmarks/pilot.py", results)


def tried(cell: cells.Cell, seconds: float) -> Results | None:
    """Return a trial on the set of a cell; None where the time was too short for any."""
    dataset = dataset_of(cell)
    dataset = replace(dataset, id=dataset.id.replace("_", "-"))  # as the store of evidence wants it
    found = measure(
        dataset,
        cell.base,
        size=cell.size,
        seed=cell.seed,
        val_fraction=VAL_FRACTION,
        emit=silent,
        should_continue=lambda: True,
    )
    trial = pilot.measure(
        dataset,
        found,
        val_fraction=VAL_FRACTION,
        seconds=seconds,
        folder=Path(tempfile.gettempdir()),
        emit=silent,
        should_continue=lambda: True,
    )
    print(cell.sample, trial, flush=True)
    return None if trial is None else records.to_dict(trial)


def silent(kind: str, /, **fields: Any) -> None:
    """Tell nobody."""


def full(name: str, runs: dict[str, recordings.Recording]) -> list[dict[str, Any]]:
    """Return what the recorded runs of each seed gained by thawing, and how long that took."""
    rows = []
    for seed in range(3):
        probe, thaw = (
            runs.get(f"{name}/{s}-s{seed}") for s in ("linear_probe", "gradual_unfreezing")
        )
        if probe is None or thaw is None:
            continue
        low, high = scores.paired_interval(probe.right, thaw.right, scores.CONFIDENCE)
        rows.append(
            {
                "seed": seed,
                "gain": round(thaw.accuracy - probe.accuracy, 4),
                "low": round(low, 4),
                "high": round(high, 4),
                "seconds": thaw.result["seconds"],
            }
        )
    return rows


def shortfall(sets: dict[str, Results]) -> dict[str, float]:
    """Return how far the full runs lay from the trials, and that beyond chance in the examples."""
    beyond, chance = [], []
    for found in sets.values():
        trial = found.get("fifth")
        for run in found["full"] if trial else ():
            beyond.append(run["gain"] - trial["gain"])
            chance += [sum(((r["high"] - r["low"]) / (2 * _Z95)) ** 2 for r in (run, trial))]
    if not beyond:
        return {}
    square = float(np.mean(np.square(beyond)))
    return {
        "mean": round(float(np.mean(beyond)), 4),
        "root_mean_square": round(square**0.5, 4),
        "beyond_chance": round(max(square - float(np.mean(chance)), 0.0) ** 0.5, 4),
        "pairs": len(beyond),
    }


if __name__ == "__main__":
    main()
