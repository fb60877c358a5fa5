"""How much more data would help: a learning curve on frozen features, and what it foretells.

The linear probe is fitted on nested parts of the data, an eighth, a quarter, a half and all of
each training fold, and judged on what is held out. Errors fall about as a power of the number of
examples (Hestness et al. 2017, arXiv 1712.00409).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tl_core.engine import probe
from tl_core.engine.probe import Floats, Ints, Probe

SHARES = (1 / 8, 1 / 4, 1 / 2)
"""Parts of a training fold that the probe is fitted on besides all of it."""
LEAST_OF_A_CLASS = 2
LEAST = 16
"""Examples that a part must hold, of each class and in all, to say anything."""


@dataclass(frozen=True)
class Curve:
    """How many a frozen probe gets right by how many it was fitted on."""

    sizes: tuple[int, ...]
    """Examples fitted on, mean over the folds, rising; the last is all of a training fold."""
    right: npt.NDArray[np.bool_]
    """[sizes, n] which held-out examples each got right."""


def curve(
    features: Floats, labels: Ints, held_out: Sequence[Ints], whole: Probe, seed: int
) -> Curve:
    """Measure the learning curve.

    Args:
        features: [n, width].
        labels: [n] class numbers.
        held_out: the folds, groups whole.
        whole: the probe fitted on all of each training fold.
        seed: of the order in which examples join.
    """
    rng = np.random.default_rng(seed)
    everything = np.arange(len(labels))
    folds = [_spread(np.setdiff1d(everything, held), labels, rng) for held in held_out]
    sizes, right = [], []
    for share in SHARES:
        parts = [order[: round(share * len(order))] for order in folds]
        if not all(_is_enough(labels[part], labels) for part in parts):
            continue
        found = probe.cross_validate(features, labels, held_out, parts)
        sizes.append(round(float(np.mean([len(part) for part in parts]))))
        right.append(found.predicted == labels)
    sizes.append(round(float(np.mean([len(order) for order in folds]))))
    right.append(whole.predicted == labels)
    return Curve(tuple(sizes), np.stack(right))


def _spread(rows: Ints, labels: Ints, rng: np.random.Generator) -> Ints:
    """Return rows in an order of which every beginning holds the classes in their shares."""
    shuffled = rng.permutation(rows)
    place = np.zeros(len(shuffled))
    for label in np.unique(labels[shuffled]):
        own = labels[shuffled] == label
        place[own] = (np.arange(own.sum()) + rng.random()) / own.sum()
    return shuffled[np.argsort(place, kind="stable")]


def _is_enough(part: Ints, labels: Ints) -> bool:
    counts = np.bincount(part, minlength=int(labels.max()) + 1)[np.unique(labels)]
    return len(part) >= LEAST and int(counts.min()) >= LEAST_OF_A_CLASS
