"""What the frozen part of a network makes of every example: computed once, so that an epoch costs
only what is thawed.

An array on disk holds for each example a few views: the plain one, by which it is judged, and
some that are varied as augmentation would vary them. Half precision, keyed by content, safe to
delete at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tl_core import files
from tl_core.engine import ahead, arrays, precision
from tl_core.engine.modality import Backbone, Examples, Variation

log = logging.getLogger(__name__)

BATCH = 32
VERSION = 1
VIEWS = 4  # the plain one and three varied ones
CACHE_LIMIT_BYTES = 8 << 30
LIMIT_BYTES = 3 << 30  # of one set of arrays; beyond it the frozen part is computed each time
DISK_SHARE = 0.5  # of what is free on the disk

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Stored:
    """Examples as they leave the frozen part, in `views` versions each."""

    key: str
    values: torch.Tensor
    """[views, n, ...] float16, read from disk where it is touched."""
    lengths: Sequence[int] = ()
    """As those of the examples that it was made of."""

    def __len__(self) -> int:
        return int(self.values.shape[1])

    def inputs(self, rows: Sequence[int]) -> torch.Tensor:
        """Return the plain view of `rows`."""
        return self._ready(self.values[0, list(rows)])

    def augmented(self, rows: Sequence[int], variation: Variation) -> torch.Tensor:
        """Return a view of each: another one each turn, not the same one for all rows."""
        chosen = list(rows)
        views = [(row + variation.turn) % len(self.values) for row in chosen]
        return self._ready(self.values[views, chosen])

    def _ready(self, values: torch.Tensor) -> torch.Tensor:
        ready = values.float()
        if ready.ndim == 4:
            return ready.contiguous(memory_format=torch.channels_last)
        if ready.ndim == 3:  # no further than the longest of these texts
            used = (ready != 0).any(-1).any(0).nonzero()
            return ready[:, : int(used[-1]) + 1] if len(used) else ready
        return ready


def stored(
    backbone: Backbone,
    examples: Examples,
    segments: Sequence[int],
    *,
    variation: Variation | None,
    progress: Progress,
) -> dict[int, Stored]:
    """Return the examples as they enter each of `segments`, computed in one pass where missing.

    Args:
        backbone: the untouched base.
        examples: what goes in.
        segments: numbers of segments of the chain, each at least 1.
        variation: how the further views are varied; None keeps the plain view only.
        progress: called with (done, total).

    Returns:
        Nothing at all if it would take too much of the disk, or if values do not fit into half
        precision.
    """
    views = VIEWS if variation else 1
    shapes = _shapes(backbone, examples, max(segments))
    paths = {segment: _path(backbone, examples, segment, variation) for segment in sorted(segments)}
    found = {s: _read(path, examples) for s, path in paths.items() if path.exists()}
    missing = {segment: path for segment, path in paths.items() if segment not in found}
    if missing:
        sizes = [2 * views * len(examples) * int(np.prod(shapes[s])) for s in missing]
        if not _has_room(sum(sizes)):
            return {}
        try:
            _compute(backbone, examples, missing, shapes, views, variation, progress)
        except (OSError, OverflowError):
            log.warning("the frozen part is not cached", exc_info=True)
            return {}
    return found | {segment: _read(path, examples) for segment, path in missing.items()}


def _read(path: Path, examples: Examples) -> Stored:
    """Open an array; what is open stays readable even if its file is dropped from the cache."""
    return Stored(path.stem, arrays.tensor(path), examples.lengths)


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
    varied = f"{VIEWS} {variation.seed} {variation.ways}" if variation else "plain"
    parts = (backbone.fingerprint, examples.key, str(backbone.size), precision.mixed_precision())
    text = " ".join((str(VERSION), *parts, str(segment), varied))
    return files.cache_dir() / "stages" / f"{hashlib.sha256(text.encode()).hexdigest()}.npy"


def _shapes(backbone: Backbone, examples: Examples, last: int) -> dict[int, tuple[int, ...]]:
    """Return the shape of the longest example as it enters each segment up to `last`."""
    longest = ahead.alike(range(len(examples)), examples.lengths)[-1:]
    value = (examples.inputs(longest) if examples.lengths else backbone.sample).to(
        precision.device()
    )
    shapes = {}
    with torch.inference_mode():
        for number, segment in enumerate(backbone.chain.segments[:last], 1):
            value = segment(value)
            shapes[number] = tuple(value.shape[1:])
    return shapes


def _compute(
    backbone: Backbone,
    examples: Examples,
    paths: dict[int, Path],
    shapes: dict[int, tuple[int, ...]],
    views: int,
    variation: Variation | None,
    progress: Progress,
) -> None:
    total = len(examples)
    with contextlib.ExitStack() as stack:
        kept = {}
        for segment, path in paths.items():
            temporary = stack.enter_context(files.replacing(path))
            kept[segment] = arrays.create(temporary, "float16", (views, total, *shapes[segment]))
        for view in range(views):
            make, done = _view(examples, view, variation), view * total
            order = ahead.alike(range(total), examples.lengths)
            for rows, inputs in ahead.batches(make, order, BATCH):
                for segment, value in _entering(backbone, inputs, kept):
                    if value.ndim == 3:  # what lies beyond a text's end is zero already
                        kept[segment][view, rows, : value.shape[1]] = value
                    else:
                        kept[segment][view, rows] = value
                done += len(rows)
                progress(done, views * total)
        for array in kept.values():
            array.flush()


def _view(
    examples: Examples, view: int, variation: Variation | None
) -> Callable[[Sequence[int]], torch.Tensor]:
    """Return what makes the inputs of one view."""
    if view == 0 or variation is None:
        return examples.inputs
    turn = replace(variation, turn=view)
    return lambda rows: examples.augmented(rows, turn)


def _entering(
    backbone: Backbone, inputs: torch.Tensor, wanted: Collection[int]
) -> Iterator[tuple[int, npt.NDArray[np.float16]]]:
    """Yield (segment, what enters it) for each segment wanted.

    Raises:
        OverflowError: if a value does not fit into half precision.
    """
    value = inputs.to(precision.device())
    with torch.inference_mode(), precision.autocast():
        for number, segment in enumerate(backbone.chain.segments[: max(wanted)], 1):
            value = segment(value)
            if number in wanted:
                half = value.to(torch.float16)
                if not torch.isfinite(half).all():
                    raise OverflowError(f"segment {number} is entered by values beyond float16")
                yield number, half.cpu().numpy()
