"""What the advisor is judged on: the evidence of each sample, and what each strategy reached there.

A sample is a set, so many training examples and a seed; its evidence is measured once, on the very
examples that the recorded runs trained on, and kept as a line of `advice/evidence.jsonl`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cells
import numpy as np
import numpy.typing as npt
import recordings
from cells import Cell
from recordings import Recording
from samples import dataset_of

from tl_core import spec
from tl_core.spec import STRATEGIES, DatasetFacts, Evidence, Leak

KEPT = Path(__file__).with_name("advice") / "evidence.jsonl"
NEEDED = ("linear_probe", "multi_stage_probe", "gradual_unfreezing", "lora", "full_fine_tune")
"""Strategies without which a sample is not judged; from scratch is recorded for a part."""


@dataclass(frozen=True)
class Sample:
    """One sample with what is known before and what came out."""

    data: str
    name: str
    seed: int
    facts: DatasetFacts
    evidence: Evidence
    runs: Mapping[str, Recording]
    """By strategy."""

    def accuracy(self, strategy: str, half: npt.NDArray[np.bool_] | None = None) -> float:
        """Return what a strategy reached, in [0, 1], on all that was judged or on a half of it."""
        right = self.runs[strategy].right
        return float(right.mean() if half is None else right[half].mean())

    def halves(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return two halves of the examples judged, the same for all strategies."""
        examples = self.runs[NEEDED[0]].example
        first = np.random.default_rng(0).permutation(len(examples)) < len(examples) // 2
        return first, ~first

    def minutes(self, strategy: str) -> float:
        """Return the processor minutes of the training; features of the frozen base not counted."""
        return float(self.runs[strategy].result["seconds"]) / 60


def load(kept: Path = KEPT, recorded: Path = recordings.ROOT) -> tuple[Sample, ...]:
    """Return every sample whose evidence is kept and whose strategies are recorded."""
    by_key: dict[tuple[str, int], dict[str, Recording]] = {}
    for run in recordings.load(recorded):
        if not run.fault and run.strategy in STRATEGIES:
            name = f"{run.data}-{run.per_class or 'all'}"
            by_key.setdefault((name, run.seed), {})[run.strategy] = run
    found = []
    for line in lines(kept):
        runs = by_key.get((line["sample"], line["seed"]), {})
        if set(NEEDED) <= set(runs):
            found.append(
                Sample(
                    data=line["sample"].rpartition("-")[0],
                    name=line["sample"],
                    seed=line["seed"],
                    facts=spec.from_dict(DatasetFacts, line["facts"]),
                    evidence=spec.from_dict(Evidence, line["evidence"]),
                    runs=_aligned(runs),
                )
            )
    return tuple(found)


def _aligned(runs: Mapping[str, Recording]) -> Mapping[str, Recording]:
    """Return the runs after checking that all were judged on the same examples in one order."""
    first = next(iter(runs.values())).example
    for run in runs.values():
        if not np.array_equal(run.example, first):
            raise ValueError(f"{run.name} was judged on other examples")
    return runs


def lines(kept: Path = KEPT) -> list[dict[str, Any]]:
    """Return the kept lines; what a kill left of the last one is passed over."""
    if not kept.exists():
        return []
    text = kept.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def due(grid: Path, kept: Path = KEPT) -> list[Cell]:
    """Return one cell of each sample of the grid whose evidence is not kept yet."""
    have = {(line["sample"], line["seed"]) for line in lines(kept)}
    todo: dict[tuple[str, int], Cell] = {}
    for cell in cells.read_grid(grid):
        key = (cell.sample, cell.seed)
        if cell.fault is None and cell.strategy == NEEDED[0] and key not in have:
            todo[key] = cell
    return list(todo.values())


def measure(todo: Iterable[Cell], kept: Path = KEPT) -> None:
    """Measure the evidence of each cell's sample and append it."""
    from tl_core.evidence import measure as measured

    kept.parent.mkdir(parents=True, exist_ok=True)
    for cell in todo:
        named = cell.sample.replace("_", "")
        dataset = replace(dataset_of(cell), id=f"{named}-{cell.seed}")
        labels = [e.label for e in dataset.examples if e.split == "train"]
        evidence = measured(
            dataset,
            cell.base,
            size=cell.size,
            seed=cell.seed,
            val_fraction=0.2,
            emit=lambda *_, **__: None,
            should_continue=lambda: True,
        )
        counts = {c: labels.count(n) for n, c in enumerate(dataset.classes)}
        parts = [e.split for e in dataset.examples]
        facts = DatasetFacts(
            n=len(parts),
            classes=len(counts),
            per_class_min=min(counts.values()),
            duplicates=0,
            leak=Leak(suspected=False, pairs=0),
            counts=counts,
            splits={part: parts.count(part) for part in ("train", "val")},
            modality=dataset.modality,
        )
        line = {
            "sample": cell.sample,
            "seed": cell.seed,
            "facts": spec.to_dict(facts),
            "evidence": spec.to_dict(evidence),
        }
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        print(f"{cell.sample} s{cell.seed}: {evidence.seconds:.0f} s", flush=True)
