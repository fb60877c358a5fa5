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
    """What is learned from; perhaps in a view that is varied already."""
    check: Examples
    """The same examples as they are, to judge by."""
    val: Examples
    start: int = 0
    """The segment that they enter."""


@dataclass(frozen=True)
class Judged:
    """How a learner stands on one part, in eval mode."""

    loss: float
    accuracy: Accuracy
    losses: torch.Tensor
    """[n] loss of each example, in nats."""


def validation(bench: Bench, source: Source, frozen: FrozenFeatures | None) -> Judged:
    """Judge the learner; with `frozen` the body is taken as untouched and is not run again."""
    if frozen is not None:
        found = head_logits(bench, frozen.seen(frozen.val))
    else:
        found = logits(bench, source, source.val, range(len(bench.val)))
    return _judged(found, bench.val.labels)


def training(bench: Bench, source: Source, frozen: FrozenFeatures | None) -> Judged:
    """Judge the learner as on validation, on a fixed part of what it learns from."""
    check = list(bench.check)
    if frozen is not None:
        found = head_logits(bench, frozen.seen(frozen.train)[check])
    else:
        found = logits(bench, source, source.check, check)
    return _judged(found, bench.train.labels[check])


def _judged(logits: torch.Tensor, labels: torch.Tensor) -> Judged:
    losses, right = judge(logits, labels)
    return Judged(float(losses.mean()), accuracy(int(right.sum()), len(right)), losses)


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
