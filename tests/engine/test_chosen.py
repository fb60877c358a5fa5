"""Rows of opened examples: the same as those rows of the whole, computed with it and once."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.engine.handmade import untrained_backbone
from tl_core.data.dataset import Dataset
from tl_core.engine import caches, features
from tl_core.engine.chosen import Chosen, chosen
from tl_core.engine.modality import Backbone, Variation
from tl_core.engine.modality.vision import VISION, Pictures

ROWS = (5, 0, 3)


def ignore(done: int, total: int) -> None: ...


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return untrained_backbone("test_resnet")


@pytest.fixture
def whole(thaw_home: Path, drawn: Dataset, backbone: Backbone) -> Pictures:
    return VISION.open_examples(drawn, range(7), backbone)


def test_it_gives_the_rows_of_the_whole_and_never_varies_them(whole: Pictures) -> None:
    some = Chosen(whole, ROWS)
    assert len(some) == 3
    assert torch.equal(some.inputs([2, 0]), whole.inputs([3, 5]))
    assert torch.equal(some.raw(), whole.raw()[list(ROWS)])
    assert torch.equal(some.changed([1], "mirror"), whole.changed([0], "mirror"))
    assert not some.varies
    assert some.ways == ()
    variation = Variation(0, 1, whole.ways)
    assert torch.equal(some.augmented([0], variation), some.inputs([0]))
    assert some.sheet([0], [variation]) is None
    assert some.control == whole.control
    assert some.reading() is None
    assert len({whole.key, some.key, Chosen(whole, (5, 0, 4)).key}) == 3
    assert not some.lengths


def test_lengths_are_those_of_the_rows() -> None:
    assert chosen((4, 9, 2), (2, 0)) == (2, 4)


def test_features_and_what_is_frozen_are_computed_once_for_all_choices(
    thaw_home: Path, whole: Pictures, backbone: Backbone
) -> None:
    counted: list[tuple[int, int]] = []

    def count(done: int, total: int) -> None:
        counted.append((done, total))

    parts = [Chosen(whole, ROWS), Chosen(whole, (1, 2))]
    pooled = [features.pooled(backbone, part, count) for part in parts]
    stored = [caches.stored(backbone, part, 2, progress=count) for part in parts]
    assert counted == [(7, 7), (7, 7)]
    everything = features.pooled(backbone, whole, ignore)
    assert torch.equal(pooled[0].values, everything.values[list(ROWS)])
    assert pooled[0].widths == everything.widths
    complete = caches.stored(backbone, whole, 2, progress=ignore)
    assert complete
    for part, kept in zip(parts, stored, strict=True):
        assert kept
        assert len(kept) == len(part)
        assert torch.equal(kept.inputs([1]), complete.inputs([part.rows[1]]))
