"""Pictures on their way through a network: in parts, kept, and what one place sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tl_core.data.dataset import Dataset
from tl_core.engine import scanning
from tl_core.engine.modality import Backbone
from tl_core.engine.scanning import Progress, advance, progress_of

pytestmark = pytest.mark.usefixtures("scans_forgotten")


def whole(backbone: Backbone, dataset: Dataset) -> Progress:
    progress = progress_of(backbone, dataset)
    advance(progress, 60)
    assert progress.is_whole
    return progress


def same(one: Progress, other: Progress) -> bool:
    """Tell whether two have found the same."""
    stages = range(len(one.names))
    parts = [
        torch.equal(one.of(mine, stage), other.of(theirs, stage).to(one.of(mine, stage).dtype))
        for mine, theirs in (
            (one.peaks, other.peaks), (one.places, other.places), (one.means, other.means)
        )
        for stage in stages
    ]  # fmt: skip
    return all(parts) and (one.names, one.edges, one.fields) == (
        other.names, other.edges, other.fields,
    )  # fmt: skip


def test_it_goes_on_batch_by_batch_and_keeps_what_it_has(
    small: Backbone, drawn: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "BATCH", 10)
    part = progress_of(small, drawn)
    advance(part, 0)
    assert (part.done, part.is_whole) == (10, False)
    assert progress_of(small, drawn) is part
    found = whole(small, drawn)
    assert found is part
    assert [len(found.of(found.peaks, stage)) for stage in range(len(found.names))] == [
        len(drawn.examples)
    ] * len(found.names)
    scanning._known.clear()
    again = progress_of(small, drawn)  # all is on disk
    assert again.is_whole
    assert same(found, again)


@pytest.mark.parametrize("left", [0, 10, 5000])
def test_a_damaged_cache_is_made_anew(
    small: Backbone, drawn: Dataset, thaw_home: Path, left: int
) -> None:
    found = whole(small, drawn)
    (kept,) = (thaw_home / "cache" / "inside").iterdir()
    kept.write_bytes(kept.read_bytes()[:left])
    scanning._known.clear()
    assert not progress_of(small, drawn).is_whole
    assert same(whole(small, drawn), found)


def test_only_a_few_are_in_memory(small: Backbone, drawn: Dataset) -> None:
    for number in range(5):
        progress_of(replace(small, fingerprint=str(number)), drawn)
    assert [key[0] for key in scanning._known] == ["2", "3", "4"]


def test_test_examples_are_left_alone(small: Backbone, drawn: Dataset) -> None:
    examples = tuple(
        replace(one, split="test") if one.split == "val" else one for one in drawn.examples
    )
    held = replace(drawn, examples=examples, fingerprint="held")
    rows = whole(small, held).rows
    assert len(rows) == sum(one.split == "train" for one in examples)
    assert all(examples[row].split == "train" for row in rows)


def test_large_sets_are_sampled(
    small: Backbone, drawn: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "MOST_PICTURES", 5)
    rows = progress_of(small, drawn).rows
    assert len(set(rows)) == 5
    assert rows == tuple(np.sort(rows).tolist())


def test_a_field_is_the_square_that_holds_most_of_the_gradient() -> None:
    gradient = torch.zeros(20, 20)
    gradient[8:12, 8:12] = 1
    assert scanning.field_px(gradient, 0.5) == 4
    gradient[0, 0] = 0.1  # less than a tenth lies outside
    assert scanning.field_px(gradient, 0.5) == 4
    assert scanning.field_px(torch.zeros(20, 20), 0.5) == 20
    assert scanning.field_px(torch.ones(20, 20), 0.5) > 15
