"""What the frozen part of a network makes of every example: computed once, so that an epoch costs
only what is thawed.

Examples have a few views: the plain one, by which they are judged, and some that are varied as
augmentation would vary them. Each is an array on disk, computed in the epoch that first needs it,
so that nobody waits for what may never be used. Half precision, keyed by content, safe to delete
at any time.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from tl_core import files
from tl_core.engine import ahead, arrays, precision
from tl_core.engine.chosen import Chosen, chosen
from tl_core.engine.modality import Backbone, Examples, Variation

log = logging.getLogger(__name__)

BATCH = 32
VERSION = 2
VIEWS = 4  # the plain one and three varied ones; epochs take them in turn
CACHE_LIMIT_BYTES = 8 << 30
LIMIT_BYTES = 3 << 28  # of one view; beyond it the frozen part is computed each time
_BYTES = 2  # of a number in half precision
DISK_SHARE = 0.5  # of what is free on the disk

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Stored:
    """Examples as they leave the frozen part, in one view."""

    key: str
    values: torch.Tensor
    """[n, …] float16, read from disk where it is touched."""
    lengths: Sequence[int] = ()
    """As those of the examples that it was made of."""
    rows: tuple[int, ...] | None = None
    """Which of `values` these examples are; None for all."""

    def __len__(self) -> int:
        return len(self.values if self.rows is None else self.rows)

    def inputs(self, rows: Sequence[int]) -> torch.Tensor:
        """Return this view of `rows`."""
        places = rows if self.rows is None else chosen(self.rows, rows)
        ready = self.values[list(places)].float()
        if ready.ndim == 4:
            return ready.contiguous(memory_format=torch.channels_last)
        if ready.ndim == 3:  # no further than the longest of these texts
            used = (ready != 0).any(-1).any(0).nonzero()
            return ready[:, : int(used[-1]) + 1] if len(used) else ready
        return ready

    def augmented(self, rows: Sequence[int], variation: Variation) -> torch.Tensor:
        """Return this view of `rows`: what varies them did so before they were stored."""
        return self.inputs(rows)


def stored(
    backbone: Backbone,
    examples: Examples,
    segment: int,
    *,
    variation: Variation | None = None,
    progress: Progress,
) -> Stored | None:
    """Return one view of the examples as they enter `segment`, computed where it is missing.

    Args:
        backbone: the untouched base.
        examples: what goes in; of chosen examples the whole is computed and kept.
        segment: number of a segment of the chain, at least 1.
        variation: how the view is varied; None for the plain view.
        progress: called with (done, total).

    Returns:
        None if it would take too much of the disk, or if values do not fit into half precision.
    """
    if isinstance(examples, Chosen):
        whole = stored(backbone, examples.whole, segment, variation=variation, progress=progress)
        return whole and replace(whole, lengths=examples.lengths, rows=examples.rows)
    path = _path(backbone, examples, segment, variation)
    if not path.exists():
        shape = (len(examples), *_shape(backbone, examples, segment))
        if not _has_room(_BYTES * int(np.prod(shape))):
            return None
        try:
            _compute(backbone, examples, segment, path, shape, variation, progress)
        except (OSError, OverflowError):
            log.warning("the frozen part is not cached", exc_info=True)
            return None
    # What is open stays readable even if its file is dropped from the cache.
    return Stored(path.stem, arrays.tensor(path), examples.lengths)


def size_of(backbone: Backbone, examples: Examples, segment: int) -> int:
    """Return the bytes that one view of the examples takes as they enter `segment`."""
    return _BYTES * len(examples) * int(np.prod(_shape(backbone, examples, segment)))


def _has_room(size: int) -> bool:
    folder = files.cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    if size > LIMIT_BYTES or size > DISK_SHARE * shutil.disk_usage(folder).free:
        return False
    files.trim_folder(folder / "stages", CACHE_LIMIT_BYTES - size)
    return True


def _path(
    backbone: Backbone, examples: Examples, segment: int, variation: Variation | None
) -> Path:
    varied = f"{variation.turn} {variation.seed} {variation.ways}" if variation else "plain"
    if variation and variation.strength:
        varied += f" {variation.strength}"
    parts = (backbone.fingerprint, examples.key, str(backbone.size), precision.mixed_precision())
    text = " ".join((str(VERSION), *parts, str(segment), varied))
    return files.cache_dir() / "stages" / f"{hashlib.sha256(text.encode()).hexdigest()}.npy"


def _shape(backbone: Backbone, examples: Examples, segment: int) -> tuple[int, ...]:
    """Return the shape of the longest example as it enters the segment."""
    longest = ahead.alike(range(len(examples)), examples.lengths)[-1:]
    value = examples.inputs(longest) if examples.lengths else backbone.sample
    with torch.inference_mode():
        return tuple(_entering(backbone, value, segment).shape[1:])


def _compute(
    backbone: Backbone,
    examples: Examples,
    segment: int,
    path: Path,
    shape: Sequence[int],
    variation: Variation | None,
    progress: Progress,
) -> None:
    """Write the array.

    Raises:
        OverflowError: if a value does not fit into half precision.
    """

    def make(rows: Sequence[int]) -> torch.Tensor:
        return examples.augmented(rows, variation) if variation else examples.inputs(rows)

    done, order = 0, ahead.alike(range(len(examples)), examples.lengths)
    with files.replacing(path) as temporary:
        array = arrays.create(temporary, "float16", shape)
        for rows, inputs in ahead.batches(make, order, BATCH):
            with torch.inference_mode(), precision.autocast():
                half = _entering(backbone, inputs, segment).to(torch.float16)
            if not torch.isfinite(half).all():
                raise OverflowError(f"segment {segment} is entered by values beyond float16")
            value = half.cpu().numpy()
            if value.ndim == 3:  # what lies beyond a text's end is zero already
                array[rows, : value.shape[1]] = value
            else:
                array[rows] = value
            done += len(rows)
            progress(done, len(examples))
        array.flush()


def _entering(backbone: Backbone, inputs: torch.Tensor, segment: int) -> torch.Tensor:
    """Return what enters the segment."""
    value = inputs.to(precision.device())
    for part in backbone.chain.segments[:segment]:
        value = part(value)
    return value
