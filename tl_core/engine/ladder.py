"""The ladder of gradual unfreezing: where each rung begins, and whether it paid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

UPPER_PART = 0.5  # of the cost of a forward pass
ONE_ERROR = 1.0
"""Standard errors by which validation loss must have fallen for a rung to be kept: of two models
that are about as good the simpler one is taken (Breiman and others 1984, the rule of one standard
error). Of rungs that change nothing one in six is kept, which costs nothing but time. A test at
5 % undid a rung worth 1.5 errors on magnet surfaces, where training everything came to 89 instead
of 80 % (`benchmarks/recorded`): with few held-out examples it cannot see gains that matter."""
BEYOND_CHANCE = 1.645
"""Standard errors of a one-sided test at 5 %."""

TINY = 1e-12  # nats; every example changed alike


@dataclass(frozen=True)
class Verdict:
    """Whether validation loss fell, and by how much: a paired test over examples."""

    paid: bool
    """Whether it fell by more than the standard errors asked for."""
    gain: float
    """Mean fall of the loss per validation example, in nats; positive is better."""
    low: float
    """The gain less the standard errors asked for; above 0 where it paid."""
    z: float
    """The gain in standard errors."""
    n: int
    """Validation examples compared."""


def judge(before: Sequence[float], after: Sequence[float], *, errors: float = ONE_ERROR) -> Verdict:
    """Compare the losses of the same validation examples before and after a rung.

    The differences of paired losses vary far less than the losses themselves, so that a small
    validation set can tell more than the two means (Dietterich 1998 on paired tests).

    Args:
        before: loss per validation example, in nats.
        after: the same, in the same order.
        errors: standard errors by which the loss must have fallen.
    """
    gains = np.asarray(before, dtype=float) - np.asarray(after, dtype=float)
    n = len(gains)
    mean = float(gains.mean())
    error = float(gains.std(ddof=1)) / math.sqrt(n) if n > 1 else math.inf
    z = mean / max(error, TINY) if mean else 0.0
    low = mean - errors * error
    return Verdict(z > errors, mean, low, max(-99.0, min(99.0, z)), n)


def first_cut(accuracies: Sequence[float], n: int) -> int | None:
    """Return the segment from which the probes would thaw: the one after the best.

    If the classes are told apart best from an earlier stage, the later ones have turned them into
    something else, and all of these should thaw.

    Args:
        accuracies: held-out accuracy of a linear classifier after each segment, in [0, 1].
        n: examples that each was judged on.

    Returns:
        None if the last stage is as good as any, within one standard error.
    """
    last = len(accuracies) - 1
    best = max(range(last + 1), key=lambda k: (accuracies[k], k))
    error = math.sqrt(max(accuracies[last] * (1 - accuracies[last]), TINY) / n)
    return best + 1 if accuracies[best] - accuracies[last] > error else None


def cuts(costs: Sequence[float], first: int | None = None) -> tuple[int, ...]:
    """Return the first thawed stage of each rung: the upper part of the network, then all of it.

    The first rung thaws the upper half by what a forward pass costs. Thawing the last stage alone
    brought 4 points on hand signs where the half brought 14, and 3 on small photographs where the
    half brought 13 (`benchmarks/recipes.json`): too little to be told from noise, and the ladder
    would have ended there.

    Args:
        costs: share of a forward pass that each stage takes, early to late.
        first: the stage from which the probes would thaw; it counts if it is an earlier one.
    """
    half = max(cut for cut in range(len(costs)) if sum(costs[cut:]) >= UPPER_PART)
    begin = half if first is None else min(half, first)
    return tuple(dict.fromkeys((begin, 0)))
