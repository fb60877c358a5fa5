"""Putting examples into parts by entries of the edit log, nothing that belongs together divided."""

from __future__ import annotations

from collections.abc import Collection

from tl_core.data.dataset import Dataset
from tl_core.data.edits import Edit
from tl_core.data.groups import components, ties_of


def for_test_only(dataset: Dataset, row: int) -> Edit:
    """Return the entry that keeps an example for the test part, and what belongs with it.

    Args:
        dataset: as it is now.
        row: of one of its examples.
    """
    groups = components([ties_of(example) for example in dataset.examples])
    own = next(g for g, e in zip(groups, dataset.examples, strict=True) if e.row == row)
    rows = (e.row for g, e in zip(groups, dataset.examples, strict=True) if g == own)
    return Edit("part", rows=tuple(rows), into="test")


def held_out_again(dataset: Dataset, rows: Collection[int]) -> Edit | None:
    """Return the entry that keeps the validation part of an earlier run; None if it stands so.

    A validation part that is taken from training is drawn anew after every change of the data:
    what the earlier run has learned from could judge the next one.

    Args:
        dataset: as it is now.
        rows: what that run was judged by.
    """
    there = [e for e in dataset.examples if e.row in rows and e.split != "test"]
    others = [e for e in dataset.examples if e.split == "val" and e.row not in rows]
    if others or not there or all(e.split == "val" for e in there):
        return None
    return Edit("part", rows=tuple(sorted(e.row for e in there)), into="val", by="thaw")
