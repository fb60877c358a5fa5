"""Runs that are watched by the clock: what the tasks of `speed_tasks.py` share."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BASE = "tf_efficientnet_lite0"

Figures = dict[str, Any]

BEGAN = time.monotonic()
"""When the process had come to import this, which is the first that a task does."""


def import_engine() -> float:
    """Import all that a training process imports; returns the seconds since it began."""
    import tl_core.engine.train  # noqa: F401
    from tl_core.engine.modality import modality_of

    modality_of("picture")
    return time.monotonic() - BEGAN


def pictures(name: str, per_class: int, seed: int) -> Any:
    """Return pictures of the grid as a dataset."""
    import cells
    from samples import dataset_of

    data = cells.data_sets()[name]
    return dataset_of(cells.Cell(data, per_class, "", seed, None, BASE, 0, 0.0, 0))


class Told:
    """The events of a run with the second at which each was told; can end the run."""

    def __init__(self, is_enough: Callable[[Figures], bool] = lambda fields: False) -> None:
        self.began = time.monotonic()
        self.events: list[tuple[float, str, Figures]] = []
        self.enough_at: float | None = None
        self._is_enough = is_enough

    def emit(self, kind: str, /, **fields: Any) -> None:
        """Take an event."""
        self.events.append((self.now(), kind, fields))
        if kind == "epoch" and self.enough_at is None and self._is_enough(fields):
            self.enough_at = self.now()

    def now(self) -> float:
        """Return seconds since the run was asked for."""
        return time.monotonic() - self.began

    def may_go_on(self) -> bool:
        """Tell whether the run has not shown enough yet."""
        return self.enough_at is None

    def epochs(self) -> Iterator[tuple[float, Figures]]:
        """Yield each epoch with its second."""
        return ((at, fields) for at, kind, fields in self.events if kind == "epoch")


def run(dataset: Any, strategy: str, told: Told, plan: Any = None, **asked: Any) -> Figures:
    """Train like the worker; returns the result and when training and the end were reached."""
    from tl_core.engine.train import advance, open_run, summary
    from tl_core.errors import Cancelled
    from tl_core.spec import RunSpec

    spec = RunSpec("train", dataset.id, strategy=strategy, **asked)
    with tempfile.TemporaryDirectory() as folder:
        opened = open_run(
            spec, dataset, strategy, Path(folder), told.emit, told.may_go_on, plan=plan
        )
        opened_at = told.now()
        try:
            advance(opened)
            result = summary(opened)
        except Cancelled:  # it has shown enough, in the middle of some preparation
            result = {}
    return {**result, "opened_at": opened_at, "ended_at": told.now()}


def full_phase(epochs: int, rate: float | None = None) -> Any:
    """Return the phase in which everything moves; with `rate` all at that one rate."""
    from tl_core import catalog
    from tl_core.engine import strategies

    stages = tuple(stage.name for stage in catalog.find(BASE).stages)
    if rate is not None:
        return strategies.Phase("full", epochs, stages, head_lr=rate, body_lr=rate)
    return strategies.Phase(
        "full", epochs, stages, body_lr=strategies.WITH_BATCHNORM.body, decay=strategies.FULL_DECAY
    )
