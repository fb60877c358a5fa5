"""Shares of a time: pauses do not count, and a training ends when its share is up."""

from __future__ import annotations

import pytest

from tl_core.benefits import Tick
from tl_core.engine import budget
from tl_core.engine.budget import Clock, Told


class Time:
    """A clock under our hands."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    one = Time()
    monkeypatch.setattr(budget, "time", one)
    return one


def test_a_training_ends_when_its_share_is_up(time: Time) -> None:
    clock = Clock(60.0, lambda: True)
    clock.give(10.0)
    time.now += 9.0
    assert clock.may_go_on()
    time.now += 2.0
    assert not clock.may_go_on()
    assert not clock.was_stopped
    assert clock.left() == 49.0
    clock.give(5.0)
    assert clock.may_go_on()


def test_a_stop_is_told_from_the_end_of_the_time(time: Time) -> None:
    clock = Clock(60.0, lambda: False)
    clock.give(10.0)
    assert not clock.may_go_on()
    assert clock.was_stopped


def test_a_pause_takes_no_time_from_anybody(time: Time) -> None:
    def paused() -> bool:
        time.now += 1000.0
        return True

    clock = Clock(60.0, paused)
    clock.give(10.0)
    told = Told(clock)
    time.now += 4.0
    assert told.ask()
    assert (clock.left(), told.seconds()) == (56.0, 4.0)


def test_time_never_falls_below_none(time: Time) -> None:
    clock = Clock(1.0, lambda: True)
    time.now += 5.0
    assert clock.left() == 0.0


def test_epochs_are_noted_with_their_second(time: Time) -> None:
    told = Told(Clock(60.0, lambda: True))
    time.now += 2.0
    told.emit("epoch", epoch=0, val_accuracy=0.5)
    time.now += 1.5
    told.emit("step", done=1, total=2)
    told.emit("epoch", epoch=1, val_accuracy=0.75)
    assert told.epochs == 1
    assert told.curve == [Tick(0, 2.0, 0.5), Tick(1, 3.5, 0.75)]
    assert not told.has_passed


def test_a_pass_through_the_base_is_noticed(time: Time) -> None:
    told = Told(Clock(60.0, lambda: True))
    told.emit("step", done=1, total=2)
    assert told.has_passed
