"""What would judge a base on some data: examples that no run behind it may have learned from."""

from __future__ import annotations

from collections.abc import Iterable

from tl_core.catalog import Judged
from tl_core.data.dataset import Dataset, Example
from tl_core.data.faults import look
from tl_core.data.split import split


def in_training(dataset: Dataset, *, val_fraction: float, seed: int) -> Judged:
    """Return what judges a run that begins from the base: the validation and the test part.

    Raises:
        InputError: if no validation part can be taken.
    """
    parts = split(dataset, val_fraction=val_fraction, seed=seed)
    return _judged(dataset, (dataset.examples[row] for row in (*parts.val, *parts.test)))


def in_tests(dataset: Dataset) -> Judged:
    """Return what judges the base itself in a quick test: all but the test part, in folds."""
    return _judged(dataset, (e for e in dataset.examples if e.split != "test"))


def _judged(dataset: Dataset, examples: Iterable[Example]) -> Judged:
    return Judged(dataset.id, dataset.fingerprint, tuple(map(look, examples)))
