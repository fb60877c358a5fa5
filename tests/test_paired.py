"""The exact paired test and its correction, against the library's, and who is told apart."""

from __future__ import annotations

import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from tl_core.paired import Pair, holm, mcnemar_p, pairs_of


@pytest.mark.parametrize("counts", [(0, 0), (1, 0), (3, 3), (8, 1), (2, 17), (600, 500)])
def test_the_exact_test_is_that_of_the_library(counts: tuple[int, int]) -> None:
    expected = min(1.0, mcnemar([[5, counts[0]], [counts[1], 7]], exact=True).pvalue)
    assert mcnemar_p(*counts) == pytest.approx(1.0 if not sum(counts) else expected, rel=1e-9)


@pytest.mark.parametrize("ps", [[0.03], [0.04, 0.01, 0.03], [0.5, 0.6], [0.02, 0.02, 0.9, 0.0]])
def test_the_correction_is_that_of_the_library(ps: list[float]) -> None:
    assert holm(ps) == pytest.approx(list(multipletests(ps, method="holm")[1]))
    assert holm([]) == []


def test_thousands_of_unlike_answers_do_not_overflow() -> None:
    assert mcnemar_p(20_000, 0) == pytest.approx(0.0, abs=1e-300)
    assert 0.04 < mcnemar_p(1045, 955) < 0.05


def test_all_pairs_of_all_groups_are_corrected_together() -> None:
    n = 40
    good, bad, fair = [True] * n, [False] * 12 + [True] * 28, [False] * 6 + [True] * 34
    found = {(p.first, p.second): p for p in pairs_of([{"a": good, "b": bad, "c": fair}])}
    assert (found["a", "b"].only_first, found["a", "b"].only_second, found["a", "b"].n) == (
        12, 0, n
    )  # fmt: skip
    assert found["a", "b"].p_holm == pytest.approx(3 * found["a", "b"].p)
    assert found["a", "b"].better == "a"
    assert found["a", "c"].p == pytest.approx(found["b", "c"].p) == pytest.approx(2 / 64)
    assert found["a", "c"].p_holm == pytest.approx(4 / 64)
    assert found["a", "c"].better == ""
    alone = pairs_of([{"a": good, "c": fair}, {"x": good}])
    assert [p.p_holm for p in alone] == [pytest.approx(2 / 64)]


def test_the_second_can_be_the_better_one() -> None:
    assert Pair("a", "b", 50, 1, 14, 0.001, 0.001).better == "b"
