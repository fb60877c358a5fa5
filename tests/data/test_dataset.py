"""Stored datasets: what is written is what is read, and nothing half there ever shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core import files
from tl_core.data import dataset as store
from tl_core.data.dataset import Dataset, fingerprint_of, image_path
from tl_core.errors import InputError

Record = Callable[..., Dataset]


def put(dataset: Dataset) -> Dataset:
    """Store `dataset` where it would lie after an import; return it with its real paths."""
    folder = store.dataset_dir(dataset.id)
    examples = tuple(replace(e, path=image_path(folder, e.key, ".png")) for e in dataset.examples)
    dataset = replace(dataset, examples=examples)
    store.write(folder, dataset)
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
    os.utime(store.dataset_dir(stored.id) / store.HEADER_FILE, ns=(1, 1))
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
    files.write_json(root / "import-1.partial" / store.HEADER_FILE, {"version": 1})
    files.write_atomically(root / "damaged" / store.HEADER_FILE, "{")
    files.write_json(root / "later" / store.HEADER_FILE, {"version": 99})
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


def test_the_fingerprint_follows_content_and_not_names(record: Record) -> None:
    base = record([0, 1, 1])
    renamed = [replace(e, name="other", path=Path("/x")) for e in reversed(base.examples)]
    assert fingerprint_of(base.classes, renamed) == base.fingerprint
    for change in ({"label": 1}, {"split": "val"}, {"group": "g"}, {"key": "f" * 64}):
        changed = [replace(base.examples[0], **change), *base.examples[1:]]
        assert fingerprint_of(base.classes, changed) != base.fingerprint
    assert fingerprint_of(("x", "y"), base.examples) != base.fingerprint
