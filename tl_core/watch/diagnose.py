"""What the curves say at each epoch: the detectors in their order, each thing told once.

An alarm is advice; it never stops a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from tl_core.watch import detectors, forgetting, inheritance, windows
from tl_core.watch.detectors import Alert
from tl_core.watch.remedies import LASTING
from tl_core.watch.windows import Epochs, Losses

Grounds = Mapping[str, Any] | None


class _Said(Protocol):
    @property
    def epoch(self) -> int: ...
    @property
    def kind(self) -> str: ...


def diagnose(
    epochs: Epochs, losses: Losses | None = None, grounds: Grounds = None
) -> tuple[Alert, ...]:
    """Return what is so at the last of `epochs`; an empty tuple means nothing to remark.

    Args:
        epochs: epoch events in order, with `epoch`, `phase`, `train_loss`, `val_loss`.
        losses: validation losses [epochs, examples], row by row those of `epochs`; without them
            only a marked rise is told.
        grounds: what was known of data and base when the run began, where there was anything.

    Raises:
        ValueError: if `losses` does not have one row per epoch.
    """
    if losses is not None and len(losses) != len(epochs):
        raise ValueError(f"{len(epochs)} epochs, but losses of {len(losses)}")
    if not epochs:
        return ()
    if (lost := detectors.lost(epochs)) is not None:
        return (lost,)
    sound = [i for i, epoch in enumerate(epochs) if not windows.is_lost(epoch)]
    kept = [epochs[i] for i in sound]
    rows = losses[sound] if losses is not None else None
    moved = detectors.rising(kept, rows) or detectors.jumping(kept)
    found = (
        moved or detectors.standing(kept, rows),
        detectors.too_good(kept),
        forgetting.forgotten(kept),
    )
    begun = int(epochs[0]["epoch"])
    known = (*detectors.held_twice(grounds, begun), *inheritance.at_the_start(grounds, begun))
    return (*known, *(alert for alert in found if alert is not None))


def new_alerts(
    epochs: Epochs,
    losses: Losses | None = None,
    grounds: Grounds = None,
    *,
    said: Iterable[_Said | Mapping[str, Any]] = (),
) -> tuple[Alert, ...]:
    """Return what is so at the last epoch and was not said since the best epoch so far."""
    best = windows.best_epoch(epochs)
    known = {
        _kind(alert)
        for alert in said
        if best is None or _epoch(alert) > best or _kind(alert) in LASTING
    }
    return tuple(alert for alert in diagnose(epochs, losses, grounds) if alert.kind not in known)


def replay(epochs: Epochs, losses: Losses | None = None) -> tuple[Alert, ...]:
    """Return every alert that a run would have raised, epoch by epoch."""
    said: list[Alert] = []
    for end in range(1, len(epochs) + 1):
        rows = losses[:end] if losses is not None else None
        said += new_alerts(epochs[:end], rows, said=said)
    return tuple(said)


def _kind(alert: _Said | Mapping[str, Any]) -> str:
    return str(alert["kind"]) if isinstance(alert, Mapping) else alert.kind


def _epoch(alert: _Said | Mapping[str, Any]) -> int:
    return int(alert["epoch"]) if isinstance(alert, Mapping) else alert.epoch
