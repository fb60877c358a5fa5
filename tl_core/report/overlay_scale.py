"""What is drawn of several runs, by epoch or by time, and where their axes end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tl_core.i18n import N_
from tl_core.report.marks import Fields, number
from tl_core.report.theme import rounded_up

MOST = 8
"""Runs at once: more colours, dashes and marks cannot be told apart."""
LETTERS = "ABCDEFGH"

MEASURES = {"accuracy": N_("Accuracy"), "loss": N_("Loss")}
SHOWN = {"validation": N_("Validation"), "training": N_("Training"), "both": N_("Both")}
AXES = {"epoch": N_("By epoch"), "time": N_("By time")}

_IN_SECONDS = 180.0  # longer runs are told in minutes


@dataclass(frozen=True, slots=True)
class Curve:
    """One run to be drawn."""

    run: str
    letter: str
    name: str
    """What it is called here; may hold untrusted text."""
    epochs: Sequence[Fields]
    best: Fields | None
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What is drawn of them."""

    by: str = "epoch"
    """One of `AXES`."""
    measure: str = "accuracy"
    """One of `MEASURES`."""
    shown: str = "validation"
    """One of `SHOWN`."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The readings that are drawn, the heavier first."""
        kinds = ("validation", "training") if self.shown == "both" else (self.shown,)
        return tuple(
            f"{'val' if kind == 'validation' else 'train'}_{self.measure}" for kind in kinds
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """What a second on the time axis is drawn as, and where both axes end."""

    unit: float
    until: float
    top: float


def scale_of(curves: Sequence[Curve], view: View) -> Scale:
    """Return the axes that hold all curves, and those still to come of runs at work."""
    drawn = [curve for curve in curves if curve.epochs]
    longest = max((_until(curve, "time", 1.0) for curve in drawn), default=0.0)
    unit = 60.0 if longest > _IN_SECONDS else 1.0
    xs = [_until(curve, view.by, unit) for curve in drawn]
    ys = [y for c in curves for key in view.keys for _x_at, y, _e in points_of(c, key, view, unit)]
    top = 1.05 if view.measure == "accuracy" else max(ys, default=1.0) * 1.06 or 1.0
    until = max(xs, default=0.0) or 10.0
    if any(curve.is_active for curve in curves):
        until = rounded_up(until)
    return Scale(unit, until, top)


def _until(curve: Curve, by: str, unit: float) -> float:
    """Return where a run is at the end of its curve, or may be at its own end."""
    last = curve.epochs[-1]
    if by == "epoch":
        return float(max(last["epoch"], (last.get("epochs_max") or 0) if curve.is_active else 0))
    left = (number(last, "eta_seconds") or 0.0) if curve.is_active else 0.0
    return (x_of(last, "time") + left) / unit


def x_of(epoch: Fields, by: str, unit: float = 1.0) -> float:
    """Return where an epoch stands on the axis."""
    return float(epoch["epoch"]) if by == "epoch" else (number(epoch, "seconds") or 0.0) / unit


def points_of(
    curve: Curve, key: str, view: View, unit: float = 1.0
) -> list[tuple[float, float, Fields]]:
    """Return what is known of one reading of a run: place on the axis, value, and its epoch.

    Args:
        curve: the run.
        key: the reading, such as `val_loss`.
        view: what is drawn.
        unit: seconds that are drawn as 1 on the time axis.
    """
    told = [(x_of(e, view.by, unit), number(e, key), e) for e in curve.epochs]
    return [(x, y, e) for x, y, e in told if y is not None]
