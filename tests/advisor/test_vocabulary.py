"""Conditions and sources."""

from __future__ import annotations

import pytest

from tl_core.advisor.vocabulary import OPERATORS, Condition, Source, all_hold


@pytest.mark.parametrize(
    ("op", "expected"),
    [("<", [True, False, False]), ("<=", [True, True, False]), (">", [False, False, True]),
     (">=", [False, True, True]), ("==", [False, True, False]), ("!=", [True, False, True])],
)  # fmt: skip
def test_operators(op: str, expected: list[bool]) -> None:
    assert [Condition("n", op, 5).holds({"n": n}) for n in (4, 5, 6)] == expected


@pytest.mark.parametrize("op", OPERATORS)
def test_what_was_not_measured_never_holds(op: str) -> None:
    assert not Condition("n", op, 5).holds({"n": None})
    assert not Condition("n", op, 5).holds({})


def test_no_conditions_always_hold() -> None:
    assert all_hold((), {})


def test_citation_leaves_out_what_there_is_not() -> None:
    assert Source("T", "Lee, Kim", 2021, "arXiv 1", "").citation == "Lee, Kim 2021, arXiv 1"
    assert Source("T", "", 0, "", "").citation == ""
