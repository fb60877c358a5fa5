"""What programs read about a run: the keys of `train`, `runs show` and `race`."""

from __future__ import annotations

from typing import Any

from tl_core.runs import forecast
from tl_core.runs.state import RunState
from tl_core.runs.store import competitors

_EPOCH_KEYS = (
    "epoch", "phase", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "lr", "seconds",
    "retention",
)  # fmt: skip
_ACTION_KEYS = ("id", "action", "alarm", "epoch", "applied", "text")


def result(state: RunState) -> dict[str, Any]:
    """Return what programs read about a run; a value not known yet is None."""
    end = state.finished or {}
    return {
        "run": state.id,
        "kind": state.spec.kind,
        "status": state.status,
        "stop_reason": state.stop_reason,
        "strategy": state.strategy if state.strategy not in ("", "auto") else None,
        "dataset": end.get("dataset") or state.spec.dataset or None,
        "base": state.spec.base,
        "best": state.best,
        "test_accuracy": end.get("test_accuracy"),
        "epochs": [{key: e.get(key) for key in _EPOCH_KEYS} for e in state.epochs],
        "alerts": [{key: a.get(key) for key in ("epoch", "kind", "text")} for a in state.alerts],
        "retention": end.get("retention") or {"agreement": None},
        "mix": {"of": state.spec.mix_of, "share": state.spec.share} if state.spec.mix_of else None,
        "seconds": end.get("seconds", state.seconds),
        "images_per_second": end.get("images_per_second"),
        "trainable_parameters": end.get("trainable_parameters"),
        "parameters": end.get("parameters"),
        "sizes": end.get("sizes"),
        "created": state.created,
        "error": state.error,
        "forecast": forecast.told(state),
        "control_of": state.spec.control_of or None,
        "control": state.control,
        "grounds": state.grounds,
        "actions": [{key: a.get(key) for key in _ACTION_KEYS} for a in state.actions],
    }


def race_result(state: RunState) -> dict[str, Any]:
    """Return what programs read about a race: its runs, and how they rank."""
    end = state.finished or {}
    told = result(state)
    keys = ("run", "kind", "status", "stop_reason", "dataset", "base", "seconds", "error")
    return {key: told[key] for key in keys} | {
        "runs": [result(run) for run in competitors(state)],
        "ranking": end.get("ranking") or [],
        "verdict": end.get("verdict"),
    }
