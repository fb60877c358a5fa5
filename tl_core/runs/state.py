"""What is known of a run at one moment, as pages and programs read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tl_core.spec import RunSpec

ACTIVE = frozenset({"queued", "running", "paused", "stopping"})
"""Statuses of a run that goes on by itself or can be told to."""
TERMINAL = frozenset({"finished", "stopped", "failed"})
"""Statuses that an event of that kind brings."""


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything a page or a program wants to know of a run; the dicts in it are read-only."""

    id: str
    spec: RunSpec
    status: str
    """queued, running, paused, stopping, finished, stopped, failed or interrupted."""
    stop_reason: str | None
    """patience, epochs, time, no_gain, rolled_back, converged, person, nan or done; None before
    the end."""
    strategy: str
    """The strategy that is run; `auto` until the advisor has chosen, empty if not training."""
    phase: str
    """before, head, thaw:STAGE, adapter, full or scratch; or decode, forward, probe, controls."""
    what: str
    """The phase in words."""
    epochs: tuple[dict[str, Any], ...]
    """The fields of each epoch event, plus `attempt`; strictly rising in `epoch`."""
    thaws: tuple[dict[str, Any], ...]
    """epoch, stage, attempt."""
    rollbacks: tuple[dict[str, Any], ...]
    """epoch, stage, attempt and, where a person asked for it, `kept`: the epoch gone back to."""
    alerts: tuple[dict[str, Any], ...]
    """epoch, kind, text, attempt."""
    best: dict[str, Any] | None
    """epoch, val_loss, val_accuracy (value, low, high, n)."""
    stages: tuple[str, ...]
    """Names of the base's stages, early to late; empty until known."""
    thawed: tuple[str, ...]
    """Names of the stages that learn now."""
    progress: dict[str, Any] | None
    """what, done, total of the last step of the current phase; for batches also losses: at (in
    epochs, such as 6.25) and loss of those of the same epoch so far."""
    plan: dict[str, Any] | None
    """strategy and advice, where the advisor chose."""
    error: dict[str, Any] | None
    """code, message, fix and, for unusable input, issues."""
    created: float
    """Seconds since 1970."""
    seconds: float
    """Seconds at work over all attempts; waiting and pauses are not counted."""
    last_seq: int
    finished: dict[str, Any] | None
    """The fields of the finished event, or of the stopped event where it has results."""
    attempt: int = 0
    bad_lines: int = 0
    """Lines of the log that could not be read and were passed over."""
    updated: float = 0.0
    """Time of the last event, seconds since 1970."""
    launched: bool = False
    """Whether a worker was ever started for it."""
    waiting: bool = False
    """Whether it is queued behind another job, rather than just starting."""
    race: str = ""
    """Id of the race in which this run competes."""
    standing: dict[str, Any] | None = None
    """Of a race: round, rounds and competitors (strategy, run, is_racing, dropped, seconds, until,
    accuracy); `dropped` is the round after which one dropped out, `until` the seconds at which its
    turn in this round ends."""
    decisions: tuple[dict[str, Any], ...] = ()
    """What was decided on the way: `what` is ladder, augmentation, rung, interpolation or action;
    the rest are the fields of that event."""
    forecast: dict[str, Any] | None = None
    """What the advisor expected of its strategy before it learned, see `forecast.from_advice`; and
    `after_seconds`, the seconds at work by then."""
    first_look: dict[str, Any] | None = None
    """What a few examples told while the rest are still measured: the fields of
    `spec.FirstLook`."""
    grounds: dict[str, Any] | None = None
    """What may speak against base or data, as the advisor measured it: the fields of its `Grounds`;
    only `leak_pairs` where nothing was measured."""
    control: dict[str, Any] | None = None
    """Once a run and its control have ended: what a paired test says, see `controls.judge`."""

    name: str = ""
    """What a person calls it; empty where nobody has named it. Untrusted, as note and tags."""
    note: str = ""
    tags: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[dict[str, Any], ...]:
        """Return what people have asked for on the way and was answered, in that order.

        Each has id, action, alarm, epoch, applied (False if it was refused) and text, which says
        what it did or why it was refused.
        """
        return tuple(d for d in self.decisions if d["what"] == "action" and d.get("id"))

    @property
    def is_active(self) -> bool:
        """Tell whether the run goes on by itself or can be told to."""
        return self.status in ACTIVE
