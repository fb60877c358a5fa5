"""What the stages of a network make of a picture."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import pytest
import torch
from PIL import Image

from tests.engine.handmade import EDGE, untrained_backbone
from tl_core.data.dataset import Dataset
from tl_core.engine import inside
from tl_core.engine.modality import Backbone

BASE = "tf_efficientnet_lite0"
SIZES = {"test_vit": 160}


def size_of(sheet: str) -> tuple[int, int]:
    return Image.open(io.BytesIO(base64.b64decode(sheet))).size


def test_every_stage_of_the_base_is_shown(lite0: Backbone, drawn: Dataset) -> None:
    seen = inside.look(lite0, replace(drawn.examples[0], key=""))
    assert [stage.name for stage in seen.stages] == ["stem", "1", "2", "3", "4", "5", "6", "7"]
    assert [stage.places for stage in seen.stages] == [32, 32, 16, 8, 4, 4, 2, 2]
    assert seen.stages[-1].channels == 1280
    for stage in seen.stages:
        assert len(set(stage.shown)) == inside.SHOWN
        assert size_of(stage.sheet) == (inside.CELL_PX, inside.SHOWN * inside.CELL_PX)
    assert size_of(seen.picture) == (EDGE, EDGE)
    assert seen.filters is not None
    assert len(seen.filters.filters) == 32


def test_channels_that_are_asked_for_are_shown(lite0: Backbone, drawn: Dataset) -> None:
    asked = {"stem": [5, 2, 4000], "7": [1000]}
    seen = inside.look(lite0, replace(drawn.examples[0], key=""), asked)
    shown = {stage.name: stage.shown for stage in seen.stages}
    assert (shown["stem"], shown["7"]) == ((5, 2), (1000,))
    assert len(shown["3"]) == inside.SHOWN


@pytest.mark.parametrize("name", ["test_vit", "test_resnet", "test_convnext"])
def test_networks_of_every_kind_have_stages_with_places(name: str) -> None:
    backbone = untrained_backbone(name, SIZES.get(name, EDGE))
    inputs = torch.rand(2, 3, backbone.size, backbone.size)
    with torch.inference_mode():
        found = dict(inside.stage_maps(backbone, inputs))
        last = backbone.body(inputs)
    names = [stage.name for stage in backbone.stages]
    assert [one for one in names if one in found] == list(found)
    assert names[-1] in found
    for maps in found.values():
        assert maps.ndim == 4
        assert maps.shape[0] == 2
        assert maps.shape[-1] == maps.shape[-2] > 1
    assert list(found.values())[-1].shape[1] == last.shape[1]


def test_nothing_is_left_hanging_on_the_network(lite0: Backbone) -> None:
    with torch.inference_mode():
        list(inside.stage_maps(lite0, torch.rand(1, 3, EDGE, EDGE)))
    assert not any(module._forward_hooks for module in lite0.chain.segments[-1].modules())


def test_a_channel_is_as_strong_as_its_strongest_patch() -> None:
    maps = torch.zeros(1, 2, 32, 32)
    maps[0, 0, 20, 5] = 5  # one place alone
    maps[0, 1, 4:14, 6:16] = 1  # a patch that can be made out
    strong, places = inside.strength(maps, 64)
    assert strong[0, 1] > strong[0, 0] > 0
    row, column = divmod(int(places[0, 1]), 32)
    assert (abs(row - 8.5) <= 2, abs(column - 10.5) <= 2) == (True, True)
    assert inside.strength(maps[..., :4, :4], 224)[0].tolist() == [[0, 0]]


def test_random_weights_are_the_same_each_time_and_not_the_base() -> None:
    twin = inside.opened(BASE, EDGE, is_random=True)
    assert inside.opened(BASE, EDGE, is_random=True) is twin
    inside._opened.cache_clear()
    again = inside.opened(BASE, EDGE, is_random=True)
    assert again.fingerprint == twin.fingerprint
    assert again.fingerprint != inside.opened(BASE, EDGE, is_random=False).fingerprint
    inside._opened.cache_clear()
