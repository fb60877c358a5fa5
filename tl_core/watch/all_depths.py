"""Whether the frozen base, read at all depths, may do as well as what a run has made of it.

Both are known once a run has ended: the one was measured before it, the other is what it reached.
Where the former is not clearly below, the last layer that reads all depths is worth its seconds.
Keeping the better of the two then takes more than half of what following the advice costs in
accuracy (`benchmarks/advice/report.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tl_core import wording
from tl_core.i18n import _
from tl_core.spec import Accuracy, from_dict

CHANGING = frozenset({"gradual_unfreezing", "lora", "full_fine_tune"})
"""Strategies that change the base; beside the others it was measured on the same examples."""


class Ended(Protocol):
    """The part of a run's state that this reads; `runs.RunState` fits."""

    @property
    def strategy(self) -> str: ...
    @property
    def best(self) -> Mapping[str, Any] | None: ...
    @property
    def finished(self) -> Mapping[str, Any] | None: ...
    @property
    def grounds(self) -> Mapping[str, Any] | None: ...


def may_do_as_well(measured: Mapping[str, Any], reached: float) -> bool:
    """Tell whether what was measured is not clearly below what was reached.

    Args:
        measured: `low`, `value` and `high` of the frozen base read at all depths, in [0, 1].
        reached: accuracy on validation, in [0, 1].
    """
    return float(measured["high"]) >= reached


def sentence(state: Ended) -> str:
    """Say that it is worth training now, and why; empty where it is not."""
    measured = (state.grounds or {}).get("all_depths")
    if not measured or not state.finished or not state.best or state.strategy not in CHANGING:
        return ""
    reached = float(state.best["val_accuracy"]["value"])
    if not may_do_as_well(measured, reached):
        return ""
    return _(
        "Before this run, a last layer that reads all depths of the frozen base was right on "
        "{measured} of other examples. The {reached} of this run are not clearly more: train that "
        "last layer too, which takes seconds, and keep the better of the two."
    ).format(
        measured=wording.percent_interval(from_dict(Accuracy, dict(measured))),
        reached=wording.percent(reached),
    )
