"""Pictures that stand out by themselves: their shape, size, colour or emptiness. No network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tl_core.data.alike import FLAT
from tl_core.data.dataset import Dataset
from tl_core.data.traits import GREY, Traits

EXTREME_SHAPE = 4.0
"""Longer over shorter edge from which a picture counts as extreme. Models see squares: of such a
one three quarters are cut off or squeezed."""
FEW_PIXELS = 32
"""Shorter edge below which little is left for a model that looks at 128 to 224 pixels; a prior."""
MOST_OF_ALL = 0.5
"""An oddity of more than this share is what the data are like, not what stands out."""

Bools = npt.NDArray[np.bool_]


def oddities(dataset: Dataset, traits: Traits) -> dict[str, list[int]]:
    """Return the pictures that stand out, by check, as indices into `dataset.examples`.

    Args:
        dataset: of pictures.
        traits: [n] of `traits.TRAIT`, in the same order.
    """
    edges = np.array([(e.width, e.height) for e in dataset.examples], dtype=np.float64)
    shape = edges.max(1) / np.maximum(edges.min(1), 1)
    is_grey = traits["colour"] <= GREY
    signs: dict[str, Bools] = {
        "flat": traits["contrast"] < FLAT,
        "extreme_shape": shape >= EXTREME_SHAPE,
        "few_pixels": edges.min(1) < FEW_PIXELS,
        "grey": is_grey,
        "turned": traits["is_turned"],
    }
    found = {check: np.flatnonzero(sign).tolist() for check, sign in signs.items()}
    usual = MOST_OF_ALL * len(dataset.examples)
    return {
        check: rows
        for check, rows in found.items()
        if rows and (len(rows) <= usual or check in ("flat", "few_pixels", "turned"))
    }
