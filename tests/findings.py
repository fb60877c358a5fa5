"""Findings as they could have been measured, for tests that look at a part of them only."""

from __future__ import annotations

from typing import Any

from tl_core.spec import Accuracy, Controls, Evidence, Pilot


def bare_evidence(**changes: Any) -> Evidence:
    """Return evidence of which only the linear probe was measured."""
    fields: dict[str, Any] = {
        "dataset": "d",
        "base": "b",
        "size": 64,
        "seed": 0,
        "n": 32,
        "classes": 2,
        "distance": "near",
        "shift": None,
        "shift_expected": None,
        "source_confidence": None,
        "leep_per_log_c": None,
        "zero_training": None,
        "knn": None,
        "linear_probe": Accuracy(0.9, 0.8, 0.95, 32),
        "controls": Controls(),
        "stages": (),
        "forward_per_second": 10.0,
        "train_per_second": None,
        "seconds": 1.0,
    }
    return Evidence(**fields | changes)


def pilot(gain: float = 0.04, low: float = 0.012, high: float = 0.07, **changes: Any) -> Pilot:
    """Return what a short trial thaw could have shown."""
    fields: dict[str, Any] = {
        "likely_low": gain - 0.65 * (gain - low),
        "likely_high": gain + 0.65 * (high - gain),
        "probe": 0.8,
        "n": 300,
        "folds": 3,
        "epochs": 3,
        "steps": 60,
        "thaw_from": "5",
        "seconds": 40.0,
        "stopped_early": False,
    }
    return Pilot(gain=gain, low=low, high=high, **fields | changes)
