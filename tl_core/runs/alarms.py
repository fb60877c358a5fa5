"""Raises alerts while a run trains: each new epoch is looked at by the detectors of `watch`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tl_core.runs import events, steering
from tl_core.runs.fold import Fold
from tl_core.spec import CONTROL, RunSpec

log = logging.getLogger(__name__)

Emit = Callable[..., None]
LOSSES_FILE = "artifacts/val_losses.npy"


def watched(emit: Emit, spec: RunSpec, folder: Path) -> Emit:
    """Return an `emit` that follows every epoch with the alerts that it gives rise to.

    Those of a kind that somebody wants ignored stay untold. What was told already is read back
    from the log, so a resumed run does not repeat itself.
    """

    def tell(kind: str, /, **fields: Any) -> None:
        emit(kind, **fields)
        if kind == "epoch":
            for alert in _due(spec, folder):
                emit("alert", epoch=alert.epoch, kind=alert.kind, text=alert.text)

    return tell


def _due(spec: RunSpec, folder: Path) -> tuple[Any, ...]:
    from tl_core.watch.diagnose import new_alerts

    told, _offset, _bad = events.read_events(folder / events.FILE)
    state = Fold.of(told).state(folder.name, spec, "running", time.time())
    losses = _losses(folder, len(state.epochs))
    grounds = state.grounds
    if grounds and state.strategy == CONTROL:  # nothing inherited, nothing hurts
        grounds = {"leak_pairs": grounds.get("leak_pairs")}
    found = new_alerts(state.epochs, losses, grounds, said=state.alerts)
    return tuple(a for a in found if not steering.is_ignored(state, a.kind, a.epoch))


def _losses(folder: Path, epochs: int) -> npt.NDArray[np.float32] | None:
    """Return the validation losses [epochs, examples] if they fit the epochs told."""
    try:
        losses: npt.NDArray[np.float32] = np.load(folder / LOSSES_FILE, allow_pickle=False)
    except (OSError, ValueError):
        log.warning("no validation losses in %s", folder)
        return None
    return losses if len(losses) == epochs else None
