"""Layouts: what each file shows is read from its place, by the same rules for folder and zip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.data.finding import Notes
from tl_core.data.layout import Entry, from_folders, is_hidden, lone_table, tables, unwrap
from tl_core.errors import InputError


def entries(*names: str) -> list[Entry]:
    return [Entry(name, Path("/nowhere") / name) for name in names]


def read(*names: str) -> tuple[list[tuple[str, str, str]], dict[str, tuple[str, ...]]]:
    """Return (name, label, split) of every candidate, and the names noted per check."""
    notes = Notes()
    listed = entries(*names)
    found = from_folders(listed, unwrap(listed), notes)
    noted = {f.check: f.examples for f in notes.findings()}
    return [(c.name, c.label, c.split) for c in found], noted


@pytest.mark.parametrize(
    ("names", "root"),
    [
        (["cats/1.png", "dogs/2.png"], ()),
        (["set/cats/1.png", "set/dogs/2.png"], ("set",)),
        (["a/b/cats/1.png", "a/b/dogs/2.png", "README.md", "a/licence.txt"], ("a", "b")),
        (["set/train/cats/1.png"], ("set",)),
        (["train/cats/1.png"], ()),
        (["test/cats/1.png", "test/dogs/1.png"], ("test",)),
        (["cats/1.png"], ()),
        (["cats/small/1.png", "cats/2.png"], ()),
        (["1.png", "set/cats/1.png", "set/dogs/1.png"], ()),
        (["set/train.csv", "set/1.png"], ("set",)),
        (["set/train.jsonl", "set/val.jsonl"], ("set",)),
        (["good/1.txt", "bad/2.txt"], ()),
        (["set/good/1.txt", "set/bad/2.txt"], ("set",)),
        (["good/1.txt"], ()),
        (["train.csv", "images/all/1.png"], ()),
        ([], ()),
    ],
)
def test_folders_that_only_wrap_are_looked_through(names: list[str], root: tuple[str, ...]) -> None:
    assert unwrap(entries(*names)) == root


def test_class_folders_give_labels_however_deep_the_pictures_lie() -> None:
    found, noted = read("cats/1.png", "cats/walk/2.png", "dogs/1.png", "notes.txt")
    assert found == [
        ("cats/1.png", "cats", ""),
        ("cats/walk/2.png", "cats", ""),
        ("dogs/1.png", "dogs", ""),
    ]
    assert noted == {"stray": ("notes.txt",)}


@pytest.mark.parametrize("val", ["val", "valid", "validation", "VAL"])
def test_part_folders_give_parts_under_any_usual_name(val: str) -> None:
    found, noted = read("Train/a/1.png", f"{val}/a/2.png", "test/a/3.png", "train/b/deep/4.png")
    assert {split for _name, _label, split in found} == {"train", "val", "test"}
    assert {label for _name, label, _split in found} == {"a", "b"}
    assert noted == {}


def test_what_lies_beside_the_parts_is_noted() -> None:
    found, noted = read("train/a/1.png", "train/loose.png", "extra/a/2.png", "extra/3.png", "x.md")
    assert [name for name, _label, _split in found] == ["train/a/1.png"]
    assert noted == {"ignored_folders": ("extra",), "stray": ("train/loose.png", "x.md")}


def test_a_class_called_train_is_a_class() -> None:
    found, _noted = read("train/1.png", "bus/2.png")
    assert {label for _name, label, _split in found} == {"train", "bus"}


def test_what_lies_beside_a_wrapper_is_noted() -> None:
    found, noted = read("set/a/1.png", "set/b/2.png", "README.md")
    assert len(found) == 2
    assert noted == {"stray": ("README.md",)}


def test_held_out_parts_alone_are_refused_in_plain_words() -> None:
    with pytest.raises(InputError, match="no folder to train on"):
        read("val/a/1.png", "test/a/2.png")


def test_tables_count_only_with_a_training_table() -> None:
    found = tables(entries("train.csv", "Valid.CSV", "test.csv", "other.csv", "a/val.csv"), ())
    assert {part: e.name for part, e in found.items()} == {
        "train": "train.csv",
        "val": "Valid.CSV",
        "test": "test.csv",
    }
    assert tables(entries("val.csv", "cats/1.png"), ()) == {}
    assert tables(entries("set/train.csv"), ("set",)).keys() == {"train"}


def test_two_tables_for_one_part_are_refused() -> None:
    with pytest.raises(InputError, match="two tables"):
        tables(entries("train.csv", "val.csv", "validation.csv"), ())


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "__MACOSX", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini", "._1.png"],
)
def test_names_that_systems_leave_behind_are_hidden(name: str) -> None:
    assert is_hidden(name)
    assert not is_hidden("cats")


@pytest.mark.parametrize(
    ("names", "lone"),
    [
        (["labels.csv", "images/1.png"], "labels.csv"),
        (["labels.csv", "1.png", "2.png"], "labels.csv"),
        (["set/labels.tsv", "set/1.png"], "set/labels.tsv"),
        (["texts.jsonl"], "texts.jsonl"),
        (["labels.csv", "a/b/cats/1.png"], "labels.csv"),
        (["info.csv", "cats/1.png", "dogs/2.png"], ""),
        (["info.csv", "set/cats/1.png", "set/dogs/2.png"], ""),
        (["info.csv", "train/cats/1.png", "train/dogs/1.png", "val/cats/1.png"], ""),
        (["info.csv", "good/1.txt", "bad/2.txt"], ""),
        (["info.csv", "cats/one", "dogs/two"], ""),
        (["labels.csv", "docs/read.me", "images/1.png"], "labels.csv"),
        (["one.csv", "two.csv", "images/1.png"], ""),
        (["images/1.png"], ""),
    ],
)
def test_a_table_counts_where_folders_say_nothing(names: list[str], lone: str) -> None:
    listed = entries(*names)
    found = lone_table(listed, unwrap(listed))
    assert (found.name if found else "") == lone


def test_packed_files_among_the_others_are_named_as_such() -> None:
    _found, noted = read("cats/1.png", "dogs/1.png", "more.zip", "old.tar.gz", "notes.md")
    assert noted == {"archives": ("more.zip", "old.tar.gz"), "stray": ("notes.md",)}
    _found, noted = read("train/a/1.png", "train/b/1.png", "train/more.7z")
    assert noted == {"archives": ("train/more.7z",)}
