"""What a call is worth: to be right counts, and to be right before the detectors are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tl_core.lessons.flights import SOUND, Flight, trouble
from tl_core.lessons.legs import Recorded, first_alarm

Ending = Literal["early", "late", "guess", "wrong", "false_alarm", "missed", "sound"]

FULL = 100
IN_TIME = 60
"""Points for calling it when the detectors do; before that it rises to `FULL`."""
TOO_LATE = 50
"""Points right after that; they fall to `AT_LAST` at the end."""
AT_LAST = 20
GUESSED = 30
"""Points for the right word before there was anything to be seen."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What happens to a run, and when."""

    trouble: str
    """Id of what is wrong; `SOUND` where nothing is."""
    begins: int | None
    """The first epoch at which it is there by construction; None where nothing is wrong."""
    told: int | None
    """The first epoch at which the detectors of Watch say it; None where they never do."""
    last: int
    """The last epoch."""


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody says is happening."""

    trouble: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Score:
    """How a flight ended for whoever flew it."""

    ending: Ending
    points: int
    """0 to `FULL`."""


def truth_of(flight: Flight, told: Recorded) -> Truth:
    """Return what happens in a flight, and when."""
    alarms = () if flight.trouble == SOUND else trouble(flight.trouble).alarms
    return Truth(
        trouble=flight.trouble,
        begins=told.begins,
        told=first_alarm(told.untouched, alarms),
        last=told.untouched.last,
    )


def score(truth: Truth, call: Call | None) -> Score:
    """Return what a call is worth; None stands for letting the run go on to its end.

    The right word is worth `FULL` as soon as the trouble is there, `IN_TIME` when the detectors say
    it (at the end, where they never do), and less and less after that. Nothing said is worth
    `FULL` where nothing is wrong. Any other word is worth nothing.
    """
    if truth.begins is None:
        return Score("sound", FULL) if call is None else Score("false_alarm", 0)
    if call is None:
        return Score("missed", 0)
    if call.trouble != truth.trouble:
        return Score("wrong", 0)
    if call.epoch < truth.begins:
        return Score("guess", GUESSED)
    due = deadline(truth)
    if call.epoch <= due:
        return Score("early", _between(FULL, IN_TIME, truth.begins, due, call.epoch))
    return Score("late", _between(TOO_LATE, AT_LAST, due, truth.last, call.epoch))


def deadline(truth: Truth) -> int:
    """Return the last epoch at which a call is early; never before the trouble begins."""
    due = truth.last if truth.told is None else truth.told
    return max(due, truth.begins or 0)


def _between(first: int, last: int, start: int, end: int, at: int) -> int:
    """Return the points at a place on the way from `start` to `end`."""
    share = (at - start) / (end - start) if end > start else 0.0
    return round(first + share * (last - first))
