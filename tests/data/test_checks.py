"""The table of checks: complete, speakable, and true to the limits it quotes."""

from __future__ import annotations

import pytest

from tl_core.data import limits
from tl_core.data.audit_checks import AUDIT_CHECKS
from tl_core.data.check import SEVERITIES
from tl_core.data.checks import CHECKS

EVERY = CHECKS | AUDIT_CHECKS


@pytest.mark.parametrize("check", sorted(EVERY))
def test_every_check_speaks_in_one_and_in_many(check: str) -> None:
    told = EVERY[check]
    assert told.severity in SEVERITIES
    for n in (1, 7):
        sentence = told.effect(n).format(n=n)
        assert sentence.startswith(f"{n} ")
        assert sentence.endswith(".")
        assert "{" not in sentence
    assert told.effect(1) != told.effect(2)
    assert told.fix == "" or told.fix.endswith(".")
    assert told.severity == "info" or told.fix


def test_the_texts_quote_the_limits() -> None:
    large = CHECKS["too_large"].effect(1)
    assert f"{limits.MAX_PICTURE_BYTES >> 20} MB" in large
    assert f"{limits.MAX_PICTURE_PIXELS // 10**6} million pixels" in large
    assert f"less than {limits.MIN_EDGE_PX} pixels" in CHECKS["too_small"].effect(1)
    assert f"more than {limits.MAX_ZIP_RATIO} times" in CHECKS["overpacked"].effect(1)
    assert f"at least {limits.MIN_PER_CLASS}" in CHECKS["small_class"].fix
