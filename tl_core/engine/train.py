"""The one training loop: it reads top to bottom, and a killed run goes on exactly where it was.

Order and variation of the examples are pure functions of (seed, epoch, example), so a checkpoint
needs no random state: weights, optimizer and the place in the loop are all there is.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from tl_core.data.dataset import Dataset
from tl_core.engine import phase, steering, steps
from tl_core.engine.finish import summary
from tl_core.engine.learner import set_moving
from tl_core.engine.opening import open_run
from tl_core.engine.record import Actions, Run, judge_epoch, none, save
from tl_core.engine.setup import Ask, Emit
from tl_core.errors import Cancelled
from tl_core.spec import MIN_PROBE_EPOCHS, RunSpec

__all__ = ["advance", "conclude", "open_run", "summary", "train_run"]


def train_run(
    spec: RunSpec,
    dataset: Dataset,
    strategy: str,
    run_dir: Path,
    emit: Emit,
    should_continue: Ask,
    next_actions: Actions = none,
) -> dict[str, Any]:
    """Train `strategy` as `spec` asks, resuming from `run_dir` if it holds a checkpoint.

    Args:
        spec: what is asked for; its strategy may be `auto`, `strategy` is what was chosen.
        dataset: an imported dataset.
        strategy: one of `spec.STRATEGIES`.
        run_dir: folder of the run; checkpoints and artifacts are written there.
        emit: called with an event kind and its fields.
        should_continue: asked before each batch; blocks while paused, False to stop and keep
            the best.
        next_actions: asked before each batch for all that people have asked for so far; each
            action is applied once, however often the run is killed and resumed.

    Returns:
        The fields of the finished event: stop_reason, best, test_accuracy, retention, seconds,
        images_per_second, trainable_parameters (numbers that learned, at the best), parameters
        (numbers of base and head), sizes: learned_bytes (what was kept of the run: the head, and
        what moved or the adapters) and whole_bytes (base and head, adapters merged).

    Raises:
        InputError: if the base is unknown or cannot be had.
        Cancelled: if it was stopped before the first epoch.
    """
    run = open_run(spec, dataset, strategy, run_dir, emit, should_continue, next_actions)
    advance(run)
    return summary(run)


def advance(run: Run, seconds: float | None = None) -> bool:
    """Train until the run has come to its end, or for a turn of so many seconds.

    Args:
        run: an open run.
        seconds: of training, in this turn, though at least one step; None for no limit.

    Returns:
        Whether the run has come to its end; otherwise call again to go on.
    """
    progress = run.progress
    run.began = time.monotonic()
    run.deadline = math.inf if seconds is None else progress.seconds + seconds
    run.turned = run.place
    if progress.epoch < 0:
        set_moving(run.bench.learner, run.bench.backbone.stage_of, run.phase)
        judge_epoch(run, phase_name="before", trained=False)
    while not progress.stop_reason:
        try:
            halted = _train_phase(run)
            if not halted:
                phase.leave(run)
        except Cancelled:  # while a cache was being filled; the last checkpoint stands
            progress.stop_reason = "person"
            break
        if halted in ("person", "time", "turn"):
            save(run)  # whoever stops a run may let it go on
        if halted == "turn":
            progress.seconds = run.seconds()
            return False
        if halted:
            conclude(run, halted)
    return True


def conclude(run: Run, reason: str) -> Run:
    """Let a run end here, unless it has ended already, and return it.

    Args:
        run: an open run that has been judged at least once.
        reason: what its stop reason shall be.
    """
    if not run.progress.stop_reason:
        if reason == "time":
            phase.mix(run)
        run.progress.stop_reason = reason
    return run


def _train_phase(run: Run) -> str:
    """Train epoch by epoch until the phase is over; returns why the run must halt, or nothing."""
    progress, now = run.progress, run.phase
    if run.optimizer is None:
        phase.enter(run)
    while not progress.phase_over:
        phase.supply(run)
        halted, settled = steps.train_head(run) if now.cached else steps.train_epoch(run)
        if halted == "action":  # the epoch goes on at its next batch, unless the phase is over
            steering.heed(run)
            continue
        if halted:
            return halted
        progress.phase_epoch += 1
        progress.step = 0
        judge_epoch(run, phase_name=now.name, trained=True)
        if progress.stop_reason:
            return progress.stop_reason
        progress.phase_over = _over(run, settled)
        save(run)
    return ""


def _over(run: Run, settled: bool) -> str:
    """Return why the phase is over, or nothing."""
    progress, patience = run.progress, run.spec.patience
    if settled and progress.phase_epoch >= MIN_PROBE_EPOCHS:
        return "converged"
    if patience and progress.since_best >= patience:
        return "patience"
    return "epochs" if progress.phase_epoch >= run.phase.epochs else ""
