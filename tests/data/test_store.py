"""Stored datasets: what is written is what is read, and nothing half there ever shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core import files
from tl_core.data import edits, store
from tl_core.data.dataset import HEADER_FILE, Dataset, image_path, write
from tl_core.data.edits import Edit
from tl_core.errors import InputError

Record = Callable[..., Dataset]


def put(dataset: Dataset) -> Dataset:
    """Store `dataset` where it would lie after an import; return it with its real paths."""
    folder = store.dataset_dir(dataset.id)
    examples = tuple(
        replace(e, path=image_path(folder, e.key, ".png"), row=i)
        for i, e in enumerate(dataset.examples)
    )
    dataset = replace(dataset, examples=examples)
    write(folder, dataset)
    return dataset


@pytest.fixture
def stored(thaw_home: Path, record: Record) -> Dataset:
    return put(record([0, 1, 1], groups=["", "walk", "walk"], splits=["train", "val", ""]))


def test_a_dataset_reads_back_as_it_was_written(stored: Dataset) -> None:
    assert store.load(stored.id) == stored
    assert all(e.path.is_absolute() for e in store.load(stored.id).examples)


def test_loading_twice_gives_the_very_same_record(stored: Dataset) -> None:
    assert store.load(stored.id) is store.load(stored.id)


def test_a_changed_dataset_is_read_again(stored: Dataset) -> None:
    before = store.load(stored.id)
    put(replace(stored, name="renamed"))
    os.utime(store.dataset_dir(stored.id) / HEADER_FILE, ns=(1, 1))
    assert store.load(stored.id).name == "renamed"
    assert before.name == "record"


def test_the_cache_is_bounded(thaw_home: Path, record: Record) -> None:
    for i in range(8):
        put(record([0, 1], dataset_id=f"record-{i}"))
        store.load(f"record-{i}")
    assert len(store._cache) <= store._CACHED_DATASETS


def test_the_list_is_newest_first_and_counts(thaw_home: Path, record: Record) -> None:
    put(replace(record([0, 1], dataset_id="old"), created=1.0))
    put(replace(record([0, 1, 2], dataset_id="new"), created=2.0))
    assert [(s.id, s.n, s.classes) for s in store.list_datasets()] == [
        ("new", 3, 3),
        ("old", 2, 2),
    ]


def test_an_empty_home_lists_nothing(thaw_home: Path) -> None:
    assert store.list_datasets() == ()


def test_unfinished_and_damaged_datasets_are_passed_over(stored: Dataset) -> None:
    root = files.datasets_dir()
    files.write_json(root / "import-1.partial" / HEADER_FILE, {"version": 1})
    files.write_atomically(root / "damaged" / HEADER_FILE, "{")
    files.write_json(root / "later" / HEADER_FILE, {"version": 99})
    (root / "empty").mkdir()
    assert [s.id for s in store.list_datasets()] == [stored.id]
    assert not store.exists("empty")
    for broken in ("damaged", "later"):
        with pytest.raises(InputError, match="cannot be read"):
            store.load(broken)


@pytest.mark.parametrize("bad", ["", "..", "../stored", "a/b", "A", "x.partial", "a\0b", "-a"])
def test_hostile_ids_are_only_unknown(stored: Dataset, bad: str) -> None:
    assert not store.exists(bad)
    for use in (store.load, store.delete):
        with pytest.raises(InputError, match="There is no dataset"):
            use(bad)


def test_an_unknown_dataset_names_the_known_ones(stored: Dataset) -> None:
    with pytest.raises(InputError, match=stored.id):
        store.load("nothing-here")


def test_delete_removes_everything(stored: Dataset) -> None:
    store.load(stored.id)
    store.delete(stored.id)
    assert not store.exists(stored.id)
    assert list(files.datasets_dir().iterdir()) == []
    with pytest.raises(InputError):
        store.load(stored.id)
    with pytest.raises(InputError):
        store.delete(stored.id)


@pytest.fixture
def mendable(thaw_home: Path, record: Record) -> Dataset:
    return put(record([0] * 8 + [1] * 8))


def test_an_edit_changes_what_is_loaded_and_nothing_else(mendable: Dataset) -> None:
    mended = store.mend(mendable.id, Edit("drop", rows=(0, 9)))
    assert store.load(mendable.id) == mended
    assert {e.row for e in mended.examples} == set(range(16)) - {0, 9}
    assert mended.revision == 1
    assert mended.fingerprint != mendable.fingerprint
    assert store.load(mendable.id, 0) == mendable


def test_every_revision_can_be_had_again(mendable: Dataset) -> None:
    first = store.mend(mendable.id, Edit("drop", rows=(0,)))
    second = store.mend(mendable.id, Edit("relabel", rows=(1,), label="class 1"))
    third = store.mend(mendable.id, Edit("undo", entry=1))
    assert [store.load(mendable.id, n) for n in (1, 2, 3)] == [first, second, third]
    assert len(third.examples) == 16
    with pytest.raises(InputError, match="revision 4 is not there"):
        store.load(mendable.id, 4)


def test_an_edit_that_leaves_too_little_is_refused_and_not_written(mendable: Dataset) -> None:
    with pytest.raises(InputError, match="fewer than two classes"):
        store.mend(mendable.id, Edit("drop", rows=tuple(range(5))))
    assert store.load(mendable.id) == mendable
    assert edits.count(store.dataset_dir(mendable.id)) == 0


def test_an_edit_that_makes_the_data_indivisible_is_refused(mendable: Dataset) -> None:
    with pytest.raises(InputError, match="one group"):
        store.mend(mendable.id, Edit("regroup", groups=(tuple(range(16)),)))
    assert store.load(mendable.id) == mendable


def test_the_list_counts_what_is_left(mendable: Dataset) -> None:
    store.mend(mendable.id, Edit("drop", rows=(0, 1, 9)))
    (summary,) = store.list_datasets()
    assert (summary.n, summary.classes) == (13, 2)
