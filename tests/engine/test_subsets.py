"""Parts with fewer labels: nested, every class at its share, the same validation examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.engine import subsets

Record = Callable[..., Dataset]


@pytest.mark.parametrize(
    ("n", "classes", "expected"),
    [
        (192, 4, (24, 48, 96, 192)),
        (1000, 2, (62, 125, 250, 500, 1000)),
        (30, 4, (30,)),
        (10, 2, (10,)),
    ],
)
def test_sizes_halve_as_long_as_classes_have_enough(
    n: int, classes: int, expected: tuple[int, ...]
) -> None:
    assert subsets.sizes(n, classes) == expected


def test_every_beginning_holds_each_class_at_its_share() -> None:
    labels = [0] * 60 + [1] * 30 + [2] * 10
    order = subsets.order(labels, seed=1)
    assert sorted(order) == list(range(100))
    for n in (10, 20, 50):
        found = [labels[row] for row in order[:n]]
        assert [round(found.count(label) / n, 1) for label in range(3)] == [0.6, 0.3, 0.1]
    assert order != subsets.order(labels, seed=2)
    assert order == subsets.order(labels, seed=1)


def test_parts_are_nested_and_judged_alike(record: Record) -> None:
    dataset = record([0, 1] * 40, splits=[""] * 70 + ["test"] * 10)
    parts = split(dataset, val_fraction=0.2, seed=0)
    whole = {dataset.examples[row].key for row in parts.train}
    val = {dataset.examples[row].key for row in parts.val}
    before: set[str] = set()
    for n in (12, 24, len(whole)):
        small = subsets.subset(dataset, parts, n, seed=3)
        found = split(small, val_fraction=0.5, seed=9)
        train = {small.examples[row].key for row in found.train}
        assert len(train) == n
        assert before <= train <= whole
        assert {small.examples[row].key for row in found.val} == val
        assert found.test == ()
        assert (small.id, small.fingerprint) == (dataset.id, dataset.fingerprint)
        before = train
    assert before == whole
