"""LoRA: small trainable matrices beside frozen weights (Hu et al. 2021), through peft.

In convolutional networks they sit on the 1 x 1 convolutions, where most weights are; never on
depthwise ones, whose adapters would be larger than the weights they adapt. In transformers that
read pictures they sit on the linear maps of attention and MLP; in those that read texts on query
and value (`modality.encoder`).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from tl_core.errors import InputError, Issue
from tl_core.i18n import _

RANK = 8  # science of small ranks: 4 to 16 do alike, Hu et al. 2021 table 6
ALPHA = 2 * RANK  # the update is scaled by alpha / rank
PREFIX = "lora_"


def targets(body: nn.Module) -> list[str]:
    """Return the names of the layers that get an adapter.

    Linear maps and ungrouped 1 x 1 convolutions; where these hold less than half of the weights
    of all ungrouped layers (old ResNets), every ungrouped convolution.
    """
    wide, narrow = [], []
    weights = {"wide": 0, "narrow": 0}
    for name, module in body.named_modules():
        is_conv = isinstance(module, nn.Conv2d) and module.groups == 1
        if isinstance(module, nn.Linear) or (is_conv and set(module.kernel_size) == {1}):
            narrow.append(name)
            weights["narrow"] += module.weight.numel()
        if isinstance(module, nn.Linear) or is_conv:
            wide.append(name)
            weights["wide"] += module.weight.numel()
    return narrow if 2 * weights["narrow"] >= weights["wide"] else wide


def add(body: nn.Module, layers: Sequence[str], *, seed: int) -> None:
    """Put an adapter on each of `layers`; the network computes what it did before.

    Raises:
        InputError: if there is none: the network has no layer that could take one.
    """
    from peft import LoraConfig, inject_adapter_in_model

    if not layers:
        message = _("This base has no layer that Thaw knows how to put a LoRA matrix beside.")
        fix = _("Choose gradual unfreezing, or another base.")
        raise InputError([Issue("strategy", message, fix)])
    torch.manual_seed(seed)
    where = next(body.parameters()).device
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=list(layers))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peft warns of layers that it need not know
        inject_adapter_in_model(config, body)
    body.to(where)


def is_adapter(parameter_name: str) -> bool:
    """Tell whether a parameter belongs to an adapter."""
    return f".{PREFIX}" in parameter_name


def stages_of(body: nn.Module, stage_of: dict[str, str]) -> dict[str, str]:
    """Return the stage of each parameter of an adapted body, by those of the body as it was."""
    layers = {name.rpartition(".")[0]: stage for name, stage in stage_of.items()}
    found = {}
    for name, _parameter in body.named_parameters():
        layer = name.split(f".{PREFIX}")[0].replace(".base_layer", "")
        stage = stage_of.get(name) or layers.get(layer) or layers.get(layer.rpartition(".")[0])
        if stage is not None:
            found[name] = stage
    return found


def weight_of(layer: Any) -> torch.Tensor:
    """Return the weight that a layer acts with, its adapter included; gradients reach both."""
    if not hasattr(layer, "base_layer"):
        plain: torch.Tensor = layer.weight
        return plain
    weight: torch.Tensor = layer.base_layer.weight
    for name in layer.active_adapters:
        weight = weight + layer.get_delta_weight(name)
    return weight


def merge(body: nn.Module) -> None:
    """Add every adapter to the weight it adapts and take it away; nothing else changes."""
    for name, module in list(body.named_modules()):
        if hasattr(module, "base_layer") and hasattr(module, "merge"):
            module.merge()
            owner, _, place = name.rpartition(".")
            setattr(body.get_submodule(owner), place, module.base_layer)
