"""One word for how far a task is from what a base knows."""

from __future__ import annotations

import math

from tl_core.spec import Distance

LATE_SHIFT_BORDERS = {"picture": (0.10, 0.20), "text": (0.02, 0.07)}
"""Nats at which near ends and far begins; between places in `benchmarks/landmarks.json`: ants and
bees, 32-pixel photographs, hand signs; shuffled English words, film reviews, German sentences."""
FAR_LEEP = -0.8  # of ln C; hand signs lie at -0.90, 32-pixel photographs at -0.63


def distance_word(late: float | None, leep_per_log_c: float | None, modality: str) -> Distance:
    """Sum up in one word: far if either sign says so, near only if the shift is small.

    The borders are priors: they separate data sets whose places were measured
    (`benchmarks/landmarks.json`) and are not fitted to any outcome of training.
    """
    near_until, far_from = LATE_SHIFT_BORDERS.get(modality, (-math.inf, math.inf))
    if leep_per_log_c is not None and leep_per_log_c <= FAR_LEEP:
        return "far"
    if late is None:
        return "middling"
    if late >= far_from:
        return "far"
    return "near" if late <= near_until else "middling"
