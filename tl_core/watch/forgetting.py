"""Whether the base forgets: how many of its old answers are left, and when that is worth an alarm.

Only who still needs the old work need mind; every text says so. Which measure counts: the one on
examples of the base's own kind, where somebody has brought some; otherwise that on the user's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tl_core import wording
from tl_core.i18n import _
from tl_core.watch.detectors import Alert
from tl_core.watch.windows import WINDOW, Epoch, Epochs

FEW_LEFT = 0.4
"""Share of old answers on a user's own examples below which the base has lost some of its old work.
Of 18 runs the eight above it lost at most 2 points of 68 on photographs of the base's own kind, the
ten below it 5 to 68; none lay between 0.29 and 0.58 (`benchmarks/retention.json`)."""
FEW_LEFT_ON_SOURCE = 0.85
"""The same of answers on examples of the base's own kind: those above lost at most 5 points, those
below 7 to 68."""


@dataclass(frozen=True, slots=True)
class Left:
    """How many of the base's old answers are left, with the interval of that share."""

    value: float
    low: float
    high: float
    n: int
    on_source: bool
    """Whether it was measured on examples of the base's own kind."""


def left(told: Mapping[str, Any] | None) -> Left | None:
    """Read what an epoch, or a run at its end, tells of retention; None if it is not known."""
    source = (told or {}).get("source")
    for found, on_source in ((source, True), (told, False)):
        if found and found.get("agreement") is not None:
            value = float(found["agreement"])
            low, high = found.get("low"), found.get("high")
            return Left(
                value,
                value if low is None else float(low),
                value if high is None else float(high),
                int(found.get("n") or 0),
                on_source,
            )
    return None


def share(found: Left) -> str:
    """Say a share of old answers with its interval."""
    if not found.n:
        return wording.percent(found.value)
    return wording.percent_interval(found)


def forgotten(epochs: Epochs) -> Alert | None:
    """Tell of a base that for a window of epochs has surely given most old answers no more."""
    window = [left(_told(epoch)) for epoch in epochs[-WINDOW:]]
    if len(window) < WINDOW or any(one is None or one.high >= _border(one) for one in window):
        return None
    now = window[-1]
    assert now is not None
    text = (
        _("It forgets: on {n} examples of its own kind the base now gives only {share} of the "
          "answers that it gave before. That matters only if the model must still do its old work.")
        if now.on_source
        else _("It forgets: on {n} of your examples the base's own classifier now gives only "
               "{share} of the answers that it gave before. That matters only if the model must "
               "still do its old work.")
    )  # fmt: skip
    told = text.format(n=wording.count(now.n), share=share(now))
    return Alert(int(epochs[-1]["epoch"]), "forgetting", told)


def _border(found: Left) -> float:
    return FEW_LEFT_ON_SOURCE if found.on_source else FEW_LEFT


def _told(epoch: Epoch) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = epoch.get("retention")
    return found
