"""Epochs and evidence for the tests of pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.spec import Accuracy, Controls, Evidence, Shift, Stage

Run = tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any] | None]


def _run(val: list[float], *, most: int | None = 20) -> Run:
    epochs = [
        {
            "epoch": i,
            "phase": "before" if i == 0 else "full",
            "train_loss": 0.7 * loss,
            "train_accuracy": min(1.0, 0.5 + 0.05 * i),
            "val_loss": loss,
            "val_accuracy": 0.4 + 0.04 * i,
            "val_low": 0.35 + 0.04 * i,
            "val_high": 0.45 + 0.04 * i,
            "val_n": 200,
            "lr": 1e-3,
            "seconds": 1.0,
            "epochs_max": most,
        }
        for i, loss in enumerate(val)
    ]
    thaws = [{"epoch": 1, "stage": "7"}, {"epoch": 3, "stage": "6"}]
    best = min(epochs, key=lambda e: float(str(e["val_loss"])), default=None)
    if best is None:
        return epochs, [], None
    accuracy = {"value": best["val_accuracy"], "low": 0.3, "high": 0.9, "n": 200}
    return (
        epochs,
        thaws,
        {"epoch": best["epoch"], "val_loss": best["val_loss"], "val_accuracy": accuracy},
    )


@pytest.fixture
def run() -> Callable[..., Run]:
    """Make epochs, thaws and best from validation losses."""
    return _run


@pytest.fixture
def evidence() -> Callable[..., Evidence]:
    """Make evidence with a given late shift (None: not measured)."""

    def make(
        late: float | None = 0.31, distance: Any = "far", own: float | None = None
    ) -> Evidence:
        return Evidence(
            dataset="d",
            base="b",
            size=224,
            seed=0,
            n=200,
            classes=2,
            distance=distance,
            shift=None if late is None else Shift(0.1, 0.1, late),
            shift_expected=None if own is None else Shift(0.01, 0.01, own),
            source_confidence=0.5,
            leep_per_log_c=-0.5,
            zero_training=None,
            knn=None,
            linear_probe=Accuracy(0.9, 0.85, 0.94, 200),
            controls=Controls(),
            stages=(Stage("stem", 10, 0.4), Stage("1", 100, 0.6)),
            forward_per_second=50.0,
            train_per_second=None,
            seconds=3.0,
        )

    return make
