"""The recorded runs behind a flight: as it went on by itself, and with something done about it.

`benchmarks/record_flights.py` records them into `sample_data/flights/`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

FOLDER = "sample_data/flights"
ENDS = frozenset({"finished", "stopped"})

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Leg:
    """One recorded run of a flight."""

    name: str
    """What was done: an action, or a choice that it began anew for; `as_it_is` for nothing."""
    at: int
    """The epoch of the untouched run after which it was done."""
    is_anew: bool
    """Whether it began anew, as no action on a run at work does this."""
    settings: Mapping[str, Any]
    """The data, the seed and all else that it was recorded with."""
    events: tuple[Event, ...]
    """Epochs, thaws, alarms and whatever else its log tells, in order; the last is its end."""
    right: tuple[bool, ...]
    """Which of the test examples its best weights get right, in the same order for all legs."""

    @property
    def epochs(self) -> tuple[Event, ...]:
        """Return its epochs; the first is the look before training."""
        return tuple(event for event in self.events if event["kind"] == "epoch")

    @property
    def last(self) -> int:
        """Return its last epoch."""
        return int(self.epochs[-1]["epoch"])

    @property
    def accuracy(self) -> Mapping[str, Any]:
        """Return the accuracy of its best weights on the test examples (value, low, high, n)."""
        found: Mapping[str, Any] = self.events[-1]["test_accuracy"]
        return found


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything recorded of a flight."""

    begins: int | None
    """The first epoch at which the trouble is there by construction; None if nothing is wrong."""
    untouched: Leg
    twins: tuple[Leg, ...]
    """What would have come of doing something, at least one."""

    def twin(self, name: str) -> Leg:
        """Return the run in which something was done.

        Raises:
            KeyError: if that was not recorded.
        """
        return {leg.name: leg for leg in self.twins}[name]


@cache
def recorded(flight_id: str) -> Recorded:
    """Return what is recorded of a flight.

    Raises:
        InputError: if this installation has no recording of it, or a damaged one.
    """
    app = files.app_dir()
    try:
        found: Any = (
            files.read_json(files.safe_join(app, FOLDER, f"{flight_id}.json")) if app else {}
        )
        first, *others = (_leg(one) for one in found["legs"])
        return Recorded(found["begins"], first, tuple(others))
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = _("This installation has no recording of it.")
        fix = _("Install Thaw again, or choose another one.")
        raise InputError([Issue("flight", message, fix)]) from error


def until(leg: Leg, epoch: int) -> tuple[Event, ...]:
    """Return what the log of a run held right after an epoch; its end only after its last."""
    told: list[Event] = []
    for event in leg.events:
        is_later = event["kind"] == "epoch" and event["epoch"] > epoch
        if is_later or (event["kind"] in ENDS and epoch < leg.last):
            break
        told.append(event)
    return tuple(told)


def first_alarm(leg: Leg, kinds: Collection[str]) -> int | None:
    """Return the first epoch at which an alarm of some kinds was raised; None if none ever was."""
    raised = (e["epoch"] for e in leg.events if e["kind"] == "alert" and e["alert_kind"] in kinds)
    return next(raised, None)


def _leg(told: Mapping[str, Any]) -> Leg:
    return Leg(
        name=told["name"],
        at=told["at"],
        is_anew=told["is_anew"],
        settings=told["settings"],
        events=tuple(told["events"]),
        right=tuple(one == "1" for one in told["right"]),
    )
