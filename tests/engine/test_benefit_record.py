"""The record: begun, added to, kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.made_benefit import BASE, LARGER, part
from tl_core.benefits import SCRATCH, TRANSFERRED, Benefit
from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.engine import benefit_record as record_of
from tl_core.spec import RunSpec


@pytest.fixture
def begun(record: Callable[..., Dataset]) -> Benefit:
    dataset = record([0, 1] * 50)
    parts = split(dataset, val_fraction=0.2, seed=0)
    return record_of.begun(RunSpec("benefit", dataset.id, size=64), dataset, parts, 2)


def test_it_begins_with_what_is_planned(begun: Benefit) -> None:
    assert begun.sizes == (10, 20, 40, 80)
    assert begun.planned == 2 * 4 + 2 + 2 * 2 * 3
    assert (begun.strategy, begun.minutes, begun.n_val) == ("linear_probe", 5.0, 20)
    assert begun.pretraining is not None
    assert begun.pretraining_flops == pytest.approx(6 * 385187552 * 1281167 * 350)


def test_levels_are_means_over_draws(begun: Benefit) -> None:
    one, two = part(TRANSFERRED, 20, 0.6), part(TRANSFERRED, 20, 0.8, draw=1, cut="time")
    found = record_of.added(record_of.added(begun, one, seconds=3.0), two, seconds=7.04)
    (level,) = found.levels
    assert (level.accuracy.value, level.each, level.cut) == (0.7, (0.6, 0.8), True)
    assert level.accuracy.low < 0.7 < level.accuracy.high
    assert level.accuracy.n == 50
    assert found.seconds == 7.0


def test_what_there_was_no_time_for_is_counted_and_asked_for_again(
    begun: Benefit, tmp_path: Path
) -> None:
    found = record_of.added(begun, None, seconds=1.0)
    assert (found.skipped, found.parts) == (1, ())
    record_of.write(tmp_path, found)
    again = record_of.read(tmp_path)
    assert again is not None
    assert (again.skipped, again.seconds) == (0, 1.0)
    assert record_of.read(tmp_path / "nowhere") is None


def test_whole_trainings_are_tested_in_pairs(begun: Benefit) -> None:
    found = begun
    for one in (
        part(TRANSFERRED, 80, 0.9),
        part(SCRATCH, 80, 0.3),
        part(TRANSFERRED, 80, 0.92, base=LARGER),
        part(SCRATCH, 20, 0.3),
    ):
        found = record_of.added(found, one, seconds=1.0)
    assert [(v.way, v.base, v.is_told_apart) for v in found.versus] == [
        (SCRATCH, BASE, True),
        (TRANSFERRED, LARGER, False),
    ]
    assert [level.way for level in found.levels] == [TRANSFERRED, SCRATCH, SCRATCH]
