"""How far examples lie from what a base was trained on, read off its normalising layers.

Every BatchNorm layer carries mean and variance of its inputs over the base's own training data.
Comparing them with the same two numbers on the user's pictures needs no source picture at all
(used for drift by Lee 2021, arXiv 2107.00191). LayerNorm layers carry none; for bases that read
texts they come with Thaw, measured on English prose (`source`). The measure per channel is the
divergence KL(N(m, v) || N(m0, v0)) = (ln(v0/v) + (v + (m - m0)^2)/v0 - 1) / 2 in nats; per layer
the median over channels, per depth the mean over its layers.
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
from tl_core.evidence.source import Statistics, statistics
from tl_core.spec import Shift

SAMPLE = 128
"""Examples used at most: the measure settles from about 16 on, and falls slowly with more."""
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
        """Add inputs of shape [places, channels], or maps [batch, channels, height, width].

        By the kernel of BatchNorm's own training, in float32 and in one pass over maps as they
        lie in memory: converting and summing them took twice as long as the network itself.
        """
        x, count = x.detach(), x.numel() // x.shape[1]
        if not count:  # nothing but filling
            return
        mean = torch.zeros(x.shape[1], device=x.device)
        var = torch.ones(x.shape[1], device=x.device)
        torch.batch_norm_update_stats(x, mean, var, 1.0)
        mean, spread = mean.double().cpu(), var.double().cpu() * (count - 1) / count
        self.count += count
        self.total = self.total + mean * count
        # Of a single place the kernel tells no variance.
        self.squares = self.squares + (spread.nan_to_num() + mean.square()) * count

    def mean_and_variance(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return both per channel, [channels] float64."""
        mean = self.total / self.count
        return mean, (self.squares / self.count - mean.square()).clamp_min(VARIANCE_FLOOR)

    def divergence(self) -> float:
        """Return the median over channels of the divergence from the source, in nats."""
        mean, var = self.mean_and_variance()
        var0 = self.var0.double().clamp_min(VARIANCE_FLOOR)
        gap = (mean - self.mean0.double()).square()
        kl = 0.5 * (torch.log(var0 / var) + (var + gap) / var0 - 1)
        return float(kl.median())


@contextmanager
def watching(backbone: Backbone, known: Statistics | None = None) -> Iterator[dict[str, Moments]]:
    """Collect the moments of normalising layers' inputs while the context is open.

    Of texts only the places that hold a token count.

    Args:
        backbone: the base, whose body or chain is run meanwhile.
        known: the layers and what they are compared with; None for all whose statistics over
            the source are known.
    """
    compared = statistics(backbone) if known is None else known
    moments = {name: Moments(mean, var) for name, (mean, var) in compared.items()}
    real: list[torch.Tensor] = []
    met: set[str] = set()

    def begin(_module: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        real[:] = [backbone.real(inputs[0])] if backbone.real else []
        met.clear()

    def collector(name: str) -> Any:
        def collect(module: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            if name in met:  # later segments of an encoder run its first layers on nothing
                return
            met.add(name)
            x = inputs[0]
            if not isinstance(module, nn.BatchNorm2d):
                x = x[real[0]] if real else x.flatten(0, -2)
            moments[name].add(x)

        return collect

    entries = {backbone.body, backbone.chain.segments[0]}  # the same where it could not be cut
    hooks = [entry.register_forward_pre_hook(begin) for entry in entries]
    for name in moments:
        layer = backbone.body.get_submodule(name)
        hooks.append(layer.register_forward_pre_hook(collector(name)))
    try:
        yield moments
    finally:
        for hook in hooks:
            hook.remove()


def shift(moments: dict[str, Moments], backbone: Backbone) -> Shift | None:
    """Sum up by depth: the first, second and last third of the stages; None if not known."""
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
    """Return what the base's own kind of data gives at about `n` examples; None if unknown.

    From `benchmarks/expected_shift.py`, which measured it on photographs of the source, or on
    English prose that the statistics were not taken from; derived numbers only.
    """
    rows = _expected().get(base_id)
    if not rows:
        return None
    nearest = min(rows, key=lambda row: abs(row["n"] - n))
    return Shift(nearest["early"], nearest["middle"], nearest["late"])
