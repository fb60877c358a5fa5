"""How far pictures lie from what a base was trained on, read off its BatchNorm layers.

Every BatchNorm layer carries mean and variance of its inputs over the base's own training data.
Comparing them with the same two numbers on the user's pictures needs no source picture at all
(used for drift by Lee 2021, arXiv 2107.00191). The measure per channel is the divergence
KL(N(m, v) || N(m0, v0)) = (ln(v0/v) + (v + (m - m0)^2)/v0 - 1) / 2 in nats; per layer the median
over channels, per depth the mean over its layers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tl_core.engine.modality import Backbone
from tl_core.spec import Shift

SAMPLE = 128
"""Pictures used at most: the measure settles from about 16 on, and falls slowly with more."""
VARIANCE_FLOOR = 1e-5  # nats would explode on channels that never fire
DEPTHS = ("early", "middle", "late")
_EXPECTED = Path(__file__).with_name("expected_shift.json")


@dataclass
class Moments:
    """Running sums of one layer's inputs per channel."""

    mean0: torch.Tensor
    var0: torch.Tensor
    count: int = 0
    total: torch.Tensor = field(default_factory=lambda: torch.zeros(1, dtype=torch.float64))
    squares: torch.Tensor = field(default_factory=lambda: torch.zeros(1, dtype=torch.float64))

    def add(self, x: torch.Tensor) -> None:
        """Add inputs of shape [batch, channels, height, width]."""
        x = x.detach().float()
        self.count += x.numel() // x.shape[1]
        self.total = self.total + x.sum((0, 2, 3)).double()
        self.squares = self.squares + x.square().sum((0, 2, 3)).double()

    def divergence(self) -> float:
        """Return the median over channels of the divergence from the source, in nats."""
        mean = self.total / self.count
        var = (self.squares / self.count - mean.square()).clamp_min(VARIANCE_FLOOR)
        var0 = self.var0.double().clamp_min(VARIANCE_FLOOR)
        gap = (mean - self.mean0.double()).square()
        kl = 0.5 * (torch.log(var0 / var) + (var + gap) / var0 - 1)
        return float(kl.median())


@contextmanager
def watching(body: nn.Module) -> Iterator[dict[str, Moments]]:
    """Collect the moments of every BatchNorm input while the context is open."""
    moments: dict[str, Moments] = {}
    hooks = []

    def collector(name: str) -> Any:
        def collect(_module: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            moments[name].add(inputs[0])

        return collect

    for name, module in body.named_modules():
        mean, var = getattr(module, "running_mean", None), getattr(module, "running_var", None)
        if isinstance(module, nn.BatchNorm2d) and mean is not None and var is not None:
            moments[name] = Moments(mean.clone(), var.clone())
            hooks.append(module.register_forward_pre_hook(collector(name)))
    try:
        yield moments
    finally:
        for hook in hooks:
            hook.remove()


def shift(moments: dict[str, Moments], backbone: Backbone) -> Shift | None:
    """Sum up by depth: the first, second and last third of the stages; None without BatchNorm."""
    names = [stage.name for stage in backbone.stages]
    found: dict[str, list[float]] = {depth: [] for depth in DEPTHS}
    for layer, layer_moments in moments.items():
        stage = backbone.stage_of.get(f"{layer}.weight")
        if stage is not None and layer_moments.count:
            depth = DEPTHS[min(2, names.index(stage) * 3 // len(names))]
            found[depth].append(layer_moments.divergence())
    if not all(found.values()):
        return None
    early, middle, late = (round(sum(v) / len(v), 4) for v in found.values())
    return Shift(early, middle, late)


@cache
def _expected() -> dict[str, list[dict[str, Any]]]:
    table: dict[str, list[dict[str, Any]]] = json.loads(_EXPECTED.read_text(encoding="utf-8"))
    return table


def expected(base_id: str, n: int) -> Shift | None:
    """Return what the base's own source pictures give at about `n` pictures; None if unknown.

    From `benchmarks/expected_shift.py`, which measured it; derived numbers only.
    """
    rows = _expected().get(base_id)
    if not rows:
        return None
    nearest = min(rows, key=lambda row: abs(row["n"] - n))
    return Shift(nearest["early"], nearest["middle"], nearest["late"])
