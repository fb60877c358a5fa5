"""The network that learns: a backbone, a head, and what of them moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from tl_core.engine import adapters
from tl_core.engine.features import pool, stage_widths
from tl_core.engine.modality import Backbone
from tl_core.engine.probe import MIN_SPREAD
from tl_core.engine.strategies import TRANSFORMERS, TRANSFORMERS_WIDTH, WITH_BATCHNORM, Phase, Rates

WEIGHT_DECAY = 1e-2
CHUNK = 4096  # examples whose features are in memory at once while the head is fitted


class Head(nn.Module):
    """A linear classifier on standardised features."""

    mean: torch.Tensor
    spread: torch.Tensor

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, classes)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))

    def standardise_by(self, features: torch.Tensor) -> None:
        """Take mean and spread from training features, [n, width]."""
        parts = torch.split(features, CHUNK)
        mean = sum(part.double().sum(0) for part in parts) / len(features)
        square = sum((part.double() - mean).square().sum(0) for part in parts) / len(features)
        spread = torch.as_tensor(square).sqrt()
        self.mean.copy_(torch.as_tensor(mean))
        self.spread.copy_(torch.where(spread < MIN_SPREAD, 1.0, spread))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return logits [batch, classes] for features [batch, width]."""
        logits: torch.Tensor = self.linear((features.float() - self.mean) / self.spread)
        return logits


class Learner(nn.Module):
    """Backbone and head in one network."""

    def __init__(self, backbone: Backbone, classes: int, *, all_depths: bool = False) -> None:
        """Put a head on the base's features, or on those of all its stages side by side."""
        super().__init__()
        self.body = backbone.body
        self.chain = backbone.chain  # shares the body's layers; not a part of its own
        self.all_depths = all_depths
        width = sum(stage_widths(backbone)) if all_depths else backbone.width
        self.head = Head(width, classes)

    def features(self, inputs: torch.Tensor, start: int = 0) -> torch.Tensor:
        """Return what the head sees, [batch, width], for inputs of segment `start`."""
        if self.body.training:  # a chain is cut from a network at rest
            moving: torch.Tensor = self.body(inputs)
            return moving
        if self.all_depths:
            return torch.cat(self.depths(inputs, start), 1)
        value = inputs
        for segment in self.chain.segments[start:]:
            value = segment(value)
        return value

    def depths(self, inputs: torch.Tensor, start: int = 0) -> list[torch.Tensor]:
        """Return what leaves each segment from `start` on, averaged over place, [batch, width]."""
        value, parts = inputs, []
        for segment in self.chain.segments[start:]:
            value = segment(value)
            parts.append(pool(value))
        return parts

    def forward(self, inputs: torch.Tensor, start: int = 0) -> torch.Tensor:
        """Return logits [batch, classes] for inputs of segment `start`."""
        logits: torch.Tensor = self.head(self.features(inputs, start))
        return logits


def rates_of(backbone: Backbone) -> Rates:
    """Return the learning rates that a network bears, by its BatchNorm and its width."""
    if any(isinstance(module, nn.BatchNorm2d) for module in backbone.body.modules()):
        return WITH_BATCHNORM
    share = min(1.0, TRANSFORMERS_WIDTH / backbone.width)
    usual = TRANSFORMERS
    return Rates(share * usual.body, share * usual.adapter, share * usual.scratch)


def set_moving(learner: Learner, stage_of: dict[str, str], phase: Phase) -> None:
    """Let exactly the parts of `phase` move, everything else frozen.

    BatchNorm layers stay in eval mode, in thawed stages too: statistics re-estimated on a small
    set cost 2 to 20 points (`benchmarks/landmarks.json`), and weights tuned under fixed ones stay
    compatible with the base's. Only a network without a past learns its own.
    """
    for name, parameter in learner.body.named_parameters():
        is_moving = (
            adapters.is_adapter(name) if phase.adapters else stage_of.get(name) in phase.thawed
        )
        parameter.requires_grad_(is_moving)
    learner.body.train(phase.learns_statistics)


def parameter_groups(
    learner: Learner, stages: Sequence[str], stage_of: dict[str, str], phase: Phase
) -> list[dict[str, Any]]:
    """Return optimizer groups: the head first, then each thawed stage with its own rate."""
    groups: list[dict[str, Any]] = [
        {"params": list(learner.head.parameters()), "lr": phase.head_lr, "name": "head"}
    ]
    if phase.adapters:
        moving = [p for p in learner.body.parameters() if p.requires_grad]
        return [*groups, {"params": moving, "lr": phase.body_lr, "name": "adapters"}]
    for depth, stage in enumerate(reversed(stages)):
        named = learner.body.named_parameters()
        moving = [p for n, p in named if stage_of.get(n) == stage and p.requires_grad]
        if moving:
            rate = phase.body_lr / phase.decay**depth
            groups.append({"params": moving, "lr": rate, "name": stage})
    return groups


def moved_state(learner: Learner, *, statistics: bool) -> dict[str, torch.Tensor]:
    """Return a copy of what differs from the base: the head, and what moves of the body.

    With `statistics` all buffers of the body come along. The rest is the base itself, whose
    weights are checked by hash when they are loaded, so it need not be written again.
    """
    state = {f"head.{name}": value for name, value in learner.head.state_dict().items()}
    moving = {n: p for n, p in learner.body.named_parameters() if p.requires_grad}
    state |= {f"body.{name}": value for name, value in moving.items()}
    if statistics:
        state |= {f"body.{name}": value for name, value in learner.body.named_buffers()}
    return {name: value.detach().cpu().clone().contiguous() for name, value in state.items()}


def count_moving(learner: Learner) -> int:
    """Return how many single numbers training may change now."""
    return sum(p.numel() for p in learner.parameters() if p.requires_grad)


def head_gradients(
    head: Head, features: torch.Tensor, labels: torch.Tensor, penalty: float
) -> float:
    """Add the gradients of the head's objective to its parameters; returns the objective.

    It is mean cross-entropy plus the L2 penalty, as in scikit-learn's logistic regression.

    Args:
        head: the head.
        features: [n, width], read piece by piece.
        labels: [n] class numbers.
        penalty: in units of one example's loss.
    """
    where, total = head.mean.device, 0.0
    penalised = penalty / (2 * len(labels)) * head.linear.weight.square().sum()
    penalised.backward()  # type: ignore[no-untyped-call]
    for part, wanted in zip(torch.split(features, CHUNK), torch.split(labels, CHUNK), strict=True):
        losses = nn.functional.cross_entropy(
            head(part.to(where)), wanted.to(where), reduction="sum"
        )
        loss = losses / len(labels)
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
    return total + float(penalised.detach())
