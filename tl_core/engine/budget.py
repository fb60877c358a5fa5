"""Shares of a time for several trainings, one after the other, and what each of them tells."""

from __future__ import annotations

import time
from typing import Any

from tl_core.benefits import Tick
from tl_core.engine.setup import Ask


class Clock:
    """The time that is left for all; what a pause takes does not count."""

    def __init__(self, seconds: float, should_continue: Ask) -> None:
        """Begin to count."""
        self.was_stopped = False
        self._ends = time.monotonic() + seconds
        self._until = self._ends
        self._should_continue = should_continue

    def left(self) -> float:
        """Return the seconds left for all."""
        return max(0.0, self._ends - time.monotonic())

    def give(self, seconds: float) -> None:
        """Begin a training that may take so many seconds."""
        self._until = time.monotonic() + seconds

    def may_go_on(self) -> bool:
        """Tell whether the training may go on; blocks while the job is paused."""
        asked = time.monotonic()
        self.was_stopped = not self._should_continue()
        paused = time.monotonic() - asked
        self._ends += paused
        self._until += paused
        return not self.was_stopped and time.monotonic() < self._until


class Told:
    """What a training tells, with the second at which it did."""

    def __init__(self, clock: Clock) -> None:
        """Begin to listen."""
        self.curve: list[Tick] = []
        self.has_passed = False
        """Whether examples went through the base, rather than being read from the cache."""
        self._began = time.monotonic()
        self._clock = clock
        self._paused = 0.0

    @property
    def epochs(self) -> int:
        """Epochs trained."""
        return self.curve[-1].epoch if self.curve else 0

    def seconds(self) -> float:
        """Return the seconds since it was begun, without pauses."""
        return time.monotonic() - self._began - self._paused

    def ask(self) -> bool:
        """Tell whether it may go on; blocks while the job is paused."""
        asked = time.monotonic()
        may_go_on = self._clock.may_go_on()
        self._paused += time.monotonic() - asked
        return may_go_on

    def emit(self, kind: str, /, **fields: Any) -> None:
        """Take an event."""
        if kind == "step" and not self.curve:
            self.has_passed = True
        if kind == "epoch":
            right = float(fields["val_accuracy"])
            self.curve.append(Tick(int(fields["epoch"]), round(self.seconds(), 2), right))
