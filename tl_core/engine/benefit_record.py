"""The record of a benefit: begun, added to after each training, and kept."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tl_core import benefits, catalog, files, hardware
from tl_core.benefits import (
    FILE,
    TRANSFERRED,
    Benefit,
    Level,
    Part,
    Versus,
    spent_before,
)
from tl_core.data.dataset import Dataset
from tl_core.data.split import Split
from tl_core.engine import compare, subsets
from tl_core.engine.scores import accuracy
from tl_core.records import to_dict
from tl_core.spec import RunSpec

DRAWS = 3
"""Of the labels, for every number but all of them."""


def begun(spec: RunSpec, dataset: Dataset, parts: Split, others: int) -> Benefit:
    """Return the record before anything was measured."""
    base = catalog.find(spec.base)
    classes = len(dataset.classes)
    sizes = subsets.sizes(len(parts.train), classes)
    trainings = 2 * len(sizes) + others + 2 * (DRAWS - 1) * (len(sizes) - 1)
    machine = hardware.machine()
    return Benefit(
        dataset=dataset.id,
        dataset_name=dataset.name,
        base=spec.base,
        strategy=benefits.DEFAULT_STRATEGY if spec.strategy == "auto" else spec.strategy,
        size=spec.size or base.size or 0,
        seed=spec.seed,
        val_fraction=spec.val_fraction,
        classes=classes,
        n_val=len(parts.val),
        sizes=sizes,
        draws=DRAWS,
        planned=trainings,
        minutes=spec.minutes or benefits.DEFAULT_MINUTES,
        pretraining=base.pretraining,
        pretraining_flops=spent_before(base.macs, base.pretraining),
        revision=dataset.revision,
        fingerprint=dataset.fingerprint,
        machine=f"{machine.cores} × {platform.machine()}",
        created=round(time.time(), 3),
    )


def added(found: Benefit, part: Part | None, *, seconds: float) -> Benefit:
    """Return the record with one more training, or one more that there was no time for."""
    if part is None:
        return replace(found, skipped=found.skipped + 1, seconds=round(seconds, 1))
    parts = (*found.parts, part)
    return replace(
        found,
        parts=parts,
        levels=_levels(parts, found.base),
        versus=_versus(replace(found, parts=parts)),
        seconds=round(seconds, 1),
    )


def _levels(parts: Sequence[Part], base: str) -> tuple[Level, ...]:
    groups: dict[tuple[str, int], list[Part]] = {}
    for part in parts:
        if part.base == base:
            groups.setdefault((part.way, part.n), []).append(part)
    return tuple(
        Level(
            way=way,
            n=n,
            accuracy=accuracy(
                sum(p.accuracy.value for p in group) / len(group) * group[0].accuracy.n,
                group[0].accuracy.n,
            ),
            each=tuple(p.accuracy.value for p in group),
            cut=any(p.cut for p in group),
        )
        for (way, n), group in groups.items()
    )


def _versus(found: Benefit) -> tuple[Versus, ...]:
    """Test what used all labels against the transferred way, in pairs."""
    one = found.whole(TRANSFERRED)
    rivals = [p for p in found.parts if p.right and p is not one]
    if one is None or not rivals:
        return ()
    ps = [compare.mcnemar_p(_rights(one), _rights(rival)) for rival in rivals]
    return tuple(
        Versus(rival.way, rival.base, round(p, 6))
        for rival, p in zip(rivals, compare.holm(ps), strict=True)
    )


def _rights(part: Part) -> compare.Rights:
    return np.array([sign == "1" for sign in part.right], bool)


def read(folder: Path) -> Benefit | None:
    """Return what an earlier attempt has measured; None if it has not, or it cannot be read.

    What there was no time for is asked for again.
    """
    found = benefits.read(folder / FILE)
    return None if found is None else replace(found, skipped=0)


def write(folder: Path, found: Benefit) -> None:
    """Keep the record, atomically."""
    files.write_json(folder / FILE, to_dict(found))
