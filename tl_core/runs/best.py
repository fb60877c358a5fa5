"""Which epoch of a run is its best, told from its epochs and what was rolled back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Fields = Mapping[str, Any]


def best_of(epochs: Sequence[Fields], rollbacks: Iterable[Fields]) -> dict[str, Any] | None:
    """Return epoch, val_loss and val_accuracy of the last epoch that improved and was not undone.

    Args:
        epochs: epoch events in order.
        rollbacks: of these, `kept` is the epoch gone back to and `epoch` the last one undone.
    """
    undone = [(r["kept"], r["epoch"]) for r in rollbacks if "kept" in r]
    improved = [
        e
        for e in epochs
        if e.get("improved") and not any(low < e["epoch"] <= high for low, high in undone)
    ]
    if not improved:
        return None
    last = improved[-1]
    accuracy = {
        "value": last.get("val_accuracy"),
        "low": last.get("val_low"),
        "high": last.get("val_high"),
        "n": last.get("val_n"),
    }
    return {"epoch": last["epoch"], "val_loss": last.get("val_loss"), "val_accuracy": accuracy}
