"""The record of near-duplicates: kept, grouped, never all of a class, settled where none can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.data import ingest, store, traits, twins
from tl_core.data.dataset import Dataset
from tl_core.data.twins import Twins

Record = Callable[..., Dataset]


def numbered(dataset: Dataset) -> Dataset:
    examples = tuple(replace(e, row=row) for row, e in enumerate(dataset.examples))
    return replace(dataset, examples=examples)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = Twins(((1, 2), (3, 9)), (0.95, 0.99), 7)
    twins.write(tmp_path, found)
    assert twins.read(tmp_path) == found


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 99}', '{"version": 1}'])
def test_damaged_records_are_nothing(tmp_path: Path, content: str) -> None:
    assert twins.read(tmp_path) is None
    (tmp_path / twins.TWINS_FILE).write_text(content)
    assert twins.read(tmp_path) is None


def test_twins_of_twins_are_one_group(record: Record) -> None:
    dataset = numbered(record([0] * 12 + [1] * 12))
    found = Twins(((0, 1), (1, 2), (14, 15), (30, 31)), (1.0,) * 4)
    assert twins.groups(dataset, found) == ((0, 1, 2), (14, 15))


def test_a_group_that_is_most_of_a_class_is_let_go(record: Record) -> None:
    dataset = numbered(record([0] * 6 + [1] * 6))
    found = Twins(((0, 1), (1, 2), (2, 3), (7, 8)), (1.0,) * 4)
    assert twins.groups(dataset, found) == ((7, 8),)


def test_a_group_counts_with_what_its_members_belong_with_already(record: Record) -> None:
    holds = ["one"] * 4 + ["two"] * 4 + [""] * 4
    dataset = numbered(record([0] * 8 + [1] * 4, groups=holds))
    across_holds, within = Twins(((0, 4),), (1.0,)), Twins(((0, 1),), (1.0,))
    assert twins.groups(dataset, across_holds) == ()
    assert twins.groups(dataset, within) == ((0, 1),)


def test_pictures_without_any_alike_are_settled_without_a_network(
    thaw_home: Path, tmp_path: Path, draw_classes: Callable[..., Path]
) -> None:
    dataset = ingest.import_data(draw_classes(tmp_path / "pets"))
    assert twins.settled(dataset)
    assert twins.read(store.dataset_dir(dataset.id)) == Twins((), ())
    assert twins.settled(dataset)


def test_pictures_that_look_alike_and_unknown_ones_are_not_settled(
    thaw_home: Path, tmp_path: Path, draw_classes: Callable[..., Path]
) -> None:
    from PIL import Image, ImageEnhance

    root = draw_classes(tmp_path / "pets")
    with Image.open(root / "cats" / "0-0.png") as picture:
        large = picture.resize((96, 72), Image.Resampling.BICUBIC)
    large.save(root / "cats" / "large.png")
    ImageEnhance.Brightness(large).enhance(1.05).save(root / "cats" / "brighter.png")
    dataset = ingest.import_data(root)
    assert not twins.settled(dataset)
    folder = store.dataset_dir(dataset.id)
    (folder / traits.TRAITS_FILE).unlink()
    assert not twins.settled(dataset)
    assert twins.read(folder) is None


def test_exact_copies_are_no_proposal(
    thaw_home: Path, tmp_path: Path, draw_classes: Callable[..., Path]
) -> None:
    root = draw_classes(tmp_path / "pets")
    (root / "cats" / "copy.png").write_bytes((root / "cats" / "0-0.png").read_bytes())
    assert twins.settled(ingest.import_data(root))
