"""Judging a learner: on validation, on a fixed part of training, once on test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from tl_core.engine import ahead, precision
from tl_core.engine.features import BATCH
from tl_core.engine.learner import Learner
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
    rights: torch.Tensor
    """[n] which examples it is right on."""
    passed: torch.Tensor | None = None
    """[watched, widths] what the body has made of the watched ones, see `through`; None where it
    was not run."""


def validation(bench: Bench, source: Source, frozen: FrozenFeatures | None) -> Judged:
    """Judge the learner; with `frozen` the body is taken as untouched and is not run again."""
    if frozen is not None:
        return _judged(head_logits(bench, frozen.seen(frozen.val)), None, bench.val.labels)
    return _judged(*deeply(bench, source), bench.val.labels)


def training(bench: Bench, source: Source, frozen: FrozenFeatures | None) -> Judged:
    """Judge the learner as on validation, on a fixed part of what it learns from."""
    check = list(bench.check)
    labels = bench.train.labels[check]
    if frozen is not None:
        return _judged(head_logits(bench, frozen.seen(frozen.train)[check]), None, labels)
    return _judged(*through(bench.learner, source.check, source.start, check), labels)


def _judged(logits: torch.Tensor, passed: torch.Tensor | None, labels: torch.Tensor) -> Judged:
    losses, right = judge(logits, labels)
    share = accuracy(int(right.sum()), len(right))
    return Judged(float(losses.mean()), share, losses, right, passed)


def deeply(bench: Bench, source: Source) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the logits of all validation examples, and what the body made of the watched ones."""
    watched, learner = list(bench.watched), bench.learner
    if not watched:
        return logits(bench, source, source.val, range(len(bench.val))), None
    rest = sorted(set(range(len(bench.val))) - set(watched))
    found = torch.empty(len(bench.val), learner.head.linear.out_features)
    found[watched], passed = through(learner, source.val, source.start, watched)
    if rest:
        found[rest] = logits(bench, source, source.val, rest)
    return found, passed


def through(
    learner: Learner, examples: Examples, start: int, rows: Sequence[int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pass examples through the learner, and keep what it makes of them on the way.

    Args:
        learner: the network, whose head sees the last stage.
        examples: they enter segment `start`.
        start: number of that segment.
        rows: which of them.

    Returns:
        Logits [len(rows), classes]; and what leaves each segment from `start` on, averaged over
        place, side by side [len(rows), sum of their widths].
    """
    classes = learner.head.linear.out_features

    def compute(inputs: torch.Tensor) -> torch.Tensor:
        parts = [part.float() for part in learner.depths(inputs, start)]
        return torch.cat([*parts, learner.head(parts[-1])], 1)

    found = run(learner, compute, examples, rows)
    return found[:, -classes:], found[:, :-classes]


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
