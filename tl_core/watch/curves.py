"""The epochs of a run as tidy tables: one row per epoch, curve and measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

COLUMNS = ("epoch", "phase", "curve", "measure", "value", "low", "high")

_READINGS = (
    ("training", "loss", "train_loss", None, None),
    ("validation", "loss", "val_loss", None, None),
    ("training", "accuracy", "train_accuracy", None, None),
    ("validation", "accuracy", "val_accuracy", "val_low", "val_high"),
)
"""Curve and measure, and where an epoch holds its value and the ends of its interval."""


def frame(epochs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the curves in long form, ready to plot or to pivot.

    Args:
        epochs: epoch events in order; a value that is missing or None is left out.

    Returns:
        The columns of `COLUMNS`: `curve` is `training` or `validation`, `measure` is `loss`
        (nats) or `accuracy` (in [0, 1], with its interval for validation).
    """
    rows = [
        (
            int(epoch["epoch"]),
            str(epoch.get("phase") or ""),
            curve,
            measure,
            float(epoch[key]),
            _end(epoch, low),
            _end(epoch, high),
        )
        for epoch in epochs
        for curve, measure, key, low, high in _READINGS
        if epoch.get(key) is not None
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"epoch": "int64", "value": "float64", "low": "float64", "high": "float64"})


def _end(epoch: Mapping[str, Any], key: str | None) -> float:
    value = epoch.get(key) if key else None
    return float("nan") if value is None else float(value)
