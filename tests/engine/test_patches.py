"""Patches that make channels fire, and what pictures say of stages."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.handmade import EDGE, untrained_backbone
from tl_core.data.dataset import Dataset
from tl_core.engine import patches
from tl_core.engine.modality import Backbone
from tl_core.insides import Scan

pytestmark = pytest.mark.usefixtures("scans_forgotten")


def whole(backbone: Backbone, dataset: Dataset, against: Backbone | None = None) -> Scan:
    first = {stage.name: [0, 1] for stage in backbone.stages}
    return patches.scan(backbone, dataset, seconds=60, against=against, channels=first)


def test_each_channel_shows_patches_of_different_pictures(small: Backbone, drawn: Dataset) -> None:
    found = whole(small, drawn)
    for stage in found.stages:
        image = Image.open(io.BytesIO(base64.b64decode(stage.sheet)))
        assert image.size == (patches.TOP * patches.PATCH_PX, 2 * patches.PATCH_PX)
        assert [len(names) for names in stage.classes] == [patches.TOP, patches.TOP]
        assert {name for names in stage.classes for name in names} <= set(drawn.classes)
    fields = [stage.field_px for stage in found.stages]
    assert fields[0] < fields[-1] <= EDGE


def test_a_network_is_wholly_like_itself_and_less_like_another(
    small: Backbone, drawn: Dataset
) -> None:
    before = whole(small, drawn)
    assert all(stage.alike is None for stage in before.stages)
    assert all(stage.alike == 1 for stage in whole(small, drawn, small).stages)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        other = untrained_backbone("test_efficientnet")
        for parameter in other.body.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
    changed = whole(replace(other, fingerprint="other"), drawn, small)
    assert changed.stages[-1].alike is not None
    assert changed.stages[-1].alike < 0.9


def test_classes_explain_what_they_decide_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 60)
    decided = labels[:, None] * np.array([[1.0, -3.0]])
    assert patches.explained(decided, labels) == pytest.approx(1)
    noise = rng.normal(size=(180, 400))
    assert patches.explained(noise, labels) == pytest.approx(0, abs=0.004)
    half = labels[:, None] * np.sqrt(1.5) + rng.normal(size=(180, 400))  # half of the variance
    assert patches.explained(half, labels) == pytest.approx(0.5, abs=0.03)
    assert patches.explained(np.ones((180, 2)), labels) == 0
    assert patches.explained(noise, np.zeros(180, dtype=np.int64)) == 0


def test_a_patch_is_moved_into_the_picture() -> None:
    picture = np.arange(100, dtype=np.uint8).reshape(10, 10, 1).repeat(3, axis=2)
    assert patches.cropped(picture, 0.5, 0.5, 4)[0, 0, 0] == 33
    assert patches.cropped(picture, 0.0, 1.0, 4)[0, :, 0].tolist() == [6, 7, 8, 9]
    assert patches.cropped(picture, 0.5, 0.5, 99).shape == (10, 10, 3)
