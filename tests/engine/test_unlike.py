"""How unlike something is: by the nearest training example, beside the held-out ones."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from tl_core import files
from tl_core.engine import unlike
from tl_core.engine.unlike import FILE, Familiar


def spread(n: int, seed: int, *, centre: int = 0) -> torch.Tensor:
    """Return [n, 8] points around an axis."""
    noise = 0.1 * torch.randn(n, 8, generator=torch.Generator().manual_seed(seed))
    noise[:, centre] += 1
    return noise


@pytest.fixture
def known() -> Familiar:
    return unlike.familiar(spread(50, 0), spread(40, 1))


def test_a_training_example_lies_nearest_and_another_axis_far_off(known: Familiar) -> None:
    asked = torch.cat([3 * spread(50, 0)[:1], spread(1, 2, centre=5)])
    copy, other = unlike.unlike(known, asked)
    assert copy.score == pytest.approx(0.0, abs=0.01)
    assert (copy.flag, copy.farther_than) == (False, 0.0)
    assert other.flag
    assert other.score > 2
    assert other.farther_than == 1.0


def test_so_many_of_its_own_kind_are_flagged_as_the_border_says(known: Familiar) -> None:
    new = unlike.unlike(known, spread(400, 3))
    share = sum(one.flag for one in new) / len(new)
    assert 0.01 <= share <= 0.15
    held_out = unlike.unlike(known, spread(40, 1))
    assert sum(one.flag for one in held_out) == 2
    for one in new:
        assert one.flag == (one.score > 1)
        assert 0 <= one.farther_than <= 1


def test_the_distance_is_the_chord_between_features_of_length_one() -> None:
    found = unlike.familiar(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 5.0], [1.0, 1.0]]))
    near = math.sqrt(2 - math.sqrt(2))
    assert found.held_out == pytest.approx((near, math.sqrt(2)), abs=1e-5)
    assert found.border == pytest.approx(near + 0.95 * (math.sqrt(2) - near), abs=1e-5)


def test_a_set_of_copies_has_a_border_above_zero() -> None:
    same = torch.ones(4, 3)
    found = unlike.familiar(same, same)
    assert found.border > 0
    assert not unlike.unlike(found, same)[0].flag
    assert unlike.unlike(found, torch.tensor([[1.0, 0.0, 0.0]]))[0].flag


def test_the_nearest_come_first_and_there_may_be_fewer(known: Familiar) -> None:
    (row,) = unlike.nearest(known, spread(50, 0)[7:8], 3)
    assert row[0].place == 7
    assert row[0].cosine == pytest.approx(1.0, abs=1e-3)
    assert [one.cosine for one in row] == sorted((one.cosine for one in row), reverse=True)
    (few,) = unlike.nearest(unlike.familiar(torch.eye(2), torch.eye(2)), torch.eye(2)[:1], 3)
    assert len(few) == 2


def test_what_is_usual_is_kept_with_the_run(known: Familiar, tmp_path: Path) -> None:
    train = spread(50, 0)
    assert unlike.kept(tmp_path, train) is None
    unlike.keep(tmp_path, known)
    read = unlike.kept(tmp_path, train)
    assert read is not None
    assert read.held_out == known.held_out
    assert torch.equal(read.references, known.references)
    assert unlike.kept(tmp_path, train[:-1]) is None
    files.write_atomically(tmp_path / FILE, "[]")
    assert unlike.kept(tmp_path, train) is None


def test_of_many_a_seeded_choice_counts() -> None:
    assert unlike.chosen(3, 10, 0) == [0, 1, 2]
    some = unlike.chosen(100, 10, 0)
    assert some == unlike.chosen(100, 10, 0)
    assert some == sorted(set(some))
    assert some != unlike.chosen(100, 10, 1)
