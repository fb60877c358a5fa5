"""Forecasts and what came of them, as they could have been; shared by tests of several parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tl_core.spec import Accuracy, Expected, Outcome

Told = tuple[str, dict[str, Any]]


def forecast(strategy: str = "lora", **changes: Any) -> dict[str, Any]:
    """Return the fields of a forecast event: 86 to 94 % in 3 minutes."""
    return {
        "strategy": strategy,
        "accuracy": {"value": 0.9, "low": 0.86, "high": 0.94},
        "minutes": 3.0,
        "known": "mixed",
        "recommended": "lora",
        "rules": ["r1", "r2"],
        "blocked": False,
    } | changes


def advice(strategy: str = "lora") -> dict[str, Any]:
    """Return an advice as JSON, as far as a forecast reads it."""
    kept = forecast(strategy)
    reasons = [{"rule": rule, "text": "why"} for rule in kept["rules"]]
    other = {"strategy": "from_scratch", "accuracy": {}, "minutes": 1.0, "known": "folk"}
    return {
        "recommendation": {"strategy": "lora", "reasons": reasons, "blocked": False},
        "candidates": [other, {k: kept[k] for k in ("strategy", "accuracy", "minutes", "known")}],
    }


def share(value: float, n: int = 100, half: float = 0.05) -> dict[str, Any]:
    """Return an accuracy as it stands in a log."""
    return {"value": value, "low": max(value - half, 0), "high": min(value + half, 1), "n": n}


def end(reached: float = 0.92, **changes: Any) -> Told:
    """Return the event that ends a run which reached this on validation."""
    best = {"epoch": 3, "val_loss": 0.3, "val_accuracy": share(reached)}
    return "finished", {"stop_reason": "patience", "best": best, "test_accuracy": None} | changes


def outcome(reached: float = 0.92, *, n: int = 100, **changes: Any) -> Outcome:
    """Return what came of a forecast of 86 to 94 % in 3 minutes."""
    usual = Outcome(
        run="20260101-120000-shapes-0001",
        dataset="shapes-1",
        strategy="lora",
        expected=Expected(0.9, 0.86, 0.94),
        known="mixed",
        reached=Accuracy(**share(reached, n)),
        expected_minutes=3.0,
        minutes=3.0,
        recommended="lora",
    )
    return replace(usual, **changes)
