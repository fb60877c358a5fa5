"""Faults between examples: each is found where it lies, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tl_core.data import faults
from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.data.twins import Twins

Record = Callable[..., Dataset]


def keys(*numbers: int) -> list[str]:
    return [f"{n:064x}" for n in numbers]


def numbered(dataset: Dataset) -> Dataset:
    examples = tuple(replace(e, row=100 + i) for i, e in enumerate(dataset.examples))
    return replace(dataset, examples=examples)


def test_copies_stand_behind_their_originals(record: Record) -> None:
    assert faults.copies(record([0, 0, 1, 1], keys=keys(1, 1, 1, 2))) == [(0, 1), (0, 2)]


def test_conflicts_are_copies_with_several_labels(record: Record) -> None:
    dataset = record([0, 0, 1, 1, 1], keys=keys(1, 2, 1, 3, 3))
    assert faults.conflicts(dataset) == [[0, 2]]


def test_near_pairs_follow_their_rows(record: Record) -> None:
    dataset = numbered(record([0, 0, 1, 1]))
    assert faults.near_pairs(dataset, Twins(((101, 103), (102, 999)), (1.0, 1.0))) == [(1, 3)]
    assert faults.near_pairs(dataset, None) == []


def parts_of(record: Record) -> Dataset:
    """Return 200 examples to train on and 100 held out."""
    splits = ["train"] * 200 + ["val"] * 100
    return numbered(record([i % 2 for i in range(300)], splits=splits))


@pytest.mark.parametrize(
    ("twin_pairs", "suspected"), [(None, None), (0, False), (1, False), (2, True), (5, True)]
)
def test_near_twins_across_the_split_are_a_leak_above_one_percent(
    record: Record, twin_pairs: int | None, suspected: bool | None
) -> None:
    dataset = parts_of(record)
    known = None
    if twin_pairs is not None:
        pairs = tuple((100 + i, 300 + i) for i in range(twin_pairs))
        known = Twins((*pairs, (100, 101)), (1.0,) * (twin_pairs + 1))
    parts = split(dataset, val_fraction=0.2, seed=0)
    leak = faults.leak_of(dataset, parts, known)
    assert leak.suspected is suspected
    assert leak.pairs == (twin_pairs or 0)


def test_a_leaked_example_counts_once_whatever_it_resembles(record: Record) -> None:
    dataset = parts_of(record)
    parts = split(dataset, val_fraction=0.2, seed=0)
    assert faults.leaked(dataset, parts, [(0, 200), (1, 200), (2, 3), (200, 201)]) == [(0, 200)]


def test_classes_without_a_held_out_example_are_named(record: Record) -> None:
    dataset = record([0, 0, 1, 1, 0], splits=["train"] * 4 + ["val"])
    assert faults.unchecked(dataset, split(dataset, val_fraction=0.2, seed=0)) == ["class 1"]


def test_the_largest_and_the_smallest_class_are_compared(record: Record) -> None:
    assert faults.imbalance(record([0] * 30 + [1] * 2 + [2] * 5)) == ("class 0", "class 1", 15.0)
