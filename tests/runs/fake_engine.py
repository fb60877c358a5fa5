"""An engine that trains nothing: time is counted, losses are made up; for tests of races.

Each strategy has a number of seconds that an epoch takes, a loss that it ends at, and the seconds
after which it has converged.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from tl_core.errors import Cancelled
from tl_core.spec import RunSpec

N = 100
NO_END = 1e9


@dataclass
class Habit:
    """How a strategy behaves."""

    wrong: int
    """Validation examples that it is wrong on."""
    loss: float
    epoch_seconds: float = 1.0
    converged: float = NO_END
    error: Exception | None = None


@dataclass
class Progress:
    """Where a run stands."""

    epoch: int = -1
    seconds: float = 0.0
    stop_reason: str = ""
    best: dict[str, Any] = field(default_factory=dict)
    best_losses: list[float] = field(default_factory=list)


@dataclass
class FakeEngine:
    """Stands in for `tl_core.engine.train`; remembers every turn."""

    habits: dict[str, Habit]
    turns: list[tuple[str, float]] = field(default_factory=list)
    on_epoch: Callable[[str, int], None] = lambda strategy, epoch: None

    def open_run(
        self,
        spec: RunSpec,
        dataset: Any,
        strategy: str,
        folder: Path,
        emit: Callable[..., None],
        ask: Callable[[], bool],
    ) -> Any:
        if not ask():
            raise Cancelled
        habit = self.habits[strategy]
        if habit.error is not None:
            raise habit.error
        progress = Progress()
        kept = folder / "checkpoints" / "last.json"
        if kept.exists():
            progress = Progress(**json.loads(kept.read_text()))
            emit("resumed", epoch=progress.epoch)
        return SimpleNamespace(
            strategy=strategy,
            habit=habit,
            folder=folder,
            emit=emit,
            ask=ask,
            progress=progress,
            began=0.0,
        )

    def advance(self, run: Any, seconds: float | None = None) -> bool:
        progress, habit = run.progress, run.habit
        deadline = NO_END if seconds is None else progress.seconds + seconds
        self.turns.append((run.strategy, round(deadline - progress.seconds, 3)))
        if progress.epoch < 0:
            self._judge(run)
        while not progress.stop_reason:
            if not run.ask():
                progress.stop_reason = "person"
            elif progress.seconds >= habit.converged:
                progress.stop_reason = "converged"
            elif progress.seconds + habit.epoch_seconds > deadline:
                progress.seconds = deadline
                self._save(run)
                return False
            else:
                self.on_epoch(run.strategy, progress.epoch + 1)
                progress.seconds += habit.epoch_seconds
                self._judge(run)
                self._save(run)
        return True

    def conclude(self, run: Any, reason: str) -> Any:
        run.progress.stop_reason = run.progress.stop_reason or reason
        return run

    def summary(self, run: Any) -> dict[str, Any]:
        path = run.folder / "artifacts" / "predictions.csv"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["key", "name", "label", "predicted", "probability"])
            for n in range(N):
                writer.writerow([n, n, "a", "b" if n < run.habit.wrong else "a", 0.9])
        (run.folder / "checkpoints").mkdir(exist_ok=True)
        (run.folder / "checkpoints" / "best.safetensors").write_bytes(b"x" * 50)
        return {
            "stop_reason": run.progress.stop_reason,
            "best": run.progress.best,
            "test_accuracy": None,
            "retention": {"agreement": None},
            "seconds": run.progress.seconds,
            "images_per_second": 10.0,
            "trainable_parameters": 1234,
        }

    def _judge(self, run: Any) -> None:
        progress, habit = run.progress, run.habit
        progress.epoch += 1
        mean = habit.loss + 2.0 / (1 + progress.epoch)
        noise = np.random.default_rng(progress.epoch).normal(0, 0.01, N)
        progress.best_losses = (mean + noise).tolist()
        losses = run.folder / "artifacts" / "val_losses.npy"
        losses.parent.mkdir(exist_ok=True)
        rows = np.tile(progress.best_losses, (progress.epoch + 1, 1))
        np.save(losses, rows.astype(np.float32))
        accuracy = {"value": 1 - habit.wrong / N, "low": 0.1, "high": 0.99, "n": N}
        progress.best = {"epoch": progress.epoch, "val_loss": mean, "val_accuracy": accuracy}
        run.emit(
            "epoch",
            epoch=progress.epoch,
            phase="head" if progress.epoch else "before",
            train_loss=mean,
            train_accuracy=0.5,
            val_loss=mean,
            val_accuracy=accuracy["value"],
            val_low=accuracy["low"],
            val_high=accuracy["high"],
            val_n=N,
            lr=0.1,
            seconds=progress.seconds,
            improved=True,
            thawed=[],
        )

    def _save(self, run: Any) -> None:
        path = run.folder / "checkpoints" / "last.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(vars(run.progress) | {"stop_reason": ""}))


def habits() -> dict[str, Habit]:
    """Return strategies of which two are good, one is worse and the control is hopeless."""
    return {
        "linear_probe": Habit(wrong=20, loss=0.5, converged=4.0),
        "lora": Habit(wrong=4, loss=0.1),
        "full_fine_tune": Habit(wrong=5, loss=0.1),
        "from_scratch": Habit(wrong=60, loss=2.0),
    }
