"""What the folds of a short trial thaw came to, each and together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tl_core.engine import scores
from tl_core.spec import Pilot

LIKELY = 0.80


@dataclass(frozen=True)
class Judged:
    """One fold: which of its examples each of the two was right on."""

    probe: scores.Rights
    thawed: scores.Rights
    epochs: int
    """Whole epochs of the thaw that were done; with none there is nothing to compare."""


def summed(judged: Sequence[Judged], **more: Any) -> Pilot:
    """Put the folds together and compare the two, example by example."""
    before = np.concatenate([fold.probe for fold in judged])
    after = np.concatenate([fold.thawed for fold in judged])
    low, high = scores.paired_interval(before, after, scores.CONFIDENCE)
    likely_low, likely_high = scores.paired_interval(before, after, LIKELY)
    return Pilot(
        gain=round(float(after.mean() - before.mean()), 4),
        low=round(low, 4),
        high=round(high, 4),
        likely_low=round(likely_low, 4),
        likely_high=round(likely_high, 4),
        probe=round(float(before.mean()), 4),
        n=len(before),
        **more,
    )
