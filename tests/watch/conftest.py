"""Runs and curves for the tests of watching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

Epochs = list[dict[str, Any]]


def _epochs(
    val: list[float],
    train: list[float] | None = None,
    accuracy: list[float] | None = None,
    *,
    phase: str = "full",
    n: int = 100,
) -> Epochs:
    train = train or [0.9 * loss for loss in val]
    accuracy = accuracy or [0.9] * len(val)
    epochs: Epochs = []
    best = np.inf
    used = 0
    for i, (v, t, a) in enumerate(zip(val, train, accuracy, strict=True)):
        used = 0 if v < best or i == 0 else used + 1
        best = min(best, v)
        epochs.append(
            {
                "epoch": i,
                "phase": "before" if i == 0 else phase,
                "train_loss": t,
                "train_accuracy": min(1.0, a + 0.02),
                "val_loss": v,
                "val_accuracy": a,
                "val_low": max(0.0, a - 0.05),
                "val_high": min(1.0, a + 0.04),
                "val_n": n,
                "lr": 1e-3,
                "seconds": 2.0,
                "epochs_max": 20,
                "patience": 6,
                "patience_used": used,
                "eta_seconds": 50.0,
            }
        )
    return epochs


def spread(means: list[float], n: int = 100) -> npt.NDArray[np.float64]:
    """Give each epoch's mean loss to n examples, some harder than others."""
    hardness = np.random.default_rng(1).exponential(1, n)
    return np.outer(means, hardness / hardness.mean())


@pytest.fixture
def epochs() -> Callable[..., Epochs]:
    """Make epoch events from losses; the first is the one before training."""
    return _epochs


@pytest.fixture
def state() -> Callable[..., RunState]:
    """Make a run's state; epochs bring their best along."""

    def make(**changes: Any) -> RunState:
        told = changes.get("epochs", ())
        best = min(told, key=lambda e: e["val_loss"], default=None)
        fields: dict[str, Any] = {
            "id": "r",
            "spec": RunSpec(kind="train", dataset="d"),
            "status": "running",
            "stop_reason": None,
            "strategy": "full_fine_tune",
            "phase": "full" if told else "",
            "what": "",
            "epochs": (),
            "thaws": (),
            "rollbacks": (),
            "alerts": (),
            "best": best
            and {
                "epoch": best["epoch"],
                "val_loss": best["val_loss"],
                "val_accuracy": {
                    "value": best["val_accuracy"],
                    "low": best["val_low"],
                    "high": best["val_high"],
                    "n": best["val_n"],
                },
            },
            "stages": (),
            "thawed": (),
            "progress": None,
            "plan": None,
            "error": None,
            "created": 0.0,
            "seconds": 180.0,
            "last_seq": 1,
            "finished": None,
        }
        return RunState(**{**fields, **changes, "epochs": tuple(told)})

    return make
