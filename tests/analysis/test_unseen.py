"""What judges a base: in training what is held out, in a quick test all but the test part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tl_core.analysis import unseen
from tl_core.data import edits, parts
from tl_core.data.dataset import Dataset
from tl_core.data.edits import Edit
from tl_core.data.split import split


def test_a_run_is_judged_by_validation_and_test(record: Callable[..., Dataset]) -> None:
    dataset = record([0, 1] * 10, splits=["", "", "test", "test"] + [""] * 16)
    found = unseen.in_training(dataset, val_fraction=0.25, seed=1)
    parts = split(dataset, val_fraction=0.25, seed=1)
    held = [dataset.examples[row].pixels for row in (*parts.val, *parts.test)]
    assert (found.dataset, found.fingerprint) == (dataset.id, dataset.fingerprint)
    assert set(found.looks) == set(held)


def test_a_quick_test_never_sees_the_test_part(record: Callable[..., Dataset]) -> None:
    dataset = record([0, 1, 0, 1], splits=["", "train", "val", "test"])
    assert unseen.in_tests(dataset).looks == tuple(e.pixels for e in dataset.examples[:3])


def test_a_change_draws_the_held_out_part_anew_unless_it_is_kept(
    record: Callable[..., Dataset],
) -> None:
    drawn = record([0, 1] * 20)
    before = replace(drawn, examples=tuple(replace(e, row=n) for n, e in enumerate(drawn.examples)))
    first = split(before, val_fraction=0.2, seed=0)
    learned = {before.examples[row].pixels for row in first.train}
    log = [Edit("drop", rows=(before.examples[first.val[0]].row,))]
    now = edits.replay(before, log)
    assert learned & set(unseen.in_training(now, val_fraction=0.2, seed=0).looks)
    kept = parts.held_out_again(now, {before.examples[row].row for row in first.val})
    assert kept is not None
    again = unseen.in_training(edits.replay(before, [*log, kept]), val_fraction=0.2, seed=0)
    assert len(again.looks) == len(first.val) - 1
    assert not learned & set(again.looks)
