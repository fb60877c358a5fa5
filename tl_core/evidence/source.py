"""What a base's normalising layers saw of its own kind of data: mean and variance per channel.

BatchNorm layers carry them. LayerNorm layers do not: for the text bases of the catalog they lie
beside this module, measured by `benchmarks/source_norms.py` on English prose, since what these
bases were trained on is not at hand. Derived numbers only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from tl_core.engine.modality import Backbone

FILE = Path(__file__).with_name("source_norms.npz")
"""Per base a `ID|fingerprint`, and per layer `ID|LAYER`: [2, channels], means and variances."""

Statistics = dict[str, tuple[torch.Tensor, torch.Tensor]]


def statistics(backbone: Backbone) -> Statistics:
    """Return mean and variance, [channels] each, on the CPU, by the layer's name in the body.

    Empty for a network that carries none and of whose weights none were measured, and for one
    that a run has made: fixed statistics are those of the base as it was before, and no border
    between near and far was measured for others.
    """
    if backbone.base.tuned:
        return {}
    return _carried(backbone.body) or _measured(backbone)


def _carried(body: nn.Module) -> Statistics:
    found: Statistics = {}
    for name, module in body.named_modules():
        mean, var = getattr(module, "running_mean", None), getattr(module, "running_var", None)
        if isinstance(module, nn.BatchNorm2d) and mean is not None and var is not None:
            found[name] = (mean.cpu().clone(), var.cpu().clone())
    return found


def _measured(backbone: Backbone) -> Statistics:
    base = backbone.base.id
    with np.load(FILE, allow_pickle=False) as known:
        if f"{base}|fingerprint" not in known:
            return {}
        if str(known[f"{base}|fingerprint"]) != backbone.fingerprint:
            return {}  # other weights, for instance an untrained network of the same form
        layers = {
            key.partition("|")[2]: known[key] for key in known.files if key.startswith(f"{base}|")
        }
    layers.pop("fingerprint")
    return {
        name: (torch.from_numpy(values[0]), torch.from_numpy(values[1]))
        for name, values in layers.items()
    }
