"""Parts of a dataset with fewer labels, nested, judged on the same validation examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tl_core.data.dataset import Dataset
from tl_core.data.split import Split

LEAST_PER_CLASS = 5
"""Labels per class, on average, below which a classifier's accuracy says more of the draw than of
the way; fewer than that is no class of Thaw's either."""
MOST_SIZES = 5


def sizes(n: int, classes: int) -> tuple[int, ...]:
    """Return numbers of labels, rising: all, a half, a quarter and so on, at most MOST_SIZES."""
    found = [n]
    while len(found) < MOST_SIZES and found[-1] // 2 >= LEAST_PER_CLASS * classes:
        found.append(found[-1] // 2)
    return tuple(reversed(found))


def order(labels: Sequence[int], seed: int) -> list[int]:
    """Return all rows in an order of which every beginning holds each class at its share.

    The classes with the fewest come first where shares are equal, so that even a short beginning
    holds them. The same seed gives the same order.
    """
    rng = np.random.default_rng(seed)
    known = np.asarray(labels)
    place = np.zeros(len(known))
    for label in np.unique(known):
        rows = rng.permutation(np.flatnonzero(known == label))
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    counts = np.bincount(known)[known]
    return [int(row) for row in np.lexsort((known, counts, place))]


def subset(dataset: Dataset, parts: Split, n: int, seed: int) -> Dataset:
    """Return `dataset` with `n` of its training examples, and the same validation part for all.

    The test part is left out: nothing here may look at it.

    Args:
        dataset: the dataset.
        parts: its split.
        n: training examples to keep; all of them if there are no more.
        seed: of the draw; a larger `n` with the same seed holds all of a smaller one.
    """
    rows = parts.train
    if n < len(rows):
        drawn = order([dataset.examples[row].label for row in rows], seed)[:n]
        rows = tuple(sorted(rows[place] for place in drawn))
    train = [replace(dataset.examples[row], split="train") for row in rows]
    val = [replace(dataset.examples[row], split="val") for row in parts.val]
    return replace(dataset, examples=(*train, *val))
