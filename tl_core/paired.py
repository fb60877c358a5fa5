"""Runs judged on the same examples: the exact paired test, its correction, and what it tells.

Pure, and light enough for the web server: the exact test is a sum of binomial coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

ALPHA = 0.05
"""Two count as told apart below this chance of such a difference where there is none."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs that were judged on the same examples."""

    first: str
    second: str
    n: int
    """Examples that both were judged on."""
    only_first: int
    """Of these, how many the first alone is right on."""
    only_second: int
    p: float
    """Of the exact McNemar test."""
    p_holm: float
    """The same, adjusted for all pairs that are compared with it (Holm 1979)."""

    @property
    def better(self) -> str:
        """The one that does better; empty if the test cannot tell the two apart."""
        if self.p_holm >= ALPHA:
            return ""
        return self.first if self.only_first > self.only_second else self.second


@dataclass(frozen=True, slots=True)
class Unlike:
    """Two runs that make no pairs, as they were judged on different examples."""

    first: str
    second: str
    why: str
    """`data`, `labels`, `edits`, `split` or `examples`: what differs."""
    shared: int
    """Validation examples that both have all the same."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What can be said of several runs by their answers, one example at a time."""

    groups: tuple[tuple[str, ...], ...] = ()
    """Runs judged on the same validation examples, by their ids; the largest group first."""
    pairs: tuple[Pair, ...] = ()
    """Every two of a group."""
    unlike: tuple[Unlike, ...] = ()
    """The first of the first group, and the first of each other one."""
    training: tuple[str, ...] = ()
    """Runs that have not come to their end, and so have given no final answers yet."""
    silent: tuple[str, ...] = ()
    """Runs that will not give any as they are: they broke off, failed, or kept no answers."""


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Return the two-sided p of the exact test (McNemar 1947; Dietterich 1998).

    Args:
        only_first: examples that the first alone is right on.
        only_second: those that the second alone is right on.
    """
    n, fewer = only_first + only_second, min(only_first, only_second)
    ways = term = 1
    for k in range(fewer):
        term = term * (n - k) // (k + 1)
        ways += term
    return min(1.0, 2 * ways / (1 << n))


def holm(ps: Sequence[float]) -> list[float]:
    """Return p values adjusted for there being several (Holm 1979), in their order."""
    adjusted, highest = [0.0] * len(ps), 0.0
    for place, index in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        highest = max(highest, min(1.0, (len(ps) - place) * ps[index]))
        adjusted[index] = highest
    return adjusted


def pairs_of(groups: Sequence[Mapping[str, Sequence[bool]]]) -> tuple[Pair, ...]:
    """Return every two runs of each group with their test, adjusted for all of them together.

    Args:
        groups: run -> which examples it is right on, in the same order within a group.
    """
    told = [
        (first, second, len(group[first]), *_only(group[first], group[second]))
        for group in groups
        for first, second in combinations(group, 2)
    ]
    ps = [mcnemar_p(one, other) for _a, _b, _n, one, other in told]
    return tuple(
        Pair(*fields, p, adjusted) for fields, p, adjusted in zip(told, ps, holm(ps), strict=True)
    )


def _only(first: Sequence[bool], second: Sequence[bool]) -> tuple[int, int]:
    pairs = list(zip(first, second, strict=True))
    return pairs.count((True, False)), pairs.count((False, True))
