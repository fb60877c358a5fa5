"""What strategies would have reached in less time, by the curves of the recorded runs.

Such a run knows nothing of its end: it stops when the time is up and keeps the epoch with the
lowest loss. So what it had at half the time is what half the time would have given, but for the
mixing with the pretrained weights that ends a run, which is left out of what is told here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from advisor_cells import NEEDED, Sample

FULL, THAWED = "full_fine_tune", "gradual_unfreezing"
SHARES = (1.0, 0.75, 0.5, 0.25)


def _curve(sample: Sample, strategy: str) -> list[tuple[float, float]]:
    """Return (seconds, accuracy of the best weights so far) after each epoch."""
    found, lowest, accuracy = [], float("inf"), 0.0
    for epoch in sample.runs[strategy].epochs:
        if epoch["phase"] == "before":
            continue
        if epoch["val_loss"] < lowest:
            lowest, accuracy = epoch["val_loss"], float(epoch["val_accuracy"])
        found.append((float(epoch["seconds"]), accuracy))
    return found


def lost(sample: Sample, strategy: str, share: float) -> float:
    """Return the points below its end that a strategy stands after a share of its time.

    What stays frozen is fitted in seconds and loses nothing.
    """
    if strategy in NEEDED[:2]:
        return 0.0
    curve = _curve(sample, strategy)
    until = share * sample.minutes(strategy) * 60
    stands = next((a for t, a in reversed(curve) if t <= until), curve[0][1])
    return 100 * (curve[-1][1] - stands)


def minutes_to_match(sample: Sample, strategy: str) -> tuple[float, bool]:
    """Return the minutes until a strategy stands where full fine-tuning ends, and whether it does.

    One that never does is counted with all its time.
    """
    goal, whole = sample.accuracy(FULL), sample.minutes(strategy)
    if strategy in NEEDED[:2]:
        return whole, sample.accuracy(strategy) >= goal
    reached = (t / 60 for t, accuracy in _curve(sample, strategy) if accuracy >= goal)
    return next(
        ((minutes, True) for minutes in reached), (whole, sample.accuracy(strategy) >= goal)
    )


def figures(
    samples: Sequence[Sample], picked: Sequence[str], regret: Callable[[Sample, str], float]
) -> dict[str, Any]:
    """Return regret by share of the time, and time to match full fine-tuning.

    Args:
        samples: what is judged.
        picked: what the advice picks for each.
        regret: points below the best that a strategy ends at, given its whole time.
    """
    whole = sum(s.minutes(FULL) for s in samples)
    found = {}
    for name, choice in {
        "advisor": picked,
        f"always {THAWED}": [THAWED] * len(samples),
        f"always {FULL}": [FULL] * len(samples),
    }.items():
        pairs = list(zip(samples, choice, strict=True))
        matched = [minutes_to_match(s, c) for s, c in pairs]
        found[name] = {
            "regret by share of the time": {
                f"{share:g}": round(
                    float(np.mean([regret(*p) + lost(*p, share) for p in pairs])), 2
                )
                for share in SHARES
            },
            "time to match": round(sum(minutes for minutes, _did in matched) / whole, 3),
            "matched": sum(did for _minutes, did in matched),
        }
    return found
