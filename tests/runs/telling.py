"""Events written as a worker would."""

from __future__ import annotations

from typing import Any

from tl_core.runs import events, store


def tell(run_id: str, *told: tuple[str, dict[str, Any]] | str, new_attempt: bool = True) -> None:
    """Write events as a worker would."""
    path = store.run_dir(run_id) / events.FILE
    with events.EventWriter(path, new_attempt=new_attempt) as writer:
        for entry in told:
            kind, fields = (entry, {}) if isinstance(entry, str) else entry
            writer.emit(kind, **fields)
