"""What leaves a layer as maps, channel by channel and place by place; and pictures lit by them."""

from __future__ import annotations

import base64
import io
import math

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.nn import functional

from tl_core.engine.modality import Backbone

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

_FEWEST_TOKENS = 4  # of fewer there is no square
_DIMMEST = 0.2  # of what a map does not light, beside 1 of its brightest place
_QUALITY = 80


def is_map(shape: torch.Size) -> bool:
    """Tell whether a value of this shape is [batch, channels, edge, edge]."""
    return len(shape) == 4 and shape[-1] == shape[-2] > 1


def edge_of(shape: torch.Size) -> int | None:
    """Return the edge of the grid of places in a value of this shape, if it has any."""
    if len(shape) == 4:
        edge = shape[-1] if shape[-1] == shape[-2] else shape[1]
        return int(edge) if edge > 1 else None
    if len(shape) == 3 and shape[1] >= _FEWEST_TOKENS:
        return math.isqrt(shape[1])
    return None


def maps_of(value: torch.Tensor) -> torch.Tensor | None:
    """Return maps, [batch, h, w, c] or tokens [batch, t, c] as [batch, c, h, w].

    Class tokens, which stand for no place, come before the others and are left out. None for a
    value without places.
    """
    edge = edge_of(value.shape)
    if edge is None:
        return None
    if value.ndim == 4:
        return value if is_map(value.shape) else value.permute(0, 3, 1, 2)
    tokens = value[:, -edge * edge :]
    return tokens.transpose(1, 2).reshape(len(value), -1, edge, edge)


def visible(inputs: torch.Tensor, backbone: Backbone) -> Pixels:
    """Return inputs as pictures, [n, h, w, 3]."""
    mean, std = (
        torch.tensor(backbone.input_config[name])[:, None, None] for name in ("mean", "std")
    )
    pixels = (255 * (inputs.detach() * std + mean)).clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).numpy()


def spread(own: torch.Tensor, edge: int) -> Floats:
    """Return what of a map, [h, w], lies above 0, over a whole picture: [edge, edge] in [0, 1]."""
    light = functional.interpolate(
        own.clamp_min(0)[None, None], size=(edge, edge), mode="bilinear", align_corners=False
    )[0, 0].double()
    top = float(light.max())
    found: Floats = (light / top if top > 0 else light).numpy()
    return found


def lit(picture: Pixels, light: Floats) -> Pixels:
    """Return a picture, [edge, edge, 3], dark where `light`, [edge, edge] in [0, 1], is 0."""
    shown: Pixels = (picture * (_DIMMEST + (1 - _DIMMEST) * light)[..., None]).astype(np.uint8)
    return shown


def jpeg(pixels: Pixels) -> str:
    """Return pixels, [h, w, 3], as a JPEG in base64."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=_QUALITY)
    return base64.b64encode(stream.getvalue()).decode()


def shrunk(picture: Pixels, edge: int) -> Pixels:
    """Return a picture, [h, w, 3], as [edge, edge, 3]."""
    small = Image.fromarray(picture).resize((edge, edge), Image.Resampling.LANCZOS)
    return np.asarray(small, dtype=np.uint8)
