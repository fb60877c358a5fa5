"""Which changes keep the class of a picture: asked of the data, not assumed.

A mirrored 2 is no 2, a mirrored ant is still an ant. The frozen base can tell: a linear
classifier learns from pictures as they are and is asked about held-out ones, once as they are
and once changed. A change that it gets wrong more often than chance would is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from tl_core.engine import probe, ridge
from tl_core.engine.features import BATCH, every_stage
from tl_core.engine.modality import Backbone, Raw
from tl_core.engine.scores import accuracy

SAMPLE = 256  # pictures looked at, at most
ALARM = 0.10  # one-sided: how rarely an innocent change may look this harmful
MAX_DROP = 0.03  # of accuracy; a small sample cannot excuse more
PENALTY = 1.0


@dataclass(frozen=True)
class Trial:
    """What one change did to held-out pictures."""

    way: str
    safe: bool
    plain: float
    """Accuracy on held-out pictures as they are."""
    changed: float
    """Accuracy on the same pictures, changed."""
    lost: int
    """Pictures right as they are and wrong when changed."""
    won: int
    n: int


def trials(
    backbone: Backbone,
    examples: Raw,
    labels: torch.Tensor,
    groups: Sequence[int],
    *,
    seed: int,
    features: torch.Tensor | None = None,
) -> tuple[Trial, ...]:
    """Try each change that `examples` offer; none is safe where the classifier knows nothing.

    Args:
        backbone: the untouched base.
        examples: training examples.
        labels: [n] their class numbers.
        groups: [n] examples of one group are never on both sides.
        seed: chooses the sample and the folds.
        features: [n, width] those of the examples as they are, if they are known already.
    """
    if not examples.ways:
        return ()
    rows = _sample(labels.numpy(), seed)
    wanted = labels[rows]
    held_out = [
        torch.from_numpy(fold)
        for fold in probe.folds(wanted.numpy(), [groups[row] for row in rows], seed)
    ]
    if features is None:
        plain = _features(backbone, [examples.inputs(part) for part in _batches(rows)])
    else:
        plain = features[rows]
    classes = int(labels.max()) + 1
    fits = [_fit(plain, wanted, fold, classes) for fold in held_out]
    right = _right(fits, held_out, plain, wanted)
    found = []
    for way in examples.ways:
        changed = _features(backbone, [examples.changed(part, way) for part in _batches(rows)])
        found.append(_trial(way, right, _right(fits, held_out, changed, wanted), wanted))
    return tuple(found)


def told(found: Sequence[Trial]) -> dict[str, Any]:
    """Return the trials as the fields of an event."""
    return {"ways": [t.way for t in found if t.safe], "trials": [asdict(t) for t in found]}


def _trial(way: str, plain: torch.Tensor, changed: torch.Tensor, labels: torch.Tensor) -> Trial:
    from scipy.stats import binomtest

    n = len(labels)
    lost, won = int((plain & ~changed).sum()), int((~plain & changed).sum())
    p = binomtest(lost, lost + won, 0.5, alternative="greater").pvalue if lost + won else 1.0
    share = float(torch.bincount(labels).max()) / n
    knows = accuracy(int(plain.sum()), n).low > share
    drop = (lost - won) / n
    return Trial(
        way=way,
        safe=bool(knows and p > ALARM and drop <= MAX_DROP),
        plain=round(float(plain.float().mean()), 4),
        changed=round(float(changed.float().mean()), 4),
        lost=lost,
        won=won,
        n=n,
    )


def _sample(labels: probe.Ints, seed: int) -> list[int]:
    """Return at most SAMPLE rows, about equally many of each class."""
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    each = max(2, SAMPLE // len(classes))
    rows: list[int] = []
    for label in classes:
        members = np.flatnonzero(labels == label)
        rows += rng.permutation(members)[:each].tolist()
    return sorted(rows)


def _batches(rows: Sequence[int]) -> list[Sequence[int]]:
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]


def _features(backbone: Backbone, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
    parts = [every_stage(backbone.chain, part) for part in inputs]
    return torch.cat(parts)[:, -backbone.width :]


@dataclass(frozen=True)
class _Fit:
    mean: torch.Tensor
    spread: torch.Tensor
    ridge: ridge.Ridge

    def classes_of(self, x: torch.Tensor) -> torch.Tensor:
        scores = (x - self.mean) / self.spread @ self.ridge.weights.T + self.ridge.bias
        return scores.argmax(1)


def _fit(x: torch.Tensor, labels: torch.Tensor, fold: torch.Tensor, classes: int) -> _Fit:
    rest = torch.ones(len(x), dtype=torch.bool)
    rest[fold] = False
    mean, spread = x[rest].mean(0), x[rest].std(0, correction=0)
    spread = torch.where(spread < ridge.MIN_SPREAD, 1.0, spread)
    standard = (x[rest] - mean) / spread
    return _Fit(mean, spread, ridge.fit(standard, labels[rest], classes, penalties=(PENALTY,)))


def _right(
    fits: Sequence[_Fit], held_out: Sequence[torch.Tensor], x: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Return [n] whether each example was named rightly while it was held out."""
    right = torch.zeros(len(labels), dtype=torch.bool)
    for fit, fold in zip(fits, held_out, strict=True):
        right[fold] = fit.classes_of(x[fold]) == labels[fold]
    return right
