"""Parts by the edit log: what belongs together goes together, and what judged judges again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tl_core.data.dataset import Dataset
from tl_core.data.edits import replay
from tl_core.data.parts import for_test_only, held_out_again
from tl_core.data.split import split


@pytest.fixture
def dataset(record: Callable[..., Dataset]) -> Dataset:
    made = record([0] * 20 + [1] * 20, groups=["", "twins", "twins", *[""] * 37])
    return replace(made, examples=tuple(replace(e, row=n) for n, e in enumerate(made.examples)))


def test_an_example_goes_to_the_test_with_its_group(dataset: Dataset) -> None:
    assert for_test_only(dataset, 5).rows == (5,)
    entry = for_test_only(dataset, 1)
    assert entry.rows == (1, 2)
    after = replay(dataset, [entry])
    assert {e.row for e in after.examples if e.split == "test"} == {1, 2}


def rows_held_out(dataset: Dataset) -> set[int]:
    return {dataset.examples[p].row for p in split(dataset, val_fraction=0.2, seed=0).val}


def test_the_same_examples_are_held_out_after_a_change(dataset: Dataset) -> None:
    before = rows_held_out(dataset)
    gone, *_rest = sorted(before)
    mended = replace(dataset, examples=tuple(e for e in dataset.examples if e.row != gone))
    entry = held_out_again(mended, before)
    assert entry is not None
    assert entry.by == "thaw"
    after = replay(mended, [entry])
    assert rows_held_out(after) == before - {gone}
    assert held_out_again(after, before) is None, "it stands so already"


def test_a_test_example_stays_one(dataset: Dataset) -> None:
    before = rows_held_out(dataset)
    apart = min(before)
    after = replay(dataset, [for_test_only(dataset, apart)])
    entry = held_out_again(after, before)
    assert entry is not None
    assert apart not in entry.rows


def test_parts_that_the_data_bring_stay(record: Callable[..., Dataset]) -> None:
    made = record([0, 1] * 6, splits=["train"] * 8 + ["val"] * 4)
    given = replace(made, examples=tuple(replace(e, row=n) for n, e in enumerate(made.examples)))
    assert held_out_again(given, {8, 9, 10, 11}) is None
    assert held_out_again(given, {1, 2}) is None
