"""What a frozen network makes of every example, after each of its stages: computed once, kept.

A choice of examples is a file, beside it the keys of its examples: another choice of the same
data, such as the training part of a run after a sample of it was measured, takes over what is
there and computes only the rest.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tl_core import files
from tl_core.engine import ahead, arrays, precision
from tl_core.engine.chain import Chain
from tl_core.engine.chosen import Chosen
from tl_core.engine.modality import Backbone, Examples, Raw

BATCH = 64
VERSION = 3
CACHE_LIMIT_BYTES = 4 << 30
COPIED = 4096  # examples in memory at once while features are taken over
NAME_DIGITS = 40  # of each hash in a file's name

KEY, KEYS = "S64", ".keys"  # a hash in hexadecimal, and the files of them

Progress = Callable[[int, int], None]
Keys = npt.NDArray[np.bytes_]


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


@dataclass(frozen=True)
class Known:
    """Features of some examples that somebody has at hand."""

    rows: Sequence[int]
    values: torch.Tensor
    """[len(rows), sum of widths] float32, see `every_stage`."""


def pooled(
    backbone: Backbone, examples: Raw, progress: Progress, known: Known | None = None
) -> Pooled:
    """Return the features of all examples after every stage, from the cache where possible.

    The keys cover the weights, the inputs and the number format. Of chosen examples the whole is
    computed and kept.

    Args:
        backbone: the untouched base.
        examples: what goes in.
        progress: called with (done, total) after each batch that is computed.
        known: what need not be computed.
    """
    if isinstance(examples, Chosen):
        whole = pooled(backbone, examples.whole, progress)
        return Pooled(whole.values[list(examples.rows)], whole.widths)
    parts = (backbone.fingerprint, str(backbone.size), precision.mixed_precision())
    text = " ".join((str(VERSION), str(len(backbone.chain.segments)), *parts))
    network = hashlib.sha256(text.encode()).hexdigest()[:NAME_DIGITS]
    path = files.cache_dir() / "features" / f"{network}-{examples.key[:NAME_DIGITS]}.npy"
    widths = stage_widths(backbone)
    if not path.exists():
        _write(path, backbone.chain, examples, sum(widths), progress, known)
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


def _write(
    path: Path,
    chain: Chain,
    examples: Raw,
    width: int,
    progress: Progress,
    known: Known | None,
) -> None:
    files.trim_folder(path.parent, CACHE_LIMIT_BYTES - len(examples) * width * 4)
    keys = np.array(examples.keys, dtype=KEY)
    with files.replacing(path) as temporary:
        array = arrays.create(temporary, "float32", (len(examples), width))
        is_left = ~_taken_over(path, keys, array)
        if known is not None:
            array[known.rows] = known.values.numpy()
            is_left[known.rows] = False
        left = ahead.alike(np.flatnonzero(is_left).tolist(), examples.lengths)
        done = len(examples) - len(left)
        for rows, inputs in ahead.batches(examples.inputs, left, BATCH):
            array[rows] = every_stage(chain, inputs).numpy()
            done += len(rows)
            progress(done, len(examples))
        array.flush()
    with files.replacing(path.with_suffix(KEYS)) as temporary, temporary.open("wb") as file:
        np.save(file, keys)


def _taken_over(path: Path, keys: Keys, array: arrays.Mapped) -> npt.NDArray[np.bool_]:
    """Copy what other choices of examples hold of these; return [n] which were found.

    Other files of the folder may be dropped at any time, and a damaged one is passed over.
    """
    is_found = np.zeros(len(keys), dtype=bool)
    network = path.name.partition("-")[0]
    for other in path.parent.glob(f"{network}-*{KEYS}"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            theirs = np.load(other, allow_pickle=False)
            wanted = np.flatnonzero(~is_found & (keys != b""))
            _both, own, places = np.intersect1d(keys[wanted], theirs, return_indices=True)
            values = arrays.read(other.with_suffix(".npy"))
            for start in range(0, len(own), COPIED):
                part = slice(start, start + COPIED)
                array[wanted[own[part]]] = values[places[part]]
                is_found[wanted[own[part]]] = True
    return is_found


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
        if value.shape[-1] == value.shape[-2]:  # maps are square, so channels come first
            # In bf16 `mean` takes 25 times as long, a fifth of the pass over all stages.
            return torch.nn.functional.avg_pool2d(value, value.shape[-1]).flatten(1)
        return value.mean((1, 2))
    if value.ndim != 3:
        return value
    real = (value != 0).any(-1).sum(1, keepdim=True)
    return value.sum(1) / real.clamp_min(1)
