"""Filters of a first layer: planted patterns get their names, random weights none."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from tl_core import catalog
from tl_core.engine import filters
from tl_core.engine.filters import AXES
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.vision import VISION
from tl_core.insides import (
    BLUE_YELLOW,
    EDGE,
    LIGHT,
    LINE,
    PATCH,
    RED_GREEN,
    SILENT,
    SPOT,
    UNNAMED,
    Filter,
)

EVEN_STD = np.ones(3)
SIZE = 7


def gabor(degrees: float, cycles: float, *, odd: bool, edge: int = SIZE) -> filters.Floats:
    """Draw stripes that rise by so many degrees, in a window, from a formula of their own."""
    middle = (edge - 1) / 2
    drawn = np.zeros((edge, edge))
    for row in range(edge):
        for column in range(edge):
            x, y = column - middle, middle - row
            turn = np.radians(degrees)
            across = -x * np.sin(turn) + y * np.cos(turn)
            wave = np.sin if odd else np.cos
            drawn[row, column] = wave(2 * np.pi * cycles * across) * np.exp(
                -(x**2 + y**2) / (2 * (0.3 * edge) ** 2)
            )
    return drawn if odd else drawn - drawn.mean()


def one(shape: filters.Floats, colour: str = LIGHT) -> Filter:
    return filters.measure(coloured(shape, colour)[None], EVEN_STD).filters[0]


def coloured(shape: filters.Floats, colour: str) -> filters.Floats:
    return AXES[colour][:, None, None] * shape


@pytest.mark.parametrize("degrees", [0, 45, 90, 150])
@pytest.mark.parametrize(("odd", "kind"), [(True, EDGE), (False, LINE)])
def test_stripes_are_named_by_their_direction(degrees: float, odd: bool, kind: str) -> None:
    found = one(gabor(degrees, 0.2, odd=odd))
    assert (found.kind, found.degrees, found.colour) == (kind, degrees, LIGHT)
    assert found.cycles == pytest.approx(0.2, abs=0.07)
    assert found.explained > 0.9


def test_a_sobel_filter_is_an_upright_edge() -> None:
    sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    found = one(sobel)
    assert (found.kind, found.degrees) == (EDGE, 90)


def test_patches_and_spots_are_told_apart_by_their_rim() -> None:
    bell = np.exp(-np.add.outer(np.arange(-3, 4) ** 2, np.arange(-3, 4) ** 2) / 4.5)
    assert one(bell).kind == PATCH
    assert one(np.roll(bell, 1, axis=1)).kind == PATCH
    ringed = bell - np.exp(-np.add.outer(np.arange(-3, 4) ** 2, np.arange(-3, 4) ** 2) / 12) * (
        bell.sum() / np.exp(-np.add.outer(np.arange(-3, 4) ** 2, np.arange(-3, 4) ** 2) / 12).sum()
    )
    found = one(ringed)
    assert found.kind == SPOT
    assert found.degrees is None


@pytest.mark.parametrize("colour", [LIGHT, RED_GREEN, BLUE_YELLOW])
def test_colours_are_told_by_their_axis(colour: str) -> None:
    found = one(gabor(30, 0.15, odd=True), colour)
    assert found.colour == colour
    assert found.colour_share == pytest.approx(0 if colour == LIGHT else 1, abs=1e-6)


def test_what_the_input_is_divided_by_is_taken_into_account() -> None:
    std = np.array([0.5, 1.0, 2.0])
    weights = coloured(gabor(90, 0.2, odd=True), RED_GREEN) * std[:, None, None]
    found = filters.measure(weights[None], std).filters[0]
    assert (found.colour, found.colour_share) == (RED_GREEN, pytest.approx(1))


@pytest.mark.parametrize("edge", [3, 7])
def test_one_of_twenty_random_filters_gets_a_name(edge: int) -> None:
    drawn = np.random.default_rng(1).normal(size=(600, 3, edge, edge))
    found = filters.measure(drawn, EVEN_STD)
    assert 0.02 < found.named / 600 < 0.09
    assert found.border == pytest.approx(filters.border(edge), abs=1e-4)


def test_what_weight_decay_has_emptied_is_called_unused() -> None:
    edge = coloured(gabor(0, 0.2, odd=True), LIGHT)
    found = filters.measure(np.stack([edge, 1e-4 * edge]), EVEN_STD)
    assert [one.kind for one in found.filters] == [EDGE, SILENT]


def test_a_filter_is_drawn_with_grey_for_nothing() -> None:
    weights = np.zeros((1, 3, 3, 3))
    weights[0, 0, 0, 0], weights[0, 2, 2, 2] = 2, -2
    content = base64.b64decode(filters.measure(weights, EVEN_STD).filters[0].picture)
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    assert pixels.shape == (3, 3, 3)
    assert pixels[0, 0].tolist() == [255, 128, 128]
    assert pixels[2, 2].tolist() == [128, 128, 0]


def test_the_real_base_has_patterns_that_its_random_twin_has_not(lite0: Backbone) -> None:
    base = catalog.find("tf_efficientnet_lite0")
    twin = VISION.load_backbone(base, size=lite0.size, pretrained=False)
    counts = []
    for backbone in (lite0, twin):
        weights = filters.first_layer(backbone.body)
        assert weights is not None
        assert weights.shape == (32, 3, 3, 3)
        found = filters.measure(weights, np.array(backbone.input_config["std"]))
        counts.append(found.named)
        assert {one.kind for one in found.filters} - {UNNAMED, SILENT} or not found.named
    assert counts[0] >= 16
    assert counts[1] <= 6


def test_a_first_layer_that_sees_no_colours_is_none() -> None:
    assert filters.first_layer(nn.Sequential(nn.Conv2d(1, 4, 3))) is None
    assert filters.first_layer(nn.Linear(3, 3)) is None
    found = filters.first_layer(nn.Sequential(nn.Conv2d(3, 4, 5), nn.Conv2d(4, 4, 3)))
    assert found is not None
    assert found.shape == (4, 3, 5, 5)
    assert not torch.is_tensor(found)
