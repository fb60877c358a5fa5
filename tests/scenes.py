"""Drawn pictures with something to see in them, different for every seed."""

from __future__ import annotations

import numpy as np
from PIL import Image


def scene(seed: int) -> Image.Image:
    """Return a picture of coloured discs on a smooth ground, different for every seed."""
    rng = np.random.default_rng(seed)
    ground = Image.fromarray(rng.integers(0, 256, (3, 3, 3), np.uint8))
    picture = np.asarray(ground.resize((120, 120), Image.Resampling.BICUBIC)).copy()
    y, x = np.mgrid[:120, :120]
    for _disc in range(5):
        cy, cx, r = rng.integers(10, 110), rng.integers(10, 110), rng.integers(8, 30)
        picture[(y - cy) ** 2 + (x - cx) ** 2 < r * r] = rng.integers(0, 256, 3)
    return Image.fromarray(picture)
