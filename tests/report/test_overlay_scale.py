"""What is drawn of several runs: places on the axes, and where these end."""

from __future__ import annotations

import pytest

from tests.pages.handmade import epoch
from tl_core.report.overlay_scale import Curve, View, points_of, scale_of, x_of


def curve(epochs: int, *, seconds: float = 2.0, is_active: bool = False, most: int = 24) -> Curve:
    told = [
        epoch(n, seconds=seconds * n, epochs_max=most, eta_seconds=seconds * (most - n))
        for n in range(epochs)
    ]
    return Curve("r", "A", "one", told, None, is_active)


def test_a_view_names_the_readings_the_heavier_first() -> None:
    assert View(measure="loss").keys == ("val_loss",)
    assert View(shown="both").keys == ("val_accuracy", "train_accuracy")


def test_places_are_epochs_or_seconds_or_minutes() -> None:
    told = epoch(3, seconds=90.0)
    assert x_of(told, "epoch") == 3
    assert x_of(told, "time") == 90
    assert x_of(told, "time", 60.0) == 1.5
    assert x_of(epoch(3, seconds=None), "time") == 0


def test_what_is_not_known_is_left_out() -> None:
    told = Curve("r", "A", "one", [epoch(0, val_loss=None), epoch(1)], None)
    assert [x for x, _y, _e in points_of(told, "val_loss", View(measure="loss"))] == [1]


@pytest.mark.parametrize(
    ("curves", "by", "unit", "until"),
    [
        ([curve(6)], "epoch", 1.0, 5.0),
        ([curve(6), curve(11)], "epoch", 1.0, 10.0),
        ([curve(6, is_active=True)], "epoch", 1.0, 30.0),  # room up to epoch 24, and rounded up
        ([curve(6)], "time", 1.0, 10.0),
        ([curve(6, is_active=True)], "time", 1.0, 50.0),  # 48 seconds in all
        ([curve(11, seconds=60.0)], "time", 60.0, 10.0),
        ([curve(1)], "time", 1.0, 10.0),
        ([], "epoch", 1.0, 10.0),
    ],
)
def test_the_axis_holds_all_and_what_is_to_come(
    curves: list[Curve], by: str, unit: float, until: float
) -> None:
    found = scale_of(curves, View(by=by))
    assert (found.unit, found.until) == (unit, until)


def test_losses_have_room_and_shares_their_whole_range() -> None:
    assert scale_of([curve(6)], View()).top == 1.05
    assert scale_of([curve(6)], View(measure="loss")).top == pytest.approx(1.4 * 1.06)
