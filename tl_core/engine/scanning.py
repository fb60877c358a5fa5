"""Pictures on their way through a network: of each channel, how strongly it fires, and where.

This goes on in small parts, is kept on disk once all are through, and is what `patches` reads.

How much of the input one place of a stage sees follows from the network: the square that holds most
of the gradient of that place with regard to the input, its effective receptive field (Luo et al.
2016, arXiv 1701.04128).
"""

from __future__ import annotations

import hashlib
import math
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from tl_core import files
from tl_core.data.dataset import Dataset
from tl_core.engine import inside, precision, unlike
from tl_core.engine.modality import Backbone, Raw, modality_of

MOST_PICTURES = 200
"""Looked at: a few seconds of work."""
FIELD_SHARE = 0.9  # of the gradient that lies within the field
BATCH = 16
VERSION = 2
CACHE_LIMIT_BYTES = 1 << 30
_IN_MEMORY = 3


@dataclass
class Progress:
    """How far a network is with some pictures, and what it has made of them."""

    backbone: Backbone
    dataset: Dataset
    rows: tuple[int, ...]
    """Places of the pictures in the dataset."""
    examples: Raw
    names: list[str] = field(default_factory=list)
    """Of the stages."""
    edges: list[int] = field(default_factory=list)
    """Of their maps."""
    fields: list[int] = field(default_factory=list)
    """Edge in pixels of the square that one place sees."""
    peaks: list[list[torch.Tensor]] = field(default_factory=list)
    """By stage, the parts of [pictures, channels]: how strongly each fires, see
    `inside.strength`."""
    places: list[list[torch.Tensor]] = field(default_factory=list)
    """Where that is, row after row."""
    means: list[list[torch.Tensor]] = field(default_factory=list)
    """By stage, the mean of each map."""
    done: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all pictures are through."""
        return self.done >= len(self.rows)

    def of(self, parts: list[list[torch.Tensor]], stage: int) -> torch.Tensor:
        """Return the parts of one stage as a whole, [pictures, channels]."""
        return torch.cat(parts[stage])


_known: dict[tuple[str, int, str], Progress] = {}
"""By network, size and data."""


def progress_of(backbone: Backbone, dataset: Dataset) -> Progress:
    """Return how far a network is with a dataset: in memory, on disk, or not begun."""
    key = (backbone.fingerprint, backbone.size, dataset.fingerprint)
    if key not in _known:
        if len(_known) >= _IN_MEMORY:
            del _known[next(iter(_known))]
        _known[key] = _begun(backbone, dataset)
    return _known[key]


def _begun(backbone: Backbone, dataset: Dataset) -> Progress:
    usable = [row for row, one in enumerate(dataset.examples) if one.split != "test"]
    rows = tuple(usable[n] for n in unlike.chosen(len(usable), MOST_PICTURES, 0))
    examples = modality_of(dataset.modality).open_examples(dataset, rows, backbone)
    progress = Progress(backbone, dataset, rows, examples)
    _read(progress)
    return progress


def advance(progress: Progress, seconds: float) -> None:
    """Let pictures through until the time is up, at least one batch; keep the whole on disk."""
    until = time.monotonic() + seconds
    while not progress.is_whole:
        rows = range(progress.done, min(progress.done + BATCH, len(progress.rows)))
        _through(progress, progress.examples.inputs(rows))
        progress.done += len(rows)
        if progress.is_whole:
            _write(progress)
        if time.monotonic() > until:
            return


def _through(progress: Progress, inputs: torch.Tensor) -> None:
    if not progress.done:
        _begin_stages(progress, inputs[:1])
    with torch.inference_mode(), precision.autocast():
        maps = [one.float().cpu() for _name, one in inside.stage_maps(progress.backbone, inputs)]
        strong = [inside.strength(one, progress.backbone.size) for one in maps]
    # All or nothing: whoever asks again after a failure begins with these pictures.
    for stage, (peaks, places) in enumerate(strong):
        progress.peaks[stage].append(peaks)
        progress.places[stage].append(places)
        progress.means[stage].append(maps[stage].mean((2, 3)))


def _begin_stages(progress: Progress, inputs: torch.Tensor) -> None:
    """Find out which stages there are, and how much of the input one place of each sees."""
    asked = inputs.clone().requires_grad_(True)
    found = []
    for name, maps in inside.stage_maps(progress.backbone, asked):
        edge = int(maps.shape[-1])
        middle = edge // 2
        (told,) = torch.autograd.grad(maps[..., middle, middle].sum(), asked, retain_graph=True)
        found.append((name, edge, field_px(told[0].abs().sum(0), (middle + 0.5) / edge)))
    progress.names = [name for name, _edge, _field in found]
    progress.edges = [edge for _name, edge, _field in found]
    progress.fields = [wide for _name, _edge, wide in found]
    progress.peaks = [[] for _stage in found]
    progress.places = [[] for _stage in found]
    progress.means = [[] for _stage in found]


def field_px(gradient: torch.Tensor, centre: float) -> int:
    """Return the edge of the square that holds most of a gradient, [edge, edge].

    Args:
        gradient: how much each pixel counts, at least 0.
        centre: the middle of the square, as a share of the edge, both down and across.
    """
    edge = gradient.shape[-1]
    away = (torch.arange(edge) + 0.5 - centre * edge).abs()
    ring = torch.maximum(away[:, None], away[None, :]).flatten().double()
    order = ring.argsort()
    held = gradient.flatten().double()[order].cumsum(0)
    total = float(held[-1])
    if total <= 0:
        return edge
    first = int((held < FIELD_SHARE * total).sum())
    outermost = float(ring[order][min(first, len(order) - 1)])
    return min(edge, math.ceil(2 * outermost + 1))  # to the far side of that pixel


def _path(progress: Progress) -> Path:
    parts = (str(VERSION), progress.backbone.fingerprint, progress.examples.key)
    name = hashlib.sha256(" ".join((*parts, precision.mixed_precision())).encode()).hexdigest()
    return files.cache_dir() / "inside" / f"{name}.npz"


def _write(progress: Progress) -> None:
    """Keep what is known of all pictures."""
    path = _path(progress)
    files.trim_folder(path.parent, CACHE_LIMIT_BYTES)
    kept = {"names": np.array(progress.names), "edges": np.array(progress.edges)}
    kept["fields"] = np.array(progress.fields)
    for stage in range(len(progress.names)):
        kept[f"peaks{stage}"] = progress.of(progress.peaks, stage).numpy()
        kept[f"places{stage}"] = progress.of(progress.places, stage).numpy().astype(np.int32)
        kept[f"means{stage}"] = progress.of(progress.means, stage).numpy()
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **kept)


def _read(progress: Progress) -> None:
    """Take over what was kept, if there is anything sound."""
    try:
        with _path(progress).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            names = [str(name) for name in kept["names"]]
            parts = [
                [[torch.from_numpy(kept[f"{what}{stage}"])] for stage in range(len(names))]
                for what in ("peaks", "places", "means")
            ]
            progress.edges = kept["edges"].tolist()
            progress.fields = kept["fields"].tolist()
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return
    progress.names = names
    progress.peaks, progress.places, progress.means = parts
    progress.done = len(progress.rows)
