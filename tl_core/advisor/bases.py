"""Which base to begin with: measured ones ranked, tested in pairs, ties called ties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.paired import ALPHA, holm, mcnemar_p
from tl_core.spec import Evidence, Hits

SMALLEST_P = 0.001  # that is told; below it the number says no more


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place in the ranking of bases."""

    evidence: Evidence
    static_rank: int
    """Place in the known order before anything is measured; 1 comes first."""
    p_vs_best: float | None = None
    """Of the exact McNemar test against the best; None for the best itself, and where the two
    were not asked about the same examples."""
    p_holm: float | None = None
    """The same, adjusted for there being several comparisons (Holm 1979)."""
    is_tied: bool = False
    """Whether it shares the first place with others: no test tells it from the best."""
    is_recommended: bool = False
    """Whether to begin with it: the only best, or of those that tie the first in the known order,
    then the fastest."""


def rank(measured: Iterable[Evidence], static_ranks: Mapping[str, int]) -> tuple[Ranked, ...]:
    """Return the bases by the accuracy of the linear probe, each tested against the best.

    Args:
        measured: what was measured on one dataset, at most once per base.
        static_ranks: base id -> place in the known order.
    """
    places = [Ranked(e, static_ranks[e.base]) for e in measured]
    places.sort(key=lambda p: (-p.evidence.linear_probe.value, *_prior(p)))
    if not places:
        return ()
    best, others = places[0], _tested(places[0], places[1:])
    best = replace(best, is_tied=any(place.is_tied for place in others))
    level = [best, *(place for place in others if place.is_tied)]
    first = min(level, key=_prior).evidence.base
    return tuple(replace(p, is_recommended=p.evidence.base == first) for p in (best, *others))


def _prior(place: Ranked) -> tuple[int, float]:
    """Return what decides between bases that do as well: the known order, then the cost."""
    return place.static_rank, -place.evidence.forward_per_second


def _tested(best: Ranked, others: Sequence[Ranked]) -> list[Ranked]:
    """Return the others with their tests against the best."""
    ps = [paired_p(best.evidence.probe_hits, other.evidence.probe_hits) for other in others]
    adjusted = iter(holm([p for p in ps if p is not None]))
    found = []
    for other, p in zip(others, ps, strict=True):
        corrected = None if p is None else next(adjusted)
        is_tied = _overlaps(best, other) if corrected is None else corrected >= ALPHA
        found.append(replace(other, p_vs_best=p, p_holm=corrected, is_tied=is_tied))
    return found


def _overlaps(best: Ranked, other: Ranked) -> bool:
    """Judge by intervals what cannot be compared in pairs: it takes more to tell them apart."""
    return other.evidence.linear_probe.high >= best.evidence.linear_probe.low


def paired_p(a: Hits | None, b: Hits | None) -> float | None:
    """Return the p of the exact McNemar test; None if the two make no pairs."""
    if a is None or b is None or a.asked != b.asked or len(a.right) != len(b.right):
        return None
    pairs = list(zip(a.right, b.right, strict=True))
    return mcnemar_p(pairs.count(("1", "0")), pairs.count(("0", "1")))


def recommended(ranking: Sequence[Ranked]) -> Ranked:
    """Return the place to begin with; the ranking must not be empty."""
    return next(place for place in ranking if place.is_recommended)


def sentence(ranking: Sequence[Ranked], title: str) -> str:
    """Return which base to begin with, and why that one.

    Args:
        ranking: at least two places.
        title: what people call the recommended base.
    """
    first, level = recommended(ranking), [place for place in ranking if place.is_tied]
    if not level:
        return _best_alone(ranking, title)
    if all(_speed(first) > _speed(place) for place in level if place is not first):
        return ngettext(
            "{base}: it is the faster of {n} that tie on your data.",
            "{base}: it is the fastest of {n} that tie on your data.",
            len(level) - 1,
        ).format(base=title, n=len(level))
    return _("{base}: of {n} that tie on your data it comes first in the known order.").format(
        base=title, n=len(level)
    )


def _best_alone(ranking: Sequence[Ranked], title: str) -> str:
    """Return that the best is better than each of the others, and how sure that is."""
    ps = [place.p_holm for place in ranking[1:]]
    largest = max((p for p in ps if p is not None), default=0.0)
    if None in ps:
        return _("{base}: a quick test on your data finds it better than the others.").format(
            base=title
        )
    text = ngettext(
        "{base}: a quick test on your data finds it better than the other one (p {p}).",
        "{base}: a quick test on your data finds it better than each of the others (p {p}).",
        len(ps),
    )
    return text.format(base=title, p=chance(largest, "=" if len(ps) == 1 else "≤"))


def chance(p: float, sign: str = "=") -> str:
    """Return a p value with the sign before it: = 0.031, < 0.001."""
    return f"{sign} {wording.number(p)}" if p >= SMALLEST_P else f"< {SMALLEST_P}"


def standing(place: Ranked) -> str:
    """Return how a base stands beside the best, in a few words."""
    if place.is_tied:
        return _("tied first")
    if place.p_holm is not None:
        return _("behind the best (p {p})").format(p=chance(place.p_holm))
    return _("behind the best") if not place.is_recommended else _("the best")


def _speed(place: Ranked) -> float:
    return place.evidence.forward_per_second
