"""Curves of several runs for those who read rather than look: in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tl_core import wording
from tl_core.i18n import _
from tl_core.report.marks import number
from tl_core.report.overlay_scale import MEASURES, Curve, View, points_of, x_of
from tl_core.spec import Accuracy


def overlay_alt(curves: Sequence[Curve], view: View) -> str:
    """Return what the picture shows, in words: where each run stands and where its best lies."""
    measure = _(MEASURES[view.measure])
    said = [_("{measure} of {n} runs over one another.").format(measure=measure, n=len(curves))]
    said += [_said(curve, view) for curve in curves]
    return " ".join(said)


def _said(curve: Curve, view: View) -> str:
    words: dict[str, object] = {"letter": curve.letter, "name": curve.name}
    told = points_of(curve, view.keys[0], view)
    if not told:
        return _("{letter}, {name}: no epoch yet.").format(**words)
    write = wording.percent if view.measure == "accuracy" else wording.number
    _x_at, now, last = told[-1]
    words |= {
        "now": write(now),
        "epoch": int(last["epoch"]),
        "time": wording.duration(x_of(last, "time")),
    }
    said = _("{letter}, {name}: {now} after epoch {epoch} and {time} of training.").format(**words)
    best = curve.best or {}
    if view.measure == "accuracy" and best.get("val_accuracy"):
        said += " " + _("Its best is epoch {epoch} with {share}.").format(
            epoch=best["epoch"], share=wording.percent_interval(Accuracy(**best["val_accuracy"]))
        )
    elif view.measure == "loss" and best:
        said += " " + _("Its best is epoch {epoch} with {share}.").format(
            epoch=best["epoch"], share=wording.number(float(best["val_loss"]))
        )
    return said


def overlay_table(curves: Sequence[Curve]) -> pd.DataFrame:
    """Return every epoch of every run as numbers, ready to sort; shares are in per cent."""
    columns = {
        "epoch": _("epoch"),
        "seconds": _("seconds"),
        "val_accuracy": _("validation accuracy, %"),
        "val_low": _("from, %"),
        "val_high": _("to, %"),
        "train_accuracy": _("training accuracy, %"),
        "val_loss": _("validation loss"),
        "train_loss": _("training loss"),
    }
    rows = [
        [curve.letter, *(_cell(epoch, key) for key in columns)]
        for curve in curves
        for epoch in curve.epochs
    ]
    return pd.DataFrame(rows, columns=[_("run"), *columns.values()])


def _cell(epoch: Mapping[str, Any], key: str) -> float | int | None:
    if key == "epoch":
        return int(epoch["epoch"])
    value = number(epoch, key)
    if value is None:
        return None
    is_share = "accuracy" in key or key in ("val_low", "val_high")
    return round(100 * value, 1) if is_share else round(value, 4 if "loss" in key else 1)
