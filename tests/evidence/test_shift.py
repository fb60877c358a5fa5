"""The shift meter: zero where nothing differs, known values where it does, right order."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from tl_core import catalog
from tl_core.data import import_data
from tl_core.engine import precision
from tl_core.engine.modality.vision import VISION
from tl_core.evidence import shift as meter
from tl_core.evidence.shift import Moments


def _moments(x: torch.Tensor, mean: float = 0.0, var: float = 1.0) -> Moments:
    channels = x.shape[1]
    moments = Moments(torch.full((channels,), mean), torch.full((channels,), var))
    for part in x.split(7):
        moments.add(part)
    return moments


def test_a_known_divergence() -> None:
    torch.manual_seed(0)
    x = torch.randn(64, 5, 16, 16, dtype=torch.float64).float()
    assert _moments(x).divergence() == pytest.approx(0, abs=1e-3)
    # KL(N(1, 4) || N(0, 1)) = (ln(1/4) + 4 + 1 - 1) / 2
    expected = (math.log(1 / 4) + 4) / 2
    assert _moments(x * 2 + 1).divergence() == pytest.approx(expected, rel=0.02)


def test_dead_channels_stay_finite() -> None:
    x = torch.zeros(4, 3, 8, 8)
    assert math.isfinite(_moments(x, mean=0.0, var=0.0).divergence())


def test_hooks_are_taken_off_again() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).eval()
    with meter.watching(network) as moments:
        network(torch.randn(2, 3, 8, 8))
    counted = moments["1"].count
    network(torch.randn(2, 3, 8, 8))
    assert moments["1"].count == counted == 2 * 6 * 6


def test_a_network_without_batchnorm_has_no_shift() -> None:
    backbone = VISION.load_backbone(catalog.find("timm:test_vit"), size=160, pretrained=False)
    with meter.watching(backbone.body) as moments, torch.inference_mode():
        backbone.body(torch.randn(2, 3, 160, 160))
    assert meter.shift(moments, backbone) is None


def test_expected_values_exist_for_every_base_and_fall_with_n() -> None:
    for base in catalog.rank("picture"):
        few, many = meter.expected(base.id, 16), meter.expected(base.id, 128)
        assert few is not None
        assert many is not None
        assert 0 < many.late < few.late < 0.05
    assert meter.expected("timm:resnet18", 64) is None


@pytest.mark.data
def test_known_sets_come_in_their_known_order(
    thaw_home: Path, data_root: Path, tmp_path: Path
) -> None:
    backbone = VISION.load_backbone(
        catalog.find("tf_efficientnet_lite0"), size=None, pretrained=True
    )
    late = []
    for name in ("ants_bees/train", "cifar10/train", "sign_digits", "magnetic_tile"):
        folder = tmp_path / name.replace("/", "-")
        for source in sorted((data_root / name).iterdir()):
            target = folder / source.name
            target.mkdir(parents=True)
            for path in sorted(source.iterdir())[:16]:
                (target / path.name).write_bytes(path.read_bytes())
        dataset = import_data(folder, name=folder.name)
        rows = range(min(32, len(dataset.examples)))
        examples = VISION.open_examples(dataset, rows, backbone)
        with (
            meter.watching(backbone.body) as moments,
            torch.inference_mode(),
            precision.autocast(),
        ):
            backbone.body(examples.inputs(rows))
        found = meter.shift(moments, backbone)
        assert found is not None
        late.append(found.late)
    assert late == sorted(late)
