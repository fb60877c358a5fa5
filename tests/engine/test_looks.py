"""Where a network looks: the map finds the place that decides, and random weights change it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from tests.engine.handmade import EDGE, Finished, untrained_backbone
from tl_core.analysis import looks as kept
from tl_core.data.dataset import Dataset
from tl_core.engine import looks, unlearned
from tl_core.engine.learner import Learner
from tl_core.engine.looks import Seam
from tl_core.engine.rebuild import Rebuilt, rebuild

SIZES = {"test_vit": 160}


class Corner(nn.Module):
    """Class 0 is brightness, class 1 darkness, anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.ones_(self.conv.weight)

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        bright = self.conv(value).mean((2, 3))
        return torch.cat([bright, -bright], 1)


def test_the_bright_corner_speaks_for_brightness() -> None:
    network = Corner()
    picture = torch.zeros(2, 1, 4, 4)
    picture[:, :, 0, 3] = 1
    maps = looks.heat(Seam(network, network.conv, True), picture, [0, 1])
    assert maps.shape == (2, 4, 4)
    assert maps[0].argmax() == maps[1].argmin() == 3
    assert maps[0].count_nonzero() == 1


def test_tokens_become_a_grid_without_those_that_stand_first() -> None:
    told = torch.arange(10.0)[None, :, None].repeat(1, 1, 2) / 2
    assert looks._gridded(told).tolist() == [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]
    assert looks._gridded(torch.ones(2, 4, 4, 8)).shape == (2, 4, 4)


@pytest.fixture
def rebuilt() -> Callable[[str], Rebuilt]:
    def of(name: str) -> Rebuilt:
        backbone = untrained_backbone(name, SIZES.get(name, EDGE))
        learner = Learner(backbone, 2)
        torch.nn.init.normal_(learner.head.linear.weight, std=0.1)
        learner.eval().requires_grad_(False)
        return Rebuilt(backbone, learner)

    return of


@pytest.mark.parametrize(
    ("name", "is_conv"), [("test_efficientnet", True), ("test_vit", False), ("test_resnet", True)]
)
def test_networks_of_both_kinds_give_maps(
    rebuilt: Callable[[str], Rebuilt], name: str, is_conv: bool
) -> None:
    one = rebuilt(name)
    inputs = torch.rand(2, 3, one.backbone.size, one.backbone.size)
    found = looks.seam(one, inputs[:1])
    assert found is not None
    assert found.is_conv is is_conv
    before = {n: p.clone() for n, p in one.learner.state_dict().items()}
    maps = looks.heat(found, inputs, [0, 1])
    assert maps.ndim == 3
    assert maps.shape[1] == maps.shape[2] > 1
    assert maps.abs().sum() > 0
    head, last = unlearned.against_random(one, lambda: looks.heat(found, inputs, [0, 1]), maps)
    assert head is not None
    assert last is not None
    assert max(head, last) < 0.99
    assert all(torch.equal(p, before[n]) for n, p in one.learner.state_dict().items())


def test_what_was_looked_at_is_lit() -> None:
    picture = np.full((32, 32, 3), 200, dtype=np.uint8)
    light = np.zeros((32, 32))
    light[:16, 16:] = 1.0
    shown = np.asarray(Image.open(io.BytesIO(looks.jpeg(looks.lit(picture, light)))))
    assert shown.shape == (32, 32, 3)
    assert shown[8, 24].mean() > 180 > 60 > shown[24, 8].mean()
    place = looks._place(light)
    assert (place.down, place.across) == (0, 2)
    assert place.area == pytest.approx(1 / 8, abs=0.01)
    assert looks._place(np.zeros((4, 4))) == looks.Place(1, 1, 1.0)


def test_a_run_keeps_where_it_looks(
    finished: Callable[[str], Finished], drawn: Dataset, tmp_path: Path
) -> None:
    end = finished("linear_probe")
    folder = shutil.copytree(end.folder, tmp_path / "run")
    network = rebuild(end.run.spec, drawn, folder)
    places = list(range(3, len(drawn.examples), 4))
    given = [drawn.examples[place].label for place in places]
    rows = tuple(replace(e, row=n) for n, e in enumerate(drawn.examples))
    dataset = replace(drawn, examples=rows)
    found = looks.look(network, dataset, places, given, folder, lambda _n, _of: None, check=True)
    assert found is not None
    assert (found.how, found.n) == ("grad_cam", len(places))
    assert [one.row for one in found.looked] == places
    assert found.head is not None
    assert abs(found.head) < 0.99
    with Image.open(kept.picture(folder, places[0])) as shown:
        assert shown.size == (2 * EDGE, EDGE)


def test_a_transformer_is_looked_at_by_gradients_and_held_against_random_weights(
    rebuilt: Callable[[str], Rebuilt], drawn: Dataset, tmp_path: Path
) -> None:
    one, places, given = rebuilt("test_vit"), [0, 5, 20], [0, 0, 1]
    found = looks.look(one, drawn, places, given, tmp_path, lambda _n, _of: None, check=True)
    assert found is not None
    assert (found.how, found.n, found.edge) == ("gradients", 3, 10)
    assert [looked.given for looked in found.looked] == ["class 0", "class 0", "class 1"]
    assert all(0 < looked.area < 1 for looked in found.looked)
    assert found.head is not None
    assert found.last is not None
    assert max(abs(found.head), abs(found.last)) < 0.99
