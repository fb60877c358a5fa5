"""Findings about texts: told of texts, with the limits that hold."""

from __future__ import annotations

import pytest

from tl_core.data import limits
from tl_core.data.audit_checks import AUDIT_CHECKS
from tl_core.data.checks import CHECKS
from tl_core.data.text_checks import ALL_CHECKS, TEXT_CHECKS, told_of


@pytest.mark.parametrize("check", TEXT_CHECKS)
@pytest.mark.parametrize("n", [1, 7])
def test_what_is_found_in_texts_is_told_of_texts(check: str, n: int) -> None:
    told = told_of(check, "text")
    words = told.effect(n).format(n=n)
    assert words.startswith(f"{n} ")
    assert "picture" not in words + told.fix
    assert told.fix.endswith(".")


def test_the_rest_is_told_as_of_pictures() -> None:
    assert told_of("encrypted", "text") is CHECKS["encrypted"]
    assert told_of("leak", "picture") is CHECKS["leak"]
    assert told_of("empty_texts", "picture") is TEXT_CHECKS["empty_texts"]
    assert set(ALL_CHECKS) == CHECKS.keys() | AUDIT_CHECKS.keys() | TEXT_CHECKS.keys()
    with pytest.raises(KeyError):
        told_of("nothing", "text")


def test_the_numbers_told_are_those_that_hold() -> None:
    assert f"{limits.MAX_TEXT_CHARS:,}" in TEXT_CHECKS["long_texts"].effect(1)
    assert f"{limits.MAX_TEXT_BYTES >> 20} MB" in TEXT_CHECKS["too_large"].effect(1)
    assert f"at least {limits.MIN_PER_CLASS}" in TEXT_CHECKS["small_class"].fix
