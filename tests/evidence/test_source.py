"""Statistics of the source: carried by BatchNorm layers, brought along for text bases."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from tl_core import catalog
from tl_core.engine.modality.text import TEXT
from tl_core.engine.modality.vision import VISION
from tl_core.evidence.source import statistics


def test_batchnorm_carries_its_own() -> None:
    backbone = VISION.load_backbone(catalog.find("tf_efficientnet_lite0"), size=64, pretrained=True)
    found = statistics(backbone)
    assert set(found) == {
        name for name, m in backbone.body.named_modules() if isinstance(m, nn.BatchNorm2d)
    }
    mean, var = found["bn1"]
    assert torch.equal(mean, backbone.body.get_buffer("bn1.running_mean"))
    assert mean is not backbone.body.get_buffer("bn1.running_mean")
    assert (var >= 0).all()  # a channel that never fires varies not at all


def test_every_text_base_of_the_catalog_has_those_that_were_measured() -> None:
    for base in catalog.rank("text"):
        backbone = TEXT.load_backbone(base, size=None, pretrained=True)
        found = statistics(backbone)
        layers = {n: m for n, m in backbone.body.named_modules() if isinstance(m, nn.LayerNorm)}
        assert found.keys() == layers.keys()
        for name, (mean, var) in found.items():
            assert mean.shape == var.shape == layers[name].normalized_shape
            assert mean.isfinite().all()
            assert (var > 0).all()


def test_other_weights_of_the_same_form_have_none() -> None:
    base = catalog.find(catalog.default_base("text"))
    backbone = TEXT.load_backbone(base, size=None, pretrained=True)
    assert statistics(replace(backbone, fingerprint="other")) == {}
