"""The map of features: kept with what was measured, and told without more than that says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tl_core.analysis import feature_map
from tl_core.analysis.feature_map import FeatureMap, Measured, Tidiness
from tl_core.shares import Span

MEASURED = Measured(
    *(10, 40, Tidiness(0.7, 0.1), Tidiness(0.9, 0.4), Span(0.2, 0.1, 0.3), 0.25, "tsne")
)


def made(measured: Measured = MEASURED, n: int = 5) -> FeatureMap:
    points = np.arange(2.0 * n).reshape(n, 2)
    rows = np.arange(n)
    return FeatureMap(rows, rows % 2, rows < 2, points, points[::-1], measured)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert feature_map.read(tmp_path) is None
    feature_map.write(tmp_path, made())
    found = feature_map.read(tmp_path)
    assert found is not None
    assert found.measured == MEASURED
    assert found.is_val.tolist() == [True, True, False, False, False]
    assert found.after is not None
    assert found.after.tolist() == made().before[::-1].tolist()
    feature_map.write(tmp_path, replace(made(), after=None))
    found = feature_map.read(tmp_path)
    assert found is not None
    assert found.after is None


def test_damaged_maps_are_none(tmp_path: Path) -> None:
    feature_map.write(tmp_path, made())
    (tmp_path / feature_map.ARRAYS_FILE).write_bytes(b"PK\x03\x04 torn")
    assert feature_map.read(tmp_path) is None
    feature_map.write(tmp_path, made(replace(MEASURED, version=9)))
    assert feature_map.read(tmp_path) is None


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (Span(0.2, 0.1, 0.3), "closer together."),
        (Span(-0.2, -0.3, -0.1), "mixed the classes"),
        (Span(0.01, -0.1, 0.12), "too close to call"),
    ],
)
def test_tuning_is_judged_by_the_interval(gain: Span, words: str) -> None:
    told = feature_map.told(replace(MEASURED, gain=gain))
    assert told[-1].endswith(words) or words in told[-1]
    assert "70 % are of its class" in told[0]
    assert "it is 90 %" in told[1]


def test_a_base_left_alone_and_one_that_was_none() -> None:
    same = feature_map.told(replace(MEASURED, after=None, gain=None))
    assert "left as it was" in same[-1]
    scratch = feature_map.told(replace(MEASURED, after=None, gain=None, inherits=False))
    assert "there is no before" in scratch[0]
