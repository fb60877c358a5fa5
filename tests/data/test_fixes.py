"""Fixes: each mends what its finding says, and the finding is gone afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.data import audit, store, twins
from tl_core.data.dataset import Dataset, image_path, write
from tl_core.data.finding import finding
from tl_core.data.fixes import fixes_for
from tl_core.data.twins import Twins

pytestmark = pytest.mark.usefixtures("thaw_home")

Record = Callable[..., Dataset]


def put(dataset: Dataset) -> Dataset:
    folder = store.dataset_dir(dataset.id)
    examples = tuple(
        replace(e, path=image_path(folder, e.key, ".png")) for e in dataset.examples
    )  # fmt: skip
    write(folder, replace(dataset, examples=examples))
    return store.load(dataset.id)


def keys(*numbers: int) -> list[str]:
    return [f"{n:064x}" for n in numbers]


def mended(dataset: Dataset, check: str, fix_id: str) -> Dataset:
    """Apply one fix of one finding; return the dataset after it."""
    (found,) = [f for f in audit.findings(dataset) if f.check == check]
    (fix,) = [f for f in fixes_for(found, dataset) if f.id == fix_id]
    for edit in fix.edits:
        store.mend(dataset.id, edit)
    after = store.load(dataset.id)
    assert check not in {f.check for f in audit.findings(after)}
    return after


def test_copies_are_left_out_and_their_originals_stay(record: Record) -> None:
    dataset = put(record([0] * 8 + [1] * 8, keys=keys(*range(14), 3, 3)))
    after = mended(dataset, "duplicates", "drop")
    assert {e.row for e in after.examples} == set(range(14))


def test_contradictions_are_left_out_whole(record: Record) -> None:
    dataset = put(record([0] * 8 + [1] * 8, keys=keys(*range(15), 3)))
    after = mended(dataset, "conflict", "drop")
    assert {e.row for e in after.examples} == set(range(16)) - {3, 15}


def leaky(record: Record) -> Dataset:
    splits = ["train"] * 20 + ["val"] * 10
    return put(record([i % 2 for i in range(30)], splits=splits, keys=keys(*range(26), 0, 1, 2, 3)))


def test_a_leak_is_mended_in_training(record: Record) -> None:
    after = mended(leaky(record), "leak", "drop_twins")
    assert {e.row for e in after.examples} == set(range(4, 30))


def test_or_by_dividing_anew(record: Record) -> None:
    after = mended(leaky(record), "leak", "resplit")
    assert len(after.examples) == 30
    assert audit.facts(after, val_fraction=0.2, seed=0).leak.pairs == 0


def test_without_given_parts_there_is_nothing_to_divide_anew(record: Record) -> None:
    dataset = put(record([0] * 8 + [1] * 8))
    assert fixes_for(finding("unchecked_class", 1, ["class 1"]), dataset) == ()


def test_near_twins_leave_one_of_each(record: Record) -> None:
    dataset = put(record([0] * 8 + [1] * 8))
    twins.write(store.dataset_dir(dataset.id), Twins(((0, 1), (1, 2), (9, 10)), (1.0,) * 3))
    after = mended(dataset, "near_twins", "drop")
    assert {e.row for e in after.examples} == set(range(16)) - {1, 2, 10}


def test_near_twins_that_contradict_are_both_left_out(record: Record) -> None:
    dataset = put(record([0] * 8 + [1] * 8))
    twins.write(store.dataset_dir(dataset.id), Twins(((7, 8),), (1.0,)))
    after = mended(dataset, "near_conflict", "drop")
    assert {e.row for e in after.examples} == set(range(16)) - {7, 8}


def test_twins_of_names_become_the_most_common_one(record: Record) -> None:
    made = record([0] * 9 + [1] * 6 + [2] * 6 + [3] * 6)
    dataset = put(replace(made, classes=("Cat", "cat", "c at", "dog")))
    after = mended(dataset, "label_twins", "merge")
    assert after.classes == ("Cat", "dog")
    assert sum(e.label == 0 for e in after.examples) == 21


def test_what_thaw_cannot_mend_has_no_fix(record: Record) -> None:
    dataset = put(record([0] * 8 + [1] * 8))
    for check in ("shortcut", "imbalance", "unreadable", "grey"):
        assert fixes_for(finding(check, 1, ["x"]), dataset) == ()


def test_folders_are_not_needed(tmp_path: Path, record: Record) -> None:
    assert fixes_for(finding("flat", 0), record([0] * 5 + [1] * 5)) == ()
