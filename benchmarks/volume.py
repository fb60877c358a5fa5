"""Back-test of the forecast: from a quarter and a half of a data set, foretell the whole.

    THAW_DATA=… python benchmarks/volume.py

Each set is cut down (groups of near twins whole), its learning curve measured on the part, and what
the part foretells for the whole compared with what the probe gets right on the whole, by the same
cross-validation. `coverage` is the share of forecasts whose 80 % interval held what was measured;
`error` the mean distance of the middle, `last value` that of saying that nothing changes, both as
shares of all examples; `refused` counts the parts that foretold nothing. Several sizes of the whole
and seeds for each set, so cells of one set are not independent. Features of the usual base, 128 px.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from typing import Any

os.environ |= {"THAW_HOME": tempfile.mkdtemp(prefix="thaw-volume-"), "OMP_NUM_THREADS": "1"}

import numpy as np
import torch
from measuring import folder_dataset, table_dataset, write_results
from near_copies import with_groups

from tl_core import catalog, files
from tl_core.data import load_sample
from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.engine import features, probe
from tl_core.engine.modality import modality_of
from tl_core.evidence import volume

FOLDERS = {
    "ants and bees": "ants_bees/train",
    "ants and bees, their val": "ants_bees/val",
    "hand signs": "sign_digits",
    "small photographs": "cifar10/train",
    "small photographs, their test": "cifar10/test",
    "magnet surfaces": "magnetic_tile",
}
TABLES = {"film reviews": "sst2/train.csv"}
SAMPLES = {
    "scanned digits": "digits",
    "drawn shapes": "shapes",
    "messages": "messages",
    "solar cells": "solar",
}
CHOSEN_ON = (
    "ants and bees",
    "hand signs",
    "small photographs",
    "magnet surfaces",
    "film reviews",
    "scanned digits",
    "drawn shapes",
    "messages",
)
"""Sets on which the range of exponents was settled; the others were looked at afterwards."""
MOST = 2000
WHOLES = (1.0, 0.5)
SHARES = (0.5, 0.25)
SEEDS = (0, 1, 2)
EDGE_PX = 128
TWINS = 0.95  # cosine between thumbnails, see `near_copies`

Table = tuple[probe.Floats, probe.Ints, probe.Ints]


def table(dataset: Dataset) -> Table:
    """Return features, labels and groups of at most MOST examples."""
    rows = sorted(np.random.default_rng(0).permutation(len(dataset.examples))[:MOST].tolist())
    modality = modality_of(dataset.modality)
    base = catalog.find(catalog.default_base(dataset.modality))
    size = EDGE_PX if dataset.modality == "picture" else None
    backbone = modality.load_backbone(base, size=size, pretrained=True)
    examples = modality.open_examples(dataset, tuple(rows), backbone)
    vectors = features.compute(backbone.chain, examples, lambda done, total: None).numpy()
    labels = np.array([dataset.examples[row].label for row in rows], dtype=np.int64)
    groups = np.array(components([ties_of(dataset.examples[row]) for row in rows]))
    return vectors, labels, groups


def measured(data: Table, rows: Any, seed: int) -> tuple[volume.Curve, probe.Ints] | None:
    """Return the curve of some rows and their labels; None where they cannot be divided."""
    vectors, labels, groups = data
    own = np.unique(labels[rows], return_inverse=True)[1]
    if np.bincount(own).min() < 5:
        return None
    held_out = probe.folds(own, groups[rows].tolist(), seed)
    prepared = probe.prepare(vectors[rows])
    whole = probe.cross_validate(prepared, own, held_out)
    right = (whole.predicted == own).astype(np.float32)
    return volume.curve(prepared, own, held_out, right, seed), own


def cells(data: Table) -> list[dict[str, Any]]:
    """Foretell every whole from its parts."""
    groups = data[2]
    found = []
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(groups.max() + 1)
        for whole_share in WHOLES:
            whole_groups = order[: int(whole_share * len(order))]
            whole = measured(data, np.flatnonzero(np.isin(groups, whole_groups)), seed)
            for share in SHARES if whole else ():
                part_groups = whole_groups[: int(share * len(whole_groups))]
                part = measured(data, np.flatnonzero(np.isin(groups, part_groups)), seed)
                if part and whole:
                    found.append(_cell(part, whole[0], 1 / share, seed))
    return found


def _cell(
    part: tuple[volume.Curve, probe.Ints], whole: volume.Curve, times: float, seed: int
) -> dict[str, Any]:
    curve, labels = part
    told = volume.volume(curve, labels, [""] * (int(labels.max()) + 1), seed)
    truth = float(whole.right[-1].mean() - curve.right[-1].mean())
    cell = {"times": times, "n": curve.right.shape[1], "truth": round(truth, 4)}
    for forecast in told.forecasts:
        if forecast.times == times:
            return cell | {"gain": forecast.gain, "low": forecast.low, "high": forecast.high}
    return cell | {"refused": told.refused}


def summed(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return coverage and errors of some cells."""
    told = [c for c in found if "gain" in c]
    flat = [c for c in found if c.get("refused") == "flat"]
    if not told:
        return {"cells": len(found), "foretold": 0}
    within = [c["low"] <= c["truth"] <= c["high"] for c in told]
    return {
        "cells": len(found),
        "foretold": len(told),
        "refused": {
            reason: sum(c.get("refused") == reason for c in found)
            for reason in ("few", "flat", "wild")
        },
        "coverage": round(float(np.mean(within)), 3),
        "width": round(float(np.mean([c["high"] - c["low"] for c in told])), 4),
        "error": round(float(np.mean([abs(c["gain"] - c["truth"]) for c in told])), 4),
        "last value": round(float(np.mean([abs(c["truth"]) for c in told])), 4),
        "bias": round(float(np.mean([c["gain"] - c["truth"] for c in told])), 4),
        "gain where called flat": round(float(np.mean([c["truth"] for c in flat])), 4)
        if flat
        else None,
    }


def sources() -> dict[str, Dataset]:
    """Return every set at hand."""
    root = files.data_root()
    found = {name: folder_dataset(root / place) for name, place in FOLDERS.items()}
    found["magnet surfaces"] = with_groups(found["magnet surfaces"], TWINS)
    found |= {name: table_dataset(root / place) for name, place in TABLES.items()}
    return found | {name: load_sample(sample) for name, sample in SAMPLES.items()}


def main() -> None:
    """Run everything."""
    torch.set_num_threads(1)
    by_set: dict[str, list[dict[str, Any]]] = {}
    for name, dataset in sources().items():
        by_set[name] = cells(table(dataset))
        print(name, summed(by_set[name]), flush=True)
    by_times: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, found in by_set.items():
        kind = "sets looked at before" if name in CHOSEN_ON else "other sets"
        for cell in found:
            by_times["all"].append(cell)
            by_times[f"{cell['times']:g} times"].append(cell)
            by_times[kind].append(cell)
    results = {
        "together": {key: summed(found) for key, found in by_times.items()},
        "by set": {name: summed(found) for name, found in by_set.items()},
        "cells": by_set,
    }
    print(results["together"])
    write_results(__file__, "python benchmarks/volume.py", results)


if __name__ == "__main__":
    main()
