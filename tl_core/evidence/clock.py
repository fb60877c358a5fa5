"""A measurement's time: what is left of it, pauses not counted."""

from __future__ import annotations

import time
from collections.abc import Callable

Ask = Callable[[], bool]


class Clock:
    """Seconds of work that are left: what a pause takes does not count."""

    def __init__(self, seconds: float, should_continue: Ask) -> None:
        """Begin with so many seconds; `should_continue` may block while paused."""
        self._should_continue = should_continue
        self._end = time.monotonic() + seconds
        self.is_stopped = False

    def ask(self) -> bool:
        """Ask whether to go on, and wait through a pause."""
        asked = time.monotonic()
        self.is_stopped = not self._should_continue()
        self._end += time.monotonic() - asked
        return not self.is_stopped

    def has_time(self) -> bool:
        """Ask whether to go on, and whether there is time to."""
        return self.ask() and self.left() > 0

    def left(self) -> float:
        """Return the seconds that are left; negative once there are none."""
        return self._end - time.monotonic()
