"""Words count from a tenth of the probability on, for or against."""

from __future__ import annotations

import pytest

from tl_core.report.weighing import MARKED, spoke


@pytest.mark.parametrize(
    ("weight", "said"), [(MARKED, 1), (2.0, 1), (0.09, 0), (0.0, 0), (-0.09, 0), (-MARKED, -1)]
)
def test_a_word_speaks_for_or_against_or_not_at_all(weight: float, said: int) -> None:
    assert spoke(weight) == said
