"""Where gradual thawing would begin and how deep it may go, from what was measured.

The same rules by which the engine lays out its rungs; a test compares them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tl_core.spec import Evidence

UPPER_PART = 0.5
_TINY = 1e-12


def thaw_cuts(evidence: Evidence) -> tuple[int, ...]:
    """Return the number of the first thawed stage of each rung, the upper part first."""
    costs = [stage.cost for stage in evidence.stages]
    probes = {probe.stage: probe.accuracy for probe in evidence.stage_probes or ()}
    names = [stage.name for stage in evidence.stages]
    if probes.keys() != set(names):
        return rungs(costs, None)
    return rungs(costs, first_cut([probes[name] for name in names], evidence.linear_probe.n))


def expected_cut(evidence: Evidence) -> int:
    """Return the first stage that is expected to have thawed in the end: that of the first rung,
    since the last, which moves everything, is often undone."""
    return thaw_cuts(evidence)[0]


def first_cut(accuracies: Sequence[float], n: int) -> int | None:
    """Return the stage after the best one; None if the last is as good as any.

    Args:
        accuracies: of a linear probe on each stage, early to late, in [0, 1].
        n: examples that each was judged on.
    """
    last = len(accuracies) - 1
    best = best_stage(accuracies)
    error = math.sqrt(max(accuracies[last] * (1 - accuracies[last]), _TINY) / n)
    return best + 1 if accuracies[best] - accuracies[last] > error else None


def best_stage(accuracies: Sequence[float]) -> int:
    """Return the stage whose probe does best, the later one of two alike."""
    return max(range(len(accuracies)), key=lambda stage: (accuracies[stage], stage))


def rungs(costs: Sequence[float], first: int | None) -> tuple[int, ...]:
    """Return the first thawed stage of each rung: the upper part, then everything.

    Args:
        costs: share of a forward pass that each stage takes, early to late.
        first: the stage from which the probes would thaw; it counts if it is an earlier one.
    """
    half = max(cut for cut in range(len(costs)) if sum(costs[cut:]) >= UPPER_PART)
    begin = half if first is None else min(half, first)
    return tuple(dict.fromkeys((begin, 0)))
