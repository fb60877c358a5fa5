"""Features are computed once, kept by content, and never mixed up."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.engine.handmade import untrained_backbone
from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.engine import features
from tl_core.engine.chain import Chain
from tl_core.engine.features import Known
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.vision import VISION


def ignore(done: int, total: int) -> None: ...


def test_features_are_kept_and_reread(
    thaw_home: Path, drawn: Dataset, lite0: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = VISION.open_examples(drawn, range(5), lite0)
    told: list[tuple[int, int]] = []
    first = features.pooled(lite0, examples, lambda done, total: told.append((done, total)))
    assert told == [(5, 5)]
    assert first.values.shape == (5, sum(first.widths))
    assert first.values.dtype == torch.float32
    with monkeypatch.context() as patch:
        patch.setattr(features, "every_stage", lambda *args: pytest.fail("computed again"))
        assert torch.equal(features.pooled(lite0, examples, ignore).values, first.values)
    shutil.rmtree(thaw_home / "cache")
    again = features.pooled(lite0, examples, ignore)
    torch.testing.assert_close(again.values, first.values)


def test_the_last_features_are_those_of_the_body(
    thaw_home: Path, drawn: Dataset, lite0: Backbone
) -> None:
    examples = VISION.open_examples(drawn, range(4), lite0)
    found = features.pooled(lite0, examples, ignore)
    whole = features.compute(lite0.chain, examples, ignore)
    assert found.last.shape == whole.shape == (4, lite0.width)
    torch.testing.assert_close(found.last, whole, atol=1e-4, rtol=1e-3)
    with torch.inference_mode():
        plain = lite0.body(examples.inputs(range(4)))
    torch.testing.assert_close(found.last, plain, atol=0.05, rtol=0.05)  # bf16, where native


def test_every_stage_lies_where_its_width_says(
    thaw_home: Path, drawn: Dataset, lite0: Backbone
) -> None:
    examples = VISION.open_examples(drawn, range(3), lite0)
    found = features.pooled(lite0, examples, ignore)
    assert found.widths == features.stage_widths(lite0)
    assert len(found.widths) == len(lite0.chain.segments)
    value = examples.inputs(range(3))
    for number, segment in enumerate(lite0.chain.segments):
        with torch.inference_mode():
            value = segment(value)
        expected = value.mean((2, 3)) if value.ndim == 4 else value
        torch.testing.assert_close(found.stage(number), expected, atol=0.05, rtol=0.05)


@pytest.mark.parametrize(
    ("shape", "width"), [((2, 7, 4, 4), 7), ((2, 4, 4, 7), 7), ((2, 9, 7), 7), ((2, 7), 7)]
)
def test_places_are_averaged_over_whatever_the_layout(shape: tuple[int, ...], width: int) -> None:
    value = torch.randn(shape)
    assert features.pool(value).shape == (2, width)
    assert features.pool(value).mean() == pytest.approx(float(value.mean()), abs=1e-5)


def test_another_size_weight_or_choice_of_examples_is_another_entry(
    thaw_home: Path, drawn: Dataset
) -> None:
    base = catalog.find("tf_efficientnet_lite0")
    for size in (64, 96):
        backbone = VISION.load_backbone(base, size=size, pretrained=True)
        features.pooled(backbone, VISION.open_examples(drawn, range(2), backbone), ignore)
    features.pooled(backbone, VISION.open_examples(drawn, range(3), backbone), ignore)
    other = VISION.load_backbone(base, size=64, pretrained=False)
    features.pooled(other, VISION.open_examples(drawn, range(2), other), ignore)
    assert len(list((thaw_home / "cache" / "features").glob("*.npy"))) == 4


def shown(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many examples go through the network."""
    told: list[int] = []
    every_stage = features.every_stage

    def counted(chain: Chain, inputs: torch.Tensor) -> torch.Tensor:
        told.append(len(inputs))
        return every_stage(chain, inputs)

    monkeypatch.setattr(features, "every_stage", counted)
    return told


def test_another_choice_of_the_same_examples_computes_only_what_is_new(
    thaw_home: Path, drawn: Dataset, lite0: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = features.pooled(lite0, VISION.open_examples(drawn, [1, 3, 7], lite0), ignore)
    told = shown(monkeypatch)
    rows = [0, 1, 2, 7, 9, 3]
    whole = features.pooled(lite0, VISION.open_examples(drawn, rows, lite0), ignore)
    assert sum(told) == 3
    assert torch.equal(whole.values[[1, 5, 3]], sample.values)
    monkeypatch.undo()
    monkeypatch.setenv("THAW_HOME", str(thaw_home / "another"))
    plain = features.pooled(lite0, VISION.open_examples(drawn, rows, lite0), ignore)
    torch.testing.assert_close(whole.values, plain.values, atol=0.05, rtol=0.05)


def test_what_is_dropped_or_damaged_is_computed_again(
    thaw_home: Path, drawn: Dataset, lite0: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    features.pooled(lite0, VISION.open_examples(drawn, [1, 3], lite0), ignore)
    features.pooled(lite0, VISION.open_examples(drawn, [5, 6], lite0), ignore)
    for path in (thaw_home / "cache" / "features").glob("*.npy"):
        path.unlink()
    for path in list((thaw_home / "cache" / "features").iterdir())[:1]:
        path.write_bytes(b"nothing")
    told = shown(monkeypatch)
    found = features.pooled(lite0, VISION.open_examples(drawn, [1, 3, 5], lite0), ignore)
    assert sum(told) == 3
    assert found.values.abs().sum(1).min() > 0


def test_examples_that_cannot_be_told_apart_take_over_nothing(
    thaw_home: Path, drawn: Dataset, lite0: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = tuple(replace(example, key="") for example in drawn.examples)
    nameless = replace(drawn, examples=examples)
    features.pooled(lite0, VISION.open_examples(nameless, [1], lite0), ignore)
    told = shown(monkeypatch)
    features.pooled(lite0, VISION.open_examples(nameless, [2, 3], lite0), ignore)
    assert sum(told) == 2


def test_what_is_at_hand_is_not_computed(
    thaw_home: Path, drawn: Dataset, lite0: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = VISION.open_examples(drawn, range(5), lite0)
    width = sum(features.stage_widths(lite0))
    told = shown(monkeypatch)
    known = Known([4, 1], torch.stack([torch.full((width,), 2.0), torch.full((width,), 3.0)]))
    found = features.pooled(lite0, examples, ignore, known)
    assert sum(told) == 3
    assert found.values[[4, 1], 0].tolist() == [2.0, 3.0]


def test_nothing_half_written_is_left_behind(
    thaw_home: Path, drawn: Dataset, lite0: Backbone
) -> None:
    examples = VISION.open_examples(drawn, range(2), lite0)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        features.pooled(lite0, examples, stop)
    assert list((thaw_home / "cache" / "features").iterdir()) == []
    assert features.pooled(lite0, examples, ignore).values.abs().sum() > 0


def test_batches_do_not_change_the_features(
    thaw_home: Path, drawn: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    backbone = untrained_backbone("test_resnet")
    examples = VISION.open_examples(drawn, range(5), backbone)
    whole = features.compute(backbone.chain, examples, ignore)
    monkeypatch.setattr(features, "BATCH", 2)
    parts = features.compute(backbone.chain, examples, ignore)
    torch.testing.assert_close(parts, whole, atol=0.02, rtol=0.02)  # bf16 rounds by batch shape
