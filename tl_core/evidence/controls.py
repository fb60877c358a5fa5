"""What works without the pretrained base: the honest comparison for every probe."""

from __future__ import annotations

import torch
from torch import nn

from tl_core.catalog import Base
from tl_core.engine import precision
from tl_core.engine.modality import Backbone, Examples, Modality

CALIBRATION = 64  # examples that set the untrained network's normalisation


def untrained(
    modality: Modality, base: Base, *, size: int, examples: Examples, seed: int
) -> Backbone:
    """Return a randomly initialised network of the base's architecture, ready to give features.

    A fresh BatchNorm layer divides by 1 whatever comes in, so signals would die or explode on
    their way; one pass over a few examples sets its statistics as training would.
    """
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    backbone = modality.load_backbone(base, size=size, pretrained=False)
    body = backbone.body.to(precision.device())
    torch.set_rng_state(state)
    norms = [m for m in body.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # cumulative average: the statistics of exactly these examples
        norm.reset_running_stats()
    body.train()
    with torch.no_grad(), precision.autocast():
        body(examples.inputs(range(min(CALIBRATION, len(examples)))).to(precision.device()))
    body.eval()
    return backbone
