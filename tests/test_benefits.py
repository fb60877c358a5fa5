"""What follows from a measured benefit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.made_benefit import BASE, LARGER, PRETRAINING, RIGHT, made_benefit, part, share
from tl_core import benefits, files
from tl_core.benefits import SCRATCH, TRANSFERRED, Level, Tick
from tl_core.records import to_dict


def test_parts_are_found_by_way_and_base() -> None:
    found = made_benefit()
    assert found.is_whole
    assert found.whole(TRANSFERRED) == found.parts[2]
    assert [one.base for one in found.others()] == [LARGER]
    assert [one.accuracy.value for one in found.of(SCRATCH)] == list(RIGHT[SCRATCH])
    told = found.against(SCRATCH), found.against(TRANSFERRED, LARGER), found.against(TRANSFERRED)
    assert [one.is_told_apart if one else None for one in told] == [True, False, None]


def test_fewer_labels_do_as_well() -> None:
    saved = benefits.fewer_labels(made_benefit())
    assert saved is not None
    assert (saved.transferred.n, saved.scratch.n, saved.times) == (20, 80, 4.0)


def test_the_head_start_must_come_as_far_as_scratch_ever_did() -> None:
    def found(*levels: tuple[str, int, float]) -> benefits.FewerLabels | None:
        told = (Level(way, n, share(right), (right,), cut=False) for way, n, right in levels)
        return benefits.fewer_labels(made_benefit(levels=tuple(told)))

    high, low = (SCRATCH, 20, 0.8), (SCRATCH, 40, 0.7)
    assert found(high, low, (TRANSFERRED, 20, 0.75)) is None
    saved = found(high, low, (TRANSFERRED, 20, 0.8))
    assert saved is not None
    assert (saved.transferred.n, saved.scratch.n) == (20, 40)
    assert found(high, low, (TRANSFERRED, 40, 0.9)) is None
    assert found((TRANSFERRED, 20, 0.8)) is None
    assert found() is None


def test_both_are_compared_where_both_have_come() -> None:
    both = benefits.faster(made_benefit())
    assert both is not None
    assert both.accuracy == pytest.approx(0.7)
    assert (both.transferred.epoch, both.scratch.epoch) == (2, 6)
    assert (both.transferred.seconds, both.scratch.seconds) == (3.0, 25.0)


def test_a_base_in_the_way_is_compared_at_its_own_best() -> None:
    slow = part(TRANSFERRED, 80, 0.4, was_kept=True)
    quick = part(SCRATCH, 80, 0.8)
    both = benefits.faster(made_benefit(parts=(slow, quick)))
    assert both is not None
    assert (both.accuracy, both.was_kept) == (0.4, True)
    assert (both.transferred.epoch, both.scratch.epoch) == (2, 3)


def test_what_is_not_measured_gives_nothing() -> None:
    found = made_benefit(parts=(), levels=(), versus=())
    assert benefits.faster(found) is None
    assert benefits.inherited_share(found) is None
    assert not found.is_whole
    without = part(SCRATCH, 80, 0.7, curve=())
    assert benefits.faster(made_benefit(parts=(part(TRANSFERRED, 80, 0.9), without))) is None


def test_the_inherited_share_weighs_before_against_here() -> None:
    assert benefits.inherited_share(made_benefit()) == pytest.approx(9.2e8 / (9.2e8 + 8e7))
    assert benefits.inherited_share(made_benefit(pretraining_flops=None)) is None


def test_computing_is_counted_in_passes() -> None:
    assert benefits.spent_before(5, PRETRAINING) == 3 * 2 * 5 * 1000 * 10
    assert benefits.spent_before(None, PRETRAINING) is None
    assert benefits.spent_before(5, None) is None
    frozen = benefits.flops_of(2.0, n=10, n_val=4, epochs=7, moves=False)
    moving = benefits.flops_of(2.0, n=10, n_val=4, epochs=7, moves=True)
    assert (frozen, moving) == (28.0, 2.0 * 7 * 34)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    found = made_benefit()
    files.write_json(tmp_path / "b.json", to_dict(found))
    assert benefits.read(tmp_path / "b.json") == found


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"version": 1}', "7"])
def test_a_damaged_record_is_none(tmp_path: Path, damage: str) -> None:
    (tmp_path / "b.json").write_text(damage)
    assert benefits.read(tmp_path / "b.json") is None
    assert benefits.read(tmp_path / "nowhere.json") is None


def test_a_record_of_another_version_is_none(tmp_path: Path) -> None:
    files.write_json(tmp_path / "b.json", to_dict(replace(made_benefit(), version=0)))
    assert benefits.read(tmp_path / "b.json") is None


def test_a_tick_knows_its_place() -> None:
    assert made_benefit().whole(TRANSFERRED, BASE).curve[0] == Tick(0, 1.0, 0.0)  # type: ignore[union-attr]
