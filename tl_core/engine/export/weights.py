"""Weights as safetensors, in the layout that timm and transformers load by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from tl_core import files
from tl_core.engine.export.network import HEAD, Portable
from tl_core.engine.modality import Backbone

WEIGHTS, CONFIG = "model.safetensors", "config.json"
HEAD_FILE = f"{HEAD}.safetensors"
TIMM_KEYS = ("mean", "std", "crop_pct", "interpolation", "input_size", "pool_size", "first_conv")


def write(folder: Path, portable: Portable, backbone: Backbone, labels: list[str]) -> None:
    """Write weights, configuration and, for texts, the tokenizer.

    Pictures: `timm.create_model("local-dir:FOLDER", pretrained=True)` loads it. Texts:
    `AutoModel.from_pretrained(FOLDER)` does. A classifier that has no place in such a network is
    beside it, as `head.safetensors`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if "tokenizer" in backbone.input_config:
        portable.body.save_pretrained(folder, safe_serialization=True)
        backbone.input_config["tokenizer"].save_pretrained(folder)
    else:
        save_file(contiguous(portable.body), folder / WEIGHTS)
        files.write_json(folder / CONFIG, timm_config(portable, backbone, labels))
    if portable.classifier is not None:
        save_file(contiguous(portable.classifier), folder / HEAD_FILE)


def contiguous(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return a copy of the module's state as safetensors takes it."""
    return {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in module.state_dict().items()
    }


def timm_config(portable: Portable, backbone: Backbone, labels: list[str]) -> dict[str, Any]:
    """Return the configuration that timm reads beside weights of its own format."""
    known = backbone.input_config
    size = backbone.size
    cfg = {key: known[key] for key in TIMM_KEYS if known.get(key) is not None}
    classifier = known.get("classifier")
    count = 0 if portable.classifier is not None else len(labels)
    cfg |= {
        "input_size": [3, size, size],
        "interpolation": "bicubic",
        "crop_mode": "center",
        "num_classes": count,
        "classifier": classifier,
        "label_names": list(labels),
    }
    cfg = {key: list(v) if isinstance(v, tuple) else v for key, v in cfg.items()}
    return {
        "architecture": backbone.base.architecture,
        "num_classes": count,
        "num_features": backbone.width,
        "label_names": list(labels),
        "pretrained_cfg": cfg,
    }
