"""The pass through the base: once, a first word early, the same as without it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.data.samples import load_sample
from tl_core.engine import features
from tl_core.engine.modality import Backbone, modality_of
from tl_core.evidence import look as looking
from tl_core.evidence import shift as shift_meter
from tl_core.evidence.distance import distance_word
from tl_core.evidence.look import FIRST, Seen, look_at
from tl_core.spec import FirstLook, from_dict

Told = list[tuple[str, dict[str, Any]]]


def opened(dataset: Dataset, base: str, size: int) -> tuple[Backbone, Any, Any]:
    modality = modality_of(dataset.modality)
    backbone = modality.load_backbone(catalog.find(base), size=size, pretrained=True)
    examples = modality.open_examples(dataset, range(len(dataset.examples)), backbone)
    return backbone, examples, np.array([example.label for example in dataset.examples])


def looked(backbone: Backbone, examples: Any, labels: Any, classes: int) -> tuple[Seen, Told]:
    told: Told = []

    def emit(kind: str, /, **fields: Any) -> None:
        told.append((kind, fields))

    return look_at(backbone, examples, labels, classes, emit, lambda: True), told


@pytest.fixture
def first_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches are watched, so that something is left to go unwatched."""
    monkeypatch.setattr(shift_meter, "SAMPLE", 16)
    monkeypatch.setattr(looking, "FIRST", 8)


@pytest.mark.usefixtures("first_of")
def test_the_first_word_comes_after_a_batch_spread_over_the_classes(shapes: Dataset) -> None:
    backbone, examples, labels = opened(shapes, "tf_efficientnet_lite0", 64)
    seen, told = looked(backbone, examples, labels, 2)
    kinds = [kind for kind, _fields in told]
    assert kinds[:2] == ["phase", "first_look"]
    (first,) = (from_dict(FirstLook, fields) for kind, fields in told if kind == "first_look")
    assert first.n == 8
    assert first.shift is not None
    assert first.shift != seen.shift
    assert first.shift_expected == shift_meter.expected("tf_efficientnet_lite0", 8)
    assert first.distance == distance_word(first.shift.late, None, "picture")
    assert first.source_confidence is not None
    assert 0 < first.source_confidence < 1


@pytest.mark.usefixtures("first_of")
def test_every_example_goes_through_the_base_once(
    shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    backbone, examples, labels = opened(shapes, "tf_efficientnet_lite0", 64)
    shown: Counter[int] = Counter()
    plain = type(examples).inputs

    def inputs(self: Any, rows: Any) -> torch.Tensor:
        shown.update(rows)
        return plain(self, rows)

    monkeypatch.setattr(type(examples), "inputs", inputs)
    batches = []
    every_stage = features.every_stage

    def counted(chain: Any, batch: torch.Tensor) -> torch.Tensor:
        batches.append(len(batch))
        return every_stage(chain, batch)

    monkeypatch.setattr(features, "every_stage", counted)
    body = backbone.body.register_forward_hook(lambda *_: pytest.fail("a pass of its own"))
    seen, _told = looked(backbone, examples, labels, 2)
    body.remove()
    assert batches == [8, 8, 24]
    assert dict(shown) == dict.fromkeys(range(40), 1)
    assert shown.keys() == set(range(40))
    assert seen.forward_per_second > 0


@pytest.mark.usefixtures("first_of")
def test_the_features_are_those_that_a_run_computes(shapes: Dataset, thaw_home: Path) -> None:
    backbone, examples, labels = opened(shapes, "tf_efficientnet_lite0", 64)
    seen, _told = looked(backbone, examples, labels, 2)
    for path in (thaw_home / "cache" / "features").iterdir():
        path.unlink()
    plain = features.pooled(backbone, examples, lambda done, total: None)
    torch.testing.assert_close(seen.features.values, plain.values, rtol=0.05, atol=0.05)


def test_where_features_are_known_the_shift_is_measured_all_the_same(shapes: Dataset) -> None:
    backbone, examples, labels = opened(shapes, "tf_efficientnet_lite0", 64)
    once, _told = looked(backbone, examples, labels, 2)
    again, told = looked(backbone, examples, labels, 2)
    assert again.shift == once.shift
    assert "first_look" in [kind for kind, _fields in told]
    assert torch.equal(again.features.values, once.features.values)


def test_of_texts_there_is_a_first_word_too(thaw_home: Path) -> None:
    messages = load_sample("messages")
    backbone, examples, labels = opened(messages, catalog.default_base("text"), 32)
    seen, told = looked(backbone, examples, labels, len(messages.classes))
    (first,) = (from_dict(FirstLook, fields) for kind, fields in told if kind == "first_look")
    assert first.n == FIRST
    assert first.source_confidence is None
    assert first.shift is not None
    assert seen.shift is not None
    assert first.shift.late == pytest.approx(seen.shift.late, rel=0.5)
