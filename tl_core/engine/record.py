"""The record of a run: what is judged, remembered, told and saved after each epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator

from tl_core import files
from tl_core.actions import Asked
from tl_core.engine import checkpoint, evaluate, forgetting, together
from tl_core.engine.checkpoint import Progress
from tl_core.engine.evaluate import Judged, Source
from tl_core.engine.learner import count_moving, moved_state
from tl_core.engine.retention import Penalty
from tl_core.engine.setup import Ask, Bench, Emit, FrozenFeatures
from tl_core.engine.strategies import Phase
from tl_core.i18n import _
from tl_core.spec import RunSpec

Actions = Callable[[], tuple[Asked, ...]]
"""Gives every action that was asked for so far."""


def none() -> tuple[Asked, ...]:
    """Take the place of `Actions` where nobody can ask."""
    return ()


@dataclass
class Run:
    """What the loop carries along."""

    spec: RunSpec
    strategy: str
    bench: Bench
    plan: tuple[Phase, ...]
    folder: Path
    emit: Emit
    should_continue: Ask
    progress: Progress
    frozen: FrozenFeatures | None
    """Features under the untouched base; None where nothing is inherited."""
    accelerator: Accelerator
    source: Source
    """Where the current phase takes its inputs."""
    known: forgetting.Reference | None = None
    """What the untouched base made of the watched examples, where it matters what is left of it."""
    network: Any = None
    """The learner, joined with those of other processes where there are any."""
    optimizer: Any = None
    penalty: Penalty | None = None
    """What holds the base back in the current phase."""
    pull: Penalty | None = None
    """What holds it back besides because somebody asked for it."""
    next_actions: Actions = none
    asked: tuple[Asked, ...] = ()
    """Actions that wait at this batch border."""
    began: float = 0.0
    saved: float = 0.0
    deadline: float = math.inf
    """Seconds of training after which this turn ends, though the run does not."""
    turned: tuple[int, int, int] = (0, -1, 0)
    """Phase, epoch and step at which this turn began: every turn goes on by a step at least."""

    @property
    def phase(self) -> Phase:
        """The current phase."""
        return self.plan[self.progress.phase]

    @property
    def place(self) -> tuple[int, int, int]:
        """How far training is: phase, epoch and step."""
        return self.progress.phase, self.progress.epoch, self.progress.step

    def seconds(self) -> float:
        """Return seconds of training over all attempts and turns."""
        return self.progress.seconds + time.monotonic() - self.began

    def halt(self) -> str:
        """Return why to halt before the next batch: action, person, time, turn, or nothing.

        The time that a pause takes is not counted as training.
        """
        reason, self.asked = together.agreed(self._look)
        return "action" if self.asked else reason

    def _look(self) -> tuple[str, tuple[Asked, ...]]:
        reason, answered = self._halt(), self.progress.actions
        return reason, tuple(one for one in self.next_actions() if one.id not in answered)

    def _halt(self) -> str:
        asked = time.monotonic()
        may_go_on = self.should_continue()
        self.began += time.monotonic() - asked
        if not may_go_on:
            return "person"
        seconds = self.seconds()
        if self.spec.minutes is not None and seconds > self.spec.minutes * 60:
            return "time"
        return "turn" if seconds > self.deadline and self.place != self.turned else ""


def give_up(run: Run) -> None:
    """End the run because its loss is no longer a number; the best is kept."""
    text = _("The loss is no longer a number: training has run away. The best is kept.")
    run.emit("alert", epoch=run.progress.epoch + 1, kind="nan", text=text)
    run.progress.stop_reason = "nan"


def judge_epoch(run: Run, *, phase_name: str, trained: bool) -> None:
    """Judge, remember the best, tell."""
    progress, phase = run.progress, run.phase
    is_frozen = run.frozen is not None and (phase.cached or not trained)
    started = time.monotonic()
    train, val, left = together.agreed(lambda: judged(run, run.frozen if is_frozen else None))
    progress.epoch += 1
    if not math.isfinite(val.loss):
        give_up(run)
        return
    # A head that has learned nothing is no candidate, however unsure of itself a learned one is.
    is_first = progress.best.get("phase", "before") == "before"
    improved = is_first or val.loss < progress.best["val_loss"]
    leads = not trained or val.loss < progress.phase_best
    progress.since_best = 0 if leads else progress.since_best + 1
    progress.phase_best = min(progress.phase_best, val.loss)
    if improved or (leads and phase.mixes):
        state = moved_state(run.bench.learner, statistics=phase.learns_statistics)
        progress.rung = _entry_of(run, val, phase_name)
        write_best(run, progress.epoch, state)
    if improved:
        progress.best = dict(progress.rung)
        progress.best_losses = val.losses.float()
        run.emit("checkpoint", epoch=progress.epoch, best=True)
    losses = val.losses.float()[None]
    progress.val_losses = torch.cat([progress.val_losses.reshape(-1, losses.shape[1]), losses])
    _write_val_losses(run)
    epochs_max = sum(p.epochs for p in run.plan)
    seconds = run.seconds()
    run.emit(
        "epoch",
        epoch=progress.epoch,
        phase=phase_name,
        train_loss=train.loss,
        train_accuracy=train.accuracy.value,
        val_loss=val.loss,
        val_accuracy=val.accuracy.value,
        val_low=val.accuracy.low,
        val_high=val.accuracy.high,
        val_n=val.accuracy.n,
        retention=left,
        lr=_head_rate(run) if trained else 0.0,
        seconds=round(seconds, 3),
        judging_seconds=round(time.monotonic() - started, 3),
        improved=improved,
        epochs_max=epochs_max,
        patience=run.spec.patience,
        patience_used=progress.since_best,
        thawed=list(phase.thawed) if trained else [],
        eta_seconds=_time_left(run, seconds),
        examples_per_second=_speed(run) if trained else None,
    )


def judged(run: Run, frozen: FrozenFeatures | None) -> tuple[Judged, Judged, dict[str, Any] | None]:
    """Judge on training and validation examples, and by the same passes what is left of the base.

    Args:
        run: an open run.
        frozen: features of the untouched base, where the body is that and need not be run.

    Returns:
        How the learner stands on training and on validation, and what `forgetting.measure` gives;
        None for the last where nothing is compared with the base.
    """
    train = evaluate.training(run.bench, run.source, frozen)
    val = evaluate.validation(run.bench, run.source, frozen)
    left = None
    if run.known is not None:
        left = forgetting.untouched(run.known, run.bench.backbone)
        if val.passed is not None and train.passed is not None:
            passed = (val.passed, train.passed)
            left = forgetting.measure(run.bench, run.known, run.source.start, passed)
    return replace(train, passed=None), replace(val, passed=None), left


def _entry_of(run: Run, val: Judged, phase_name: str) -> dict[str, Any]:
    """Return what is kept of an epoch beside its weights."""
    return {
        "epoch": run.progress.epoch,
        "val_loss": val.loss,
        "val_accuracy": asdict(val.accuracy),
        "phase": phase_name,
        "thawed": list(run.phase.thawed) if phase_name != "before" else [],
        "moving": count_moving(run.bench.learner),
    }


def write_best(
    run: Run, epoch: int, state: dict[str, torch.Tensor], *, is_mixed: bool = False
) -> None:
    """Write weights that may be put back, under the number of their epoch."""
    if together.rank() == 0:
        checkpoint.save_best(run.folder, epoch, state, is_mixed=is_mixed)


def save(run: Run) -> None:
    """Write a checkpoint of this very moment."""
    progress = run.progress
    run.saved = time.monotonic()
    if together.rank() > 0:
        return
    kept = checkpoint.Progress(**{**vars(progress), "seconds": run.seconds()})
    state = moved_state(run.bench.learner, statistics=run.phase.learns_statistics)
    checkpoint.save(run.folder, kept, state, run.optimizer.state_dict())
    needed = (progress.best, progress.entry, progress.rung)
    checkpoint.keep_best(run.folder, {kept["epoch"] for kept in needed if kept})


def _write_val_losses(run: Run) -> None:
    """Write the loss of each validation example after each epoch, [epochs, n_val] in nats."""
    if together.rank() > 0:
        return
    path = run.folder / "artifacts" / "val_losses.npy"
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, run.progress.val_losses.numpy())


def _head_rate(run: Run) -> float:
    return float(run.optimizer.param_groups[0]["lr"])


def _speed(run: Run) -> float | None:
    """Return examples per second in the batches of this phase; None where features are kept."""
    progress = run.progress
    if run.phase.cached or not progress.step_seconds:
        return None
    return round(progress.step_examples / progress.step_seconds, 1)


def _time_left(run: Run, seconds: float) -> float | None:
    """Return seconds to the last epoch at the pace so far; None before there is a pace."""
    left = sum(p.epochs for p in run.plan[run.progress.phase :]) - run.progress.phase_epoch
    if run.progress.epoch < 1:
        return None
    estimate = left * seconds / run.progress.epoch
    if run.spec.minutes is not None:
        estimate = min(estimate, max(0.0, run.spec.minutes * 60 - seconds))
    return round(estimate, 1)
