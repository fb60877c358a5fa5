"""Folds of a short trial thaw put together."""

from __future__ import annotations

import numpy as np
import pytest

from tl_core.evidence.judged import Judged, summed


def test_folds_are_compared_example_by_example() -> None:
    rights = np.array([True, False, True, False])
    folds = (Judged(rights, np.array([True, True, True, False]), 3), Judged(rights, ~rights, 3))
    found = summed(
        folds, folds=2, epochs=3, steps=9, thaw_from="5", seconds=1.0, stopped_early=False
    )
    assert (found.n, found.folds, found.steps) == (8, 2, 9)
    assert found.probe == 0.5
    assert found.gain == pytest.approx(0.125)
    assert found.low < found.likely_low < found.gain < found.likely_high < found.high
