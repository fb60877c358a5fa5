"""What a call is worth: right before early, early before late, and nothing for the wrong word."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tl_core.lessons import Flight, flights
from tl_core.lessons.legs import recorded
from tl_core.lessons.scoring import (
    AT_LAST,
    FULL,
    GUESSED,
    IN_TIME,
    TOO_LATE,
    Call,
    Score,
    Truth,
    deadline,
    score,
    truth_of,
)

TOLD = Truth("rate_high", begins=6, told=10, last=20)
SILENT = Truth("rate_low", begins=6, told=None, last=20)
SOUND = Truth("sound", begins=None, told=None, last=20)


def points(truth: Truth, epoch: int) -> Score:
    return score(truth, Call(truth.trouble, epoch))


@pytest.mark.parametrize(
    ("truth", "epoch", "expected"),
    [
        (TOLD, 5, Score("guess", GUESSED)),
        (TOLD, 6, Score("early", FULL)),
        (TOLD, 10, Score("early", IN_TIME)),
        (TOLD, 15, Score("late", (TOO_LATE + AT_LAST) // 2)),
        (TOLD, 20, Score("late", AT_LAST)),
        (SILENT, 6, Score("early", FULL)),
        (SILENT, 20, Score("early", IN_TIME)),
    ],
)
def test_the_right_word_is_worth_more_the_earlier_it_comes(
    truth: Truth, epoch: int, expected: Score
) -> None:
    assert points(truth, epoch) == expected


def test_points_never_rise_while_one_waits() -> None:
    for truth in (TOLD, SILENT):
        worth = [points(truth, epoch).points for epoch in range(6, 21)]
        assert all(before >= after for before, after in pairwise(worth))


def test_any_other_word_is_worth_nothing() -> None:
    assert score(TOLD, Call("leak", 6)) == Score("wrong", 0)
    assert score(TOLD, None) == Score("missed", 0)


def test_a_sound_run_is_best_left_alone() -> None:
    assert score(SOUND, None) == Score("sound", FULL)
    assert score(SOUND, Call("leak", 6)) == Score("false_alarm", 0)


def test_a_warning_before_the_trouble_does_not_make_the_right_call_late() -> None:
    hasty = Truth("plateau", begins=8, told=4, last=20)
    assert deadline(hasty) == 8
    assert points(hasty, 8) == Score("early", FULL)


@pytest.mark.parametrize("flight", flights(), ids=lambda one: one.id)
def test_every_flight_can_be_won(flight: Flight) -> None:
    truth = truth_of(flight, recorded(flight.id))
    call = None if truth.begins is None else Call(truth.trouble, truth.begins)
    assert score(truth, call).points == FULL
    assert truth.begins is None or 0 < truth.begins < truth.last
