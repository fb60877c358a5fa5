"""Holding on to what the base knows while everything moves."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import torch

from tl_core.engine import precision
from tl_core.engine.chain import Chain
from tl_core.engine.features import pool
from tl_core.engine.learner import Learner

L2_SP = 1e-2
"""Weight of half the squared distance from the base's weights (Li, Grandvalet and Davoine 2018
use 1e-3 to 1e-1)."""
STEP = 10.0
"""By how much L2-SP grows where somebody asks for more of it."""
LDIFS = 10.0
"""Weight of the squared distance from the base's features (Mukhoti et al. 2024 use 10 and more)."""

Penalty = Callable[[torch.Tensor], torch.Tensor]
"""Takes a batch of inputs and returns what is added to its mean loss."""


def penalty(kind: str, learner: Learner) -> Penalty | None:
    """Return the penalty of `spec.retention`, for the learner as it is now: still the base.

    Args:
        kind: one of `spec.RETENTIONS`.
        learner: its body must be untouched.

    Raises:
        KeyError: if there is no such penalty.
    """
    if kind == "none":
        return None
    return {"l2_sp": _l2_sp, "ldifs": _ldifs}[kind](learner)


def _l2_sp(learner: Learner) -> Penalty:
    """L2-SP: the weights stay near where they began."""
    return pull(learner, {n: p.detach().clone() for n, p in learner.body.named_parameters()})


def pull(learner: Learner, start: Mapping[str, torch.Tensor], weight: float = L2_SP) -> Penalty:
    """Return L2-SP towards the weights in `start` (Li et al. 2018, eq. 2)."""

    def of(inputs: torch.Tensor) -> torch.Tensor:
        moved = [
            (p - start[n]).square().sum()
            for n, p in learner.body.named_parameters()
            if p.requires_grad
        ]
        return weight / 2 * torch.stack(moved).sum()

    return of


def _ldifs(learner: Learner) -> Penalty:
    """LDIFS: the features of every stage stay near the base's (Mukhoti et al. 2024, eq. 4).

    Features are scaled to length 1 per stage, so that wide stages do not speak loudest.
    """
    base = Chain(copy.deepcopy(learner.chain.segments), learner.chain.first_stage)

    def features(chain: Chain, inputs: torch.Tensor) -> list[torch.Tensor]:
        value, parts = inputs, []
        for segment in chain.segments:
            value = segment(value)
            parts.append(torch.nn.functional.normalize(pool(value).float(), dim=1))
        return parts

    def of(inputs: torch.Tensor) -> torch.Tensor:
        with torch.no_grad(), precision.autocast():
            wanted = features(base, inputs)
        now = features(learner.chain, inputs)
        apart = [(a - b).square().sum(1).mean() for a, b in zip(now, wanted, strict=True)]
        return LDIFS * torch.stack(apart).mean()

    return of
