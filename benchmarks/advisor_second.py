"""What it brings to read all depths of the frozen base too, where a run that changed it reached no
more than that was measured to give (`tl_core.watch.all_depths` says so after such a run).

The better of the two is picked on one half of the judged examples and scored on the other, then the
halves change places, as the best strategy is that it is compared with.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from advisor_cells import NEEDED, Sample

from tl_core.watch.all_depths import CHANGING, may_do_as_well

SECOND = "multi_stage_probe"


def seconds(samples: Sequence[Sample], picked: Sequence[str]) -> list[bool]:
    """Return for which samples the second look is taken."""
    found = []
    for sample, strategy in zip(samples, picked, strict=True):
        told = sample.evidence.multi_stage_probe
        found.append(
            strategy in CHANGING
            and told is not None
            and may_do_as_well(dataclasses.asdict(told), sample.accuracy(strategy))
        )
    return found


def regret(sample: Sample, chosen: str) -> float:
    """Return how far the better of `chosen` and of all depths stays below the best, in points."""
    first, second = sample.halves()
    lost = []
    for pick, score in ((first, second), (second, first)):
        best = max(NEEDED, key=lambda name: sample.accuracy(name, pick))
        kept = max((chosen, SECOND), key=lambda name: sample.accuracy(name, pick))
        lost.append(sample.accuracy(best, score) - sample.accuracy(kept, score))
    return 100 * float(np.mean(lost))
