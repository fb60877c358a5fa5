"""The epochs of a phase: of the head on its cached features, and of whatever is thawed."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from tl_core.engine import ahead, precision, together
from tl_core.engine.learner import head_gradients
from tl_core.engine.modality import Variation
from tl_core.engine.record import Run, give_up, save
from tl_core.engine.setup import choose_penalty
from tl_core.engine.strategies import BATCH
from tl_core.i18n import _

WARM_UP = 0.1  # share of a phase's steps over which the learning rate rises
CLIP_NORM = 1.0
SMOOTHING = 0.1
"""Share of the label given to all classes alike while the body learns (Szegedy et al. 2016). It
keeps a small set from being learned by heart with ever more certainty, so that validation loss,
which chooses the best epoch, goes with accuracy: the weights chosen were right on 78 % of small
photographs with it and on 72 % without, on 94 % of hand signs either way
(`benchmarks/recipes.json`)."""
MIXED = 16
"""Batches whose examples are sorted by length together."""
SAVE_SECONDS = 30.0  # a kill loses at most this much
REPORT_SECONDS = 0.5
CONVERGED = 1e-3  # relative fall of the head's objective in one epoch below which it has settled


def train_head(run: Run) -> tuple[str, bool]:
    """Take a few L-BFGS steps on cached features.

    Returns why the run must halt, or nothing, and whether the fit has settled.
    """
    progress, head = run.progress, run.bench.learner.head
    if halted := run.halt():
        return halted, False
    assert run.frozen is not None
    if progress.penalty is None:
        progress.penalty = choose_penalty(run.bench, run.frozen, run.spec.seed)
    penalty = progress.penalty
    features, labels = run.frozen.seen(run.frozen.train), run.bench.train.labels
    started = time.monotonic()

    def objective() -> float:
        run.optimizer.zero_grad()
        return head_gradients(head, features, labels, penalty)

    _allow(run.optimizer, run.phase.steps_of(progress.phase_epoch))
    run.optimizer.step(objective)
    together.equalise(head.parameters())
    now = together.agreed(objective)
    settled = progress.objective - now < CONVERGED * abs(now)
    progress.objective = now
    progress.step_seconds += time.monotonic() - started
    progress.step_examples += len(labels)
    return "", settled


def _allow(optimizer: Any, steps: int) -> None:
    """Let L-BFGS take so many steps at its next call.

    It looks once to begin with and at least once a step; a few looks more are for line searches.
    """
    (group,) = optimizer.param_groups
    group["max_iter"], group["max_eval"] = steps, 1 + steps * 5 // 4


def train_epoch(run: Run) -> tuple[str, bool]:
    """Train one pass over the training examples; never settles by itself."""
    progress, phase, bench = run.progress, run.phase, run.bench
    epoch = progress.epoch + 1
    batches = batches_of(run.source.train.lengths, len(bench.train), (run.spec.seed, epoch))
    variation = Variation(run.spec.seed, epoch, progress.ways, progress.strength())
    steps = phase.epochs * len(batches)
    reported = 0.0
    untold: list[float] = []
    started = time.monotonic()
    inputs = ahead.made(
        lambda rows: run.source.train.augmented(_share(rows), variation), batches[progress.step :]
    )
    for number in range(progress.step, len(batches)):
        if halted := run.halt():
            return halted, False
        rows = batches[number]
        if bench.learner.body.training:
            _begin_draws(run.spec.seed, epoch, number)
        _set_rates(run.optimizer, (progress.phase_epoch * len(batches) + number) / steps)
        loss = _step(run, next(inputs), bench.train.labels[_share(rows)], len(rows))
        if not math.isfinite(loss):
            give_up(run)
            return "nan", False
        progress.step = number + 1
        progress.step_seconds += time.monotonic() - started
        progress.step_examples += len(rows)
        if time.monotonic() - run.saved > SAVE_SECONDS:
            save(run)
        untold.append(loss)
        if time.monotonic() - reported > REPORT_SECONDS:
            reported = time.monotonic()
            _tell(run, epoch, number + 1, len(batches), untold)
            untold = []
        started = time.monotonic()
    return "", False


def _begin_draws(seed: int, epoch: int, number: int) -> None:
    """Let what a batch leaves out at random (dropout) depend on its place alone.

    Otherwise a resumed run would leave out something else. Only a network without a past does.
    """
    torch.manual_seed(int(np.random.default_rng((seed, epoch, number)).integers(2**63)))


def _tell(run: Run, epoch: int, done: int, total: int, losses: Sequence[float]) -> None:
    """Tell how far the epoch is, and the mean loss of the batches since the last word.

    That loss is the one that is learned from: of varied examples, smoothed labels included. It
    shows that something moves; the curves compare what is judged alike.
    """
    loss = sum(losses) / len(losses)
    what = _("batches of this epoch")
    run.emit("step", what=what, done=done, total=total, epoch=epoch, loss=round(loss, 4))


def batches_of(lengths: Sequence[int], n: int, seed: tuple[int, int]) -> list[list[int]]:
    """Return n rows shuffled into batches; where lengths differ, like ones share a batch.

    Sorting happens within pools of MIXED batches, which are then shuffled, so that an epoch
    still meets examples in another order and company each time.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(n).tolist()
    pool = MIXED * BATCH
    if lengths:
        pools = [order[start : start + pool] for start in range(0, n, pool)]
        order = [row for rows in pools for row in ahead.alike(rows, lengths)]
    batches = [order[start : start + BATCH] for start in range(0, n, BATCH)]
    return [batches[place] for place in rng.permutation(len(batches))] if lengths else batches


def _share(rows: list[int]) -> list[int]:
    """Return this process's part of a batch; never nothing, see `_step`."""
    return rows[together.rank() :: together.size()] or rows[:1]


def _step(run: Run, inputs: torch.Tensor, labels: torch.Tensor, total: int) -> float:
    """Take one step on a batch, or on this process's part of one; returns the mean loss.

    Where memory does not suffice, the batch is cut into pieces whose gradients add up to the same;
    with several processes the run fails instead.

    Args:
        run: an open run.
        inputs: [share, …].
        labels: [share].
        total: examples of the whole batch, over all processes.
    """
    while True:
        try:
            loss = _gradients(run, inputs, labels, total)
            break
        except (RuntimeError, MemoryError) as error:
            # Of several processes the others are waiting for this one's gradients already.
            can_cut = together.size() == 1 and run.progress.pieces < len(inputs)
            if not can_cut or not _is_out_of_memory(error):
                raise
            run.progress.pieces *= 2
            text = _("Memory ran short: each batch is now learned in {n} pieces.")
            run.emit("action", action="halve_batch", text=text.format(n=run.progress.pieces))
    if math.isfinite(loss):
        moving = [p for p in run.bench.learner.parameters() if p.requires_grad]
        run.accelerator.clip_grad_norm_(moving, CLIP_NORM)
        run.optimizer.step()
    return loss


def _gradients(run: Run, inputs: torch.Tensor, labels: torch.Tensor, total: int) -> float:
    """Compute the gradients of the mean loss of a batch; returns that loss."""
    where, size = precision.device(), together.size()
    # A process without examples of its own lends one that counts nothing.
    weight = 0.0 if together.rank() >= total else size / total
    run.optimizer.zero_grad(set_to_none=True)
    summed = 0.0
    for part, wanted in zip(
        inputs.chunk(run.progress.pieces), labels.chunk(run.progress.pieces), strict=True
    ):
        part = part.to(where)
        with run.accelerator.autocast():
            logits = run.network(part, run.source.start)
            losses = cross_entropy(
                logits, wanted.to(where), reduction="sum", label_smoothing=SMOOTHING
            )
            loss = weight * losses
            for penalty in (run.penalty, run.pull):
                if penalty is not None:
                    loss = loss + penalty(part) * len(part) * weight
        run.accelerator.backward(loss)
        summed += float(loss.detach())
    return summed if size == 1 else together.summed(summed) / size


def _is_out_of_memory(error: BaseException) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(
        words in said for words in ("out of memory", "can't allocate memory", "not enough memory")
    )


def _set_rates(optimizer: Any, share: float) -> None:
    """Let rates fall along a cosine to zero over the phase (share in [0, 1]).

    What moves for the first time is warmed up; what has moved before goes on from its momentum.
    """
    cosine = 0.5 * (1 + math.cos(math.pi * max(0.0, share - WARM_UP) / (1 - WARM_UP)))
    for group in optimizer.param_groups:
        is_rising = group["is_new"] and share < WARM_UP
        factor = (share + 0.01) / (WARM_UP + 0.01) if is_rising else cosine
        group["lr"] = group["peak"] * factor
