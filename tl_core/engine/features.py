"""What a frozen network makes of every example, after each of its stages: computed once, kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from tl_core import files
from tl_core.engine import ahead, arrays, precision
from tl_core.engine.chain import Chain
from tl_core.engine.chosen import Chosen
from tl_core.engine.modality import Backbone, Examples

BATCH = 64
VERSION = 2
CACHE_LIMIT_BYTES = 4 << 30

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Pooled:
    """Features of examples averaged over place, for every stage side by side."""

    values: torch.Tensor
    """[n, sum of widths] float32, early stages first; may be read from disk piece by piece."""
    widths: tuple[int, ...]
    """Width of each segment's features; the last is the width of the base's own features."""

    @property
    def last(self) -> torch.Tensor:
        """[n, width] the base's own features: those of the last stage."""
        return self.values[:, -self.widths[-1] :]

    def stage(self, number: int) -> torch.Tensor:
        """[n, width] the features after segment `number`."""
        first = sum(self.widths[:number])
        return self.values[:, first : first + self.widths[number]]


def pooled(backbone: Backbone, examples: Examples, progress: Progress) -> Pooled:
    """Return the features of all examples after every stage, from the cache where possible.

    The key covers the weights, the inputs and the number format. Of chosen examples the whole is
    computed and kept.
    """
    if isinstance(examples, Chosen):
        whole = pooled(backbone, examples.whole, progress)
        return Pooled(whole.values[list(examples.rows)], whole.widths)
    parts = (backbone.fingerprint, examples.key, str(backbone.size), precision.mixed_precision())
    text = " ".join((str(VERSION), str(len(backbone.chain.segments)), *parts))
    name = hashlib.sha256(text.encode()).hexdigest()
    path = files.cache_dir() / "features" / f"{name}.npy"
    widths = stage_widths(backbone)
    if not path.exists():
        _write(path, backbone.chain, examples, sum(widths), progress)
    return Pooled(arrays.tensor(path), widths)


def stage_widths(backbone: Backbone) -> tuple[int, ...]:
    """Return the number of features after each segment."""
    value = backbone.sample
    widths = []
    with torch.inference_mode():
        for segment in backbone.chain.segments:
            value = segment(value.to(precision.device()))
            widths.append(pool(value).shape[1])
    return tuple(widths)


def _write(path: Path, chain: Chain, examples: Examples, width: int, progress: Progress) -> None:
    files.trim_folder(path.parent, CACHE_LIMIT_BYTES - len(examples) * width * 4)
    with files.replacing(path) as temporary:
        array = arrays.create(temporary, "float32", (len(examples), width))
        done, order = 0, ahead.alike(range(len(examples)), examples.lengths)
        for rows, inputs in ahead.batches(examples.inputs, order, BATCH):
            array[rows] = every_stage(chain, inputs).numpy()
            done += len(rows)
            progress(done, len(examples))
        array.flush()


def compute(chain: Chain, examples: Examples, progress: Progress) -> torch.Tensor:
    """Run all examples through a network that is not worth keeping; returns [n, width] float32."""
    done, parts = 0, []
    order = ahead.alike(range(len(examples)), examples.lengths)
    with torch.inference_mode(), precision.autocast():
        for rows, inputs in ahead.batches(examples.inputs, order, BATCH):
            value = inputs.to(precision.device())
            for segment in chain.segments:
                value = segment(value)
            parts.append(value.float().cpu())
            done += len(rows)
            progress(done, len(examples))
    return ahead.put_back(torch.cat(parts), order)


def every_stage(chain: Chain, inputs: torch.Tensor) -> torch.Tensor:
    """Return the pooled features of a batch after every stage, [batch, sum of widths] float32."""
    value = inputs.to(precision.device())
    parts = []
    with torch.inference_mode(), precision.autocast():
        for segment in chain.segments:
            value = segment(value)
            parts.append(pool(value).float().cpu())
    return torch.cat(parts, 1)


def pool(value: torch.Tensor) -> torch.Tensor:
    """Average over places: maps [b, c, h, w] or [b, h, w, c], tokens [b, t, c] -> [b, c].

    Tokens that are zero vectors fill up a shorter text and do not count.
    """
    if value.ndim == 4:
        is_first = value.shape[-1] == value.shape[-2]  # maps are square
        return value.mean((2, 3)) if is_first else value.mean((1, 2))
    if value.ndim != 3:
        return value
    real = (value != 0).any(-1).sum(1, keepdim=True)
    return value.sum(1) / real.clamp_min(1)
