"""Judging a learner: on validation, on a fixed part of training, once on test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from tl_core.engine import ahead, precision
from tl_core.engine.features import BATCH
from tl_core.engine.modality import Examples
from tl_core.engine.scores import accuracy, judge
from tl_core.engine.setup import Bench, FrozenFeatures
from tl_core.spec import Accuracy


@dataclass(frozen=True)
class Source:
    """Where inputs come from: the examples themselves, or what a frozen part made of them."""

    train: Examples
    val: Examples
    start: int = 0
    """The segment that they enter."""


@dataclass(frozen=True)
class Scores:
    """How a learner stands after an epoch; train and validation are judged alike (eval mode)."""

    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: Accuracy
    val_losses: torch.Tensor
    """[n_val] loss of each validation example, in nats."""


def scores(bench: Bench, source: Source, frozen: FrozenFeatures | None) -> Scores:
    """Judge the learner; with `frozen` the body is taken as untouched and is not run again."""
    check = list(bench.check)
    if frozen is not None:
        train_logits = head_logits(bench, frozen.seen(frozen.train)[check])
        val_logits = head_logits(bench, frozen.seen(frozen.val))
    else:
        train_logits = logits(bench, source, source.train, check)
        val_logits = logits(bench, source, source.val, range(len(bench.val)))
    train_losses, train_right = judge(train_logits, bench.train.labels[check])
    val_losses, val_right = judge(val_logits, bench.val.labels)
    return Scores(
        train_loss=float(train_losses.mean()),
        train_accuracy=float(train_right.float().mean()),
        val_loss=float(val_losses.mean()),
        val_accuracy=accuracy(int(val_right.sum()), len(val_right)),
        val_losses=val_losses,
    )


def head_logits(bench: Bench, features: torch.Tensor) -> torch.Tensor:
    """Return the head's logits [n, classes] for features [n, width]."""
    head = bench.learner.head
    with torch.inference_mode():
        parts = [head(part.to(head.mean.device)).cpu() for part in torch.split(features, BATCH)]
    return torch.cat(parts)


def logits(bench: Bench, source: Source, examples: Examples, rows: Sequence[int]) -> torch.Tensor:
    """Return the learner's logits [len(rows), classes] for examples of `source`."""
    learner = bench.learner
    return run(learner, lambda inputs: learner(inputs, source.start), examples, rows)


def run(
    network: nn.Module,
    compute: Callable[[torch.Tensor], torch.Tensor],
    examples: Examples,
    rows: Sequence[int],
) -> torch.Tensor:
    """Return compute(inputs) for all rows, with `network` in eval mode, [len(rows), …] float32.

    The network is left in the mode it was found in.
    """
    modes = {module: module.training for module in network.modules()}
    network.eval()
    parts, order = [], ahead.alike(rows, examples.lengths)
    with torch.inference_mode(), precision.autocast():
        for _rows, inputs in ahead.batches(examples.inputs, order, BATCH):
            parts.append(compute(inputs.to(precision.device())).float().cpu())
    for module, training in modes.items():
        module.training = training
    return ahead.put_back(torch.cat(parts), order, rows)
