"""What must be known beside the weights: labels, how inputs are made, where it comes from."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from tl_core import __version__
from tl_core.catalog import Base
from tl_core.data.dataset import Dataset
from tl_core.engine.export.network import Portable
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.encoder import Encoder

FILE = "model.json"
FORMAT_VERSION = 1
PACKAGES = ("torch", "torchvision", "timm", "transformers", "tokenizers", "pillow", "numpy")
DEFAULT_CROP = 0.875  # of timm where a base does not say how it crops


def describe(
    portable: Portable, backbone: Backbone, dataset: Dataset, run_id: str
) -> dict[str, Any]:
    """Return the description as plain JSON values; holds class names, which are untrusted."""
    is_text = isinstance(backbone.body, Encoder)
    return {
        "format": FORMAT_VERSION,
        "modality": dataset.modality,
        "labels": list(dataset.classes),
        "input": _text_input(backbone) if is_text else picture_input(backbone),
        "network": _network(portable, backbone),
        "base": base_of(backbone.base),
        "run": run_id,
        "versions": versions(),
    }


def picture_input(backbone: Backbone) -> dict[str, Any]:
    """Return how a picture file becomes numbers."""
    config = backbone.input_config
    canvas = round(backbone.size / float(config.get("crop_pct") or DEFAULT_CROP))
    return {
        "size": backbone.size,
        "canvas": canvas,
        "decoding": "first frame; a JPEG may be drafted to no edge below `canvas`; turned upright "
        "by its Exif tag; see-through parts on white; 16-bit and floating-point grey scaled to 8",
        "colour": "RGB",
        "interpolation": "bicubic",
        "resize": "the central square, scaled to `canvas` (Pillow's ImageOps.fit)",
        "crop": "the central `size` x `size` pixels",
        "scale": 1 / 255,
        "mean": [float(value) for value in config["mean"]],
        "std": [float(value) for value in config["std"]],
        "layout": "batch, channel, row, column",
    }


def _text_input(backbone: Backbone) -> dict[str, Any]:
    return {
        "most_tokens": backbone.size,
        "tidying": "Unicode NFC; line ends as \\n; control characters as spaces; no outer space",
        "special_tokens": True,
        "tokenizer": "tokenizer.json",
        "padding": "at the end, with attention_mask 0",
    }


def _network(portable: Portable, backbone: Backbone) -> dict[str, Any]:
    found: dict[str, Any] = {
        "library": "timm",
        "architecture": backbone.base.architecture,
        "taps": list(portable.taps),
    }
    if isinstance(backbone.body, Encoder):
        found["library"] = "transformers"
        found["architecture"] = type(portable.body).__name__
        found["pooling"] = "last" if backbone.body.last_token else "mean"
        found["taps"] = [int(tap) for tap in portable.taps]
    return found


def base_of(base: Base) -> dict[str, Any]:
    """Return where the base comes from, as far as that is known."""
    return {
        "id": base.id,
        "title": base.title,
        "architecture": base.architecture,
        "source": base.source,
        "licence": base.licence or None,
        "licence_note": base.licence_note or None,
        "sha256": base.sha256 or base.weights or None,
    }


def versions() -> dict[str, str]:
    """Return the versions of what computed it."""
    found = {"thaw": __version__}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # not needed by every modality
            continue
    return found
