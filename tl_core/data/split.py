"""Which examples train, which check during training, and which judge once at the end.

Parts that the data bring are kept. A missing validation part is taken from training so that each
class keeps its share (stratified), nothing that belongs together is divided (grouped), every
class stands on both sides where that is possible, and the same seed gives the same parts.

Plain numpy: scikit-learn's StratifiedGroupKFold offers folds instead of a fraction, does not
promise every class on both sides, and must not be loaded by the web server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_PASSES = 10  # of the local search; it usually ends after two or three


@dataclass(frozen=True, slots=True)
class Split:
    """Indices into `dataset.examples`, ascending and disjoint; `test` is empty if none is given."""

    train: tuple[int, ...]
    val: tuple[int, ...]
    test: tuple[int, ...]


def split(dataset: Dataset, *, val_fraction: float, seed: int) -> Split:
    """Divide the examples into training, validation and test.

    Args:
        dataset: the dataset; its own `val` and `test` parts are used as they are.
        val_fraction: share of each class to hold out if the data bring no `val`; in (0, 1).
        seed: the same seed and content give the same split, whatever the files are called.

    Raises:
        InputError: if no validation part can be taken without dividing a group.
    """
    if not 0 < val_fraction < 1:
        raise InputError(
            [
                Issue(
                    "val",
                    _("The validation share must lie between 0 and 1; got {found}.").format(
                        found=f"{val_fraction:g}"
                    ),
                    _("Choose a share such as 0.2."),
                )
            ]
        )
    pool: list[int] = []
    given: dict[str, list[int]] = {"val": [], "test": []}
    for i, example in enumerate(dataset.examples):
        given.get(example.split, pool).append(i)
    val = given["val"] or _held_out(dataset, pool, val_fraction, seed)
    inside = set(val)
    train = tuple(i for i in pool if i not in inside)
    if not train or not val:
        raise InputError([_indivisible()])
    return Split(train=train, val=tuple(sorted(val)), test=tuple(given["test"]))


def _indivisible() -> Issue:
    return Issue(
        "val",
        _("No validation part can be taken: all training pictures belong to one group, and "
          "groups are never divided."),
        _("Give a val part, or groups that are smaller (one per person, object or recording)."),
    )  # fmt: skip


def _held_out(dataset: Dataset, pool: Sequence[int], fraction: float, seed: int) -> list[int]:
    """Choose the examples of `pool` to hold out."""
    if not pool:
        return []
    # Ordered by content, so that the names of the files do not change the split.
    ordered = sorted(pool, key=lambda i: (dataset.examples[i].key, dataset.examples[i].label, i))
    labels = np.array([dataset.examples[i].label for i in ordered])
    groups = np.array(components([ties_of(dataset.examples[i]) for i in ordered]))
    chosen = choose_groups(labels, groups, fraction=fraction, seed=seed)
    return [i for i, group in zip(ordered, groups, strict=True) if chosen[group]]


def choose_groups(labels: Ints, groups: Ints, *, fraction: float, seed: int) -> Bools:
    """Choose whole groups that hold about `fraction` of every class.

    Groups of several classes are placed first, by a greedy pass and a local search; the groups
    of one class, usually single pictures, then fill up each class as exactly as they can.

    Args:
        labels: class of each example, shape (n,), values in [0, classes).
        groups: group of each example, shape (n,), values 0 to m - 1, all present.
        fraction: share to choose, in (0, 1).
        seed: of the random order.

    Returns:
        Shape (m,): True for the chosen groups.
    """
    rng = np.random.default_rng(seed)
    total = np.bincount(labels)
    target = np.minimum(np.maximum(np.rint(fraction * total), 1), np.maximum(total - 1, 0))
    low, high = _label_range(labels, groups)
    is_mixed = low != high
    chosen = np.zeros(len(low), dtype=np.bool_)
    order = rng.permutation(len(low))
    single = order[~is_mixed[order]]
    mixed = order[is_mixed[order]]
    counts = _class_counts(labels, groups, mixed, len(total))
    has_single = np.bincount(low[single], minlength=len(total)) > 0
    chosen[mixed] = _place_mixed(counts, fraction, needed=~has_single & (total > 0))
    held = counts[chosen[mixed]].sum(axis=0)
    left = counts.sum(axis=0) - held
    sizes = np.bincount(groups)
    # One stable sort gives each class its groups, still in random order.
    by_class = single[np.argsort(low[single], kind="stable")]
    bounds = np.searchsorted(low[by_class], np.arange(len(total) + 1))
    for label in np.flatnonzero(has_single):
        own = by_class[bounds[label] : bounds[label + 1]]
        want = int(target[label] - held[label])
        picked = _fill(sizes[own], want, required=held[label] == 0, spare=left[label] > 0)
        chosen[own[picked]] = True
    return chosen


def _label_range(labels: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Return the lowest and highest label of each group."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(groups.max() + 1))
    ordered = labels[order]
    return np.minimum.reduceat(ordered, starts), np.maximum.reduceat(ordered, starts)


def _class_counts(labels: Ints, groups: Ints, which: Ints, classes: int) -> Ints:
    """Count the examples of each class in each of the groups `which`: shape (len(which), C)."""
    row = np.full(groups.max() + 1, -1)
    row[which] = np.arange(len(which))
    counts = np.zeros((len(which), classes), dtype=np.int64)
    inside = row[groups] >= 0
    np.add.at(counts, (row[groups][inside], labels[inside]), 1)
    return counts


def _place_mixed(counts: Ints, fraction: float, *, needed: Bools) -> Bools:
    """Choose groups that hold several classes.

    Args:
        counts: examples per group and class, shape (m, C), in random order.
        fraction: share of each class to come near.
        needed: classes that only these groups hold, and that both sides therefore need.
    """
    total = counts.sum(axis=0)
    target = fraction * total
    inside = np.zeros(len(counts), dtype=np.bool_)

    def cost(held: Ints) -> tuple[int, int, float]:
        """Compare by classes missing in training, then in validation, then by deviation."""
        untrained = int(np.count_nonzero(needed & (held == total)))
        unchecked = int(np.count_nonzero(needed & (held == 0)))
        return untrained, unchecked, float((np.square(held - target) / (target + 1)).sum())

    held = np.zeros(counts.shape[1], dtype=np.int64)
    best = cost(held)
    for _pass in range(_PASSES):
        improved = False
        for i, group in enumerate(counts):
            moved = held - group if inside[i] else held + group
            if (moved_cost := cost(moved)) < best:
                held, best, improved = moved, moved_cost, True
                inside[i] = not inside[i]
        if not improved:
            break
    return inside


def _fill(sizes: Ints, want: int, *, required: bool, spare: bool) -> list[int]:
    """Pick groups of one class, in the given order, that hold `want` examples together.

    Args:
        sizes: examples per group, in random order.
        want: examples to pick; may be 0 or negative.
        required: whether at least one group has to be picked.
        spare: whether all may be picked, because training has this class from elsewhere.
    """
    picked: list[int] = []
    room = want
    for i, size in enumerate(sizes):
        if size <= room:
            picked.append(i)
            room -= int(size)
    others = np.setdiff1d(np.arange(len(sizes)), picked)
    can_take = len(others) > (0 if spare else 1)
    if can_take and len(others) and (room > 0 or (required and not picked)):
        nearest = others[np.argmin(np.abs(sizes[others] - room))]
        if abs(sizes[nearest] - room) < room or (required and not picked):
            picked.append(int(nearest))
    return picked
