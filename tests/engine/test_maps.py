"""Maps in all the layouts that networks have, and pictures lit by them."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.handmade import EDGE, untrained_backbone
from tl_core.engine import maps


@pytest.mark.parametrize(
    ("shape", "edge"),
    [((2, 8, 7, 7), 7), ((2, 7, 7, 8), 7), ((2, 50, 8), 7), ((2, 8, 1, 1), None), ((2, 8), None)],
)
def test_places_are_found_in_every_layout(shape: tuple[int, ...], edge: int | None) -> None:
    value = torch.zeros(shape)
    assert maps.edge_of(value.shape) == edge
    found = maps.maps_of(value)
    assert (found is None) is (edge is None)
    if found is not None:
        assert found.shape == (2, 8, 7, 7)


def test_tokens_become_maps_without_those_that_stand_first() -> None:
    tokens = torch.arange(20.0).reshape(1, 10, 2)
    found = maps.maps_of(tokens)
    assert found is not None
    assert found[0, 0].tolist() == [[2, 4, 6], [8, 10, 12], [14, 16, 18]]


def test_light_is_what_lies_above_nothing() -> None:
    light = maps.spread(torch.tensor([[-3.0, 0.0], [0.0, 2.0]]), 4)
    assert light.shape == (4, 4)
    assert light[0, 0] == 0
    assert light[3, 3] == light.max() == 1
    assert not maps.spread(-torch.ones(2, 2), 4).any()


def test_a_picture_is_dark_where_there_is_no_light() -> None:
    white = np.full((2, 2, 3), 255, dtype=np.uint8)
    lit = maps.lit(white, np.array([[0.0, 1.0], [0.5, 0.0]]))
    assert lit[..., 0].tolist() == [[51, 255], [153, 51]]


def test_inputs_become_pictures_again() -> None:
    backbone = untrained_backbone("test_efficientnet")
    mean, std = (torch.tensor(backbone.input_config[name]) for name in ("mean", "std"))
    red = torch.zeros(1, 3, EDGE, EDGE)
    red[:, 0] = 1
    shown = maps.visible((red - mean[:, None, None]) / std[:, None, None], backbone)
    assert shown.shape == (1, EDGE, EDGE, 3)
    assert np.abs(shown[0, 0, 0].astype(int) - [255, 0, 0]).max() <= 1


def test_pixels_go_along_as_a_jpeg() -> None:
    pixels = np.full((16, 24, 3), 200, dtype=np.uint8)
    small = maps.shrunk(pixels, 8)
    assert small.shape == (8, 8, 3)
    image = Image.open(io.BytesIO(base64.b64decode(maps.jpeg(pixels))))
    assert (image.format, image.size) == ("JPEG", (24, 16))
