"""Bases ranked: tested in pairs against the best, ties called ties, the reason said."""

from __future__ import annotations

import numpy as np
import pytest

from tests.findings import bare_evidence
from tl_core.advisor.bases import (
    Ranked,
    holm,
    mcnemar_p,
    paired_p,
    rank,
    recommended,
    sentence,
    standing,
)
from tl_core.engine import compare
from tl_core.spec import Accuracy, Evidence, Hits

RANKS = {"first": 1, "second": 2, "third": 3, "mine": 100, "yours": 100}


def hits(right: int, n: int = 100, *, asked: str = "same", late: int = 0) -> Hits:
    """The first `right` examples are right, moved by `late` places."""
    row = "1" * right + "0" * (n - right)
    return Hits(asked, row[-late:] + row[:-late] if late else row)


def evidence(base: str, found: Hits | None, *, speed: float = 10.0, right: int = 0) -> Evidence:
    right = found.right.count("1") if found else right
    return bare_evidence(
        dataset="data-1",
        base=base,
        n=100,
        linear_probe=Accuracy(right / 100, right / 100 - 0.05, right / 100 + 0.05, 100),
        forward_per_second=speed,
        probe_hits=found,
    )


def ranked(*found: Evidence) -> dict[str, Ranked]:
    return {place.evidence.base: place for place in rank(found, RANKS)}


def test_the_order_is_that_of_the_accuracy_and_each_is_tested_against_the_best() -> None:
    places = ranked(
        evidence("first", hits(60)), evidence("second", hits(95)), evidence("third", hits(93))
    )
    assert list(places) == ["second", "third", "first"]
    assert places["second"].p_vs_best is None
    assert places["third"].p_vs_best == pytest.approx(2 * 0.5**2)
    assert places["first"].p_vs_best == pytest.approx(2 * 0.5**35)
    assert places["first"].p_holm == pytest.approx(4 * 0.5**35)
    assert places["third"].p_holm == pytest.approx(0.5)
    assert [p.is_tied for p in places.values()] == [True, True, False]


def test_one_that_is_told_apart_from_all_shares_its_place_with_nobody() -> None:
    places = ranked(evidence("first", hits(60)), evidence("mine", hits(95)))
    assert not any(place.is_tied for place in places.values())
    assert places["mine"].is_recommended
    told = sentence(list(places.values()), "Mine")
    assert told == (
        "Mine: a quick test on your data finds it better than the other one (p < 0.001)."
    )
    assert standing(places["mine"]) == "the best"
    assert standing(places["first"]) == "behind the best (p < 0.001)"


def test_pairs_tell_apart_what_intervals_do_not() -> None:
    better, worse = evidence("first", hits(90)), evidence("second", hits(82))
    assert not ranked(better, worse)["second"].is_tied  # 8 to 0, p = 0.008
    apart = ranked(better, evidence("second", hits(82, late=30)))
    assert apart["second"].is_tied  # as many right, but other ones


def test_the_correction_can_make_a_tie() -> None:
    six = evidence("second", hits(84))  # 6 to 0 against 90: p = 0.031
    best = evidence("first", hits(90))
    assert not ranked(best, six)["second"].is_tied
    more = [evidence(name, hits(84)) for name in ("third", "mine")]
    assert ranked(best, six, *more)["second"].is_tied
    two = rank([best, six], RANKS)
    assert standing(two[1]) == "behind the best (p = 0.031)"
    worse = rank([best, evidence("second", hits(82)), evidence("third", hits(83))], RANKS)
    assert sentence(worse, "First").endswith("better than each of the others (p ≤ 0.016).")


def test_of_those_that_tie_the_known_order_decides_then_speed() -> None:
    known = ranked(
        evidence("mine", hits(92), speed=99.0),
        evidence("second", hits(91), speed=50.0),
        evidence("third", hits(90), speed=70.0),
    )
    assert known["second"].is_recommended
    assert sum(place.is_recommended for place in known.values()) == 1
    told = sentence(list(known.values()), "Second")
    assert told == "Second: of 3 that tie on your data it comes first in the known order."
    unknown = ranked(
        evidence("mine", hits(92), speed=10.0), evidence("yours", hits(91), speed=20.0)
    )
    assert unknown["yours"].is_recommended
    told = sentence(list(unknown.values()), "Yours")
    assert told == "Yours: it is the faster of 2 that tie on your data."


def test_the_fastest_of_those_that_tie_is_called_so() -> None:
    places = rank(
        [
            evidence("first", hits(90), speed=30.0),
            evidence("second", hits(92), speed=20.0),
            evidence("third", hits(91), speed=10.0),
            evidence("mine", hits(20), speed=99.0),
        ],
        RANKS,
    )
    assert recommended(places).evidence.base == "first"
    assert sentence(places, "First") == "First: it is the fastest of 3 that tie on your data."
    assert [standing(p) for p in places[:3]] == ["tied first"] * 3


def test_without_pairs_intervals_decide_and_no_p_is_claimed() -> None:
    best = evidence("first", hits(90))
    for other in (
        evidence("second", None, right=86),
        evidence("second", hits(86, asked="others")),
        evidence("second", hits(43, n=50)),
    ):
        other_share = Accuracy(0.86, 0.81, 0.91, 100)
        place = ranked(best, _with(other, other_share))["second"]
        assert (place.p_vs_best, place.p_holm, place.is_tied) == (None, None, True)
    far = ranked(best, evidence("second", None, right=70))
    assert not far["second"].is_tied
    assert standing(far["second"]) == "behind the best"
    told = sentence(list(far.values()), "First")
    assert told == "First: a quick test on your data finds it better than the others."


def _with(found: Evidence, share: Accuracy) -> Evidence:
    from dataclasses import replace

    return replace(found, linear_probe=share)


def test_one_base_alone_is_neither_tied_nor_tested() -> None:
    (place,) = rank([evidence("mine", hits(50))], RANKS)
    assert (place.is_tied, place.is_recommended, place.p_vs_best) == (False, True, None)
    assert rank([], RANKS) == ()


@pytest.mark.parametrize("counts", [(0, 0), (1, 0), (3, 3), (8, 1), (2, 17), (600, 500)])
def test_the_exact_test_agrees_with_that_of_races(counts: tuple[int, int]) -> None:
    first = np.array([True] * counts[0] + [False] * counts[1] + [True] * 5)
    second = np.array([False] * counts[0] + [True] * counts[1] + [True] * 5)
    assert mcnemar_p(*counts) == pytest.approx(compare.mcnemar_p(first, second), rel=1e-9)


@pytest.mark.parametrize("ps", [[], [0.03], [0.04, 0.01, 0.03], [0.5, 0.6], [0.02, 0.02, 0.9, 0.0]])
def test_the_correction_agrees_with_that_of_races(ps: list[float]) -> None:
    assert holm(ps) == pytest.approx(compare.holm(ps))


def test_thousands_of_unlike_answers_do_not_overflow() -> None:
    assert mcnemar_p(2000, 0) == pytest.approx(0.0, abs=1e-300)
    assert 0.04 < mcnemar_p(1045, 955) < 0.05
    assert paired_p(None, hits(3)) is None
