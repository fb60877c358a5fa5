"""What the narrator reads of a run, and how it says an accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tl_core import wording
from tl_core.i18n import _
from tl_core.watch.windows import is_lost

Fields = Mapping[str, Any]


class Asked(Protocol):
    """The part of a request that the narrator reads."""

    @property
    def kind(self) -> str: ...


class State(Protocol):
    """The part of a run's state that the narrator reads; `runs.RunState` fits."""

    @property
    def spec(self) -> Asked: ...
    @property
    def status(self) -> str: ...
    @property
    def stop_reason(self) -> str | None: ...
    @property
    def waiting(self) -> bool: ...
    @property
    def phase(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def epochs(self) -> Sequence[Fields]: ...
    @property
    def thaws(self) -> Sequence[Fields]: ...
    @property
    def alerts(self) -> Sequence[Fields]: ...
    @property
    def best(self) -> Fields | None: ...
    @property
    def progress(self) -> Fields | None: ...
    @property
    def error(self) -> Fields | None: ...
    @property
    def seconds(self) -> float: ...
    @property
    def finished(self) -> Fields | None: ...


@dataclass(frozen=True, slots=True)
class Share:
    """An accuracy with its interval, in [0, 1]."""

    value: float
    low: float
    high: float


def best_share(state: State) -> Share | None:
    """Return the validation accuracy of the best epoch, with its interval."""
    return share_of(state.best.get("val_accuracy")) if state.best else None


def share_of(found: Any) -> Share | None:
    """Read an accuracy (`value`, `low`, `high`); None if there is none."""
    if not isinstance(found, Mapping) or found.get("value") is None:
        return None
    value = float(found["value"])
    low, high = found.get("low"), found.get("high")
    return Share(value, value if low is None else low, value if high is None else high)


def share_at(epoch: Fields) -> Share:
    """Return the validation accuracy of an epoch, with its interval."""
    found = {"value": epoch.get("val_accuracy") or 0.0}
    found |= {"low": epoch.get("val_low"), "high": epoch.get("val_high")}
    return share_of(found) or Share(0.0, 0.0, 0.0)


def right_on(share: Share) -> str:
    """Say an accuracy as a count: 95 % of the validation examples (91 to 97)."""
    return _("{value} % of the validation examples ({low} to {high})").format(**hundreds(share))


def hundreds(share: Share) -> dict[str, str]:
    """Return value, low and high as counts out of a hundred."""
    return {name: wording.per_hundred(getattr(share, name)) for name in ("value", "low", "high")}


def when_lost(state: State) -> dict[str, str]:
    """Return in which epoch the loss was no number, and the last one that was, with its epoch.

    An epoch whose loss is no number is seldom told itself: the alert tells it.
    """
    sound = [epoch for epoch in state.epochs if not is_lost(epoch)]
    last = int(sound[-1]["epoch"]) if sound else 0
    raised = [int(a["epoch"]) for a in state.alerts if a.get("kind") == "nan"]
    return {
        "now": str(raised[-1] if raised else last + 1),
        "last": str(last),
        "loss": wording.number(float(sound[-1]["val_loss"])) if sound else "–",
    }
