"""Shares of counted things with their intervals, in plain Python: for the web server too."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

CONFIDENCE = 0.95
Z95 = statistics.NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_HALF_EACH = 0.5  # of a right and of a wrong one: the prior of Jeffreys


@dataclass(frozen=True, slots=True)
class Span:
    """A number with the ends of an interval about it."""

    value: float
    low: float
    high: float


def wilson(share: float, n: int) -> Span:
    """Return a share of `n` with its 95 % interval (Wilson 1927)."""
    z2 = Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Span(share, max(centre - half, 0.0), min(centre + half, 1.0))


def foretold_counts(right: int, n: int, *, of: int) -> tuple[int, int]:
    """Return how many of `of` new ones will be right, from and to, in 95 of 100 cases.

    It covers both that only `n` were judged and that the new ones are only so many: the
    beta-binomial distribution that follows from the prior of Jeffreys (Brown, Cai and DasGupta
    2001, Statistical Science 16), its ends cut off evenly.

    Args:
        right: of those judged, 0 to `n`.
        n: judged, at least 1.
        of: new ones, at least 1.
    """
    a, b = right + _HALF_EACH, n - right + _HALF_EACH
    tail, below, low, high = (1 - CONFIDENCE) / 2, 0.0, 0, of
    for count in range(of + 1):
        before, below = below, below + math.exp(_log_chance(count, of, a, b))
        if before <= tail < below:
            low = count
        if before < 1 - tail <= below:
            high = count
            break
    return low, high


def _log_chance(count: int, of: int, a: float, b: float) -> float:
    """Return the logarithm of the beta-binomial chance of `count` among `of`."""
    ways = math.lgamma(of + 1) - math.lgamma(count + 1) - math.lgamma(of - count + 1)
    return ways + _log_beta(count + a, of - count + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
