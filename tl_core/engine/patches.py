"""Which patches of a person's own pictures make each channel fire most, and what that says.

Some pictures go through the network; of every channel the peak in each picture is kept, and where
it lies. The patches around the highest peaks show what a channel answers to (Zeiler and Fergus
2014, arXiv 1311.2901). How much of what the means of its channels differ by the classes of the
pictures explain says how specific a stage is.

A patch is as large as what one place of the stage sees, see `scanning`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from tl_core.data.dataset import Dataset
from tl_core.engine import inside
from tl_core.engine.forgetting import likeness
from tl_core.engine.maps import Pixels, jpeg, shrunk, visible
from tl_core.engine.modality import Backbone
from tl_core.engine.scanning import Progress, advance, progress_of
from tl_core.insides import Answering, Scan

TOP = 4
"""Patches for each channel, each of another picture."""
PATCH_PX = 72
"""Edge of a patch as it is drawn."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def scan(
    backbone: Backbone,
    dataset: Dataset,
    *,
    seconds: float,
    against: Backbone | None = None,
    channels: Mapping[str, Sequence[int]],
) -> Scan:
    """Go on with some pictures of a dataset, and return what is known.

    Args:
        backbone: the network.
        dataset: the pictures; test examples are left alone.
        seconds: about so long; ask again until all are through.
        against: a network whose features they are compared with, if it has seen them all.
        channels: of each stage, those to be drawn.
    """
    progress = progress_of(backbone, dataset)
    advance(progress, seconds)
    if not progress.is_whole:
        return Scan(progress.done, len(progress.rows), ())
    before = progress_of(against, dataset) if against is not None else None
    known = before if before is not None and before.is_whole else None
    stages = tuple(
        _answering(progress, number, known, channels.get(name, ()))
        for number, name in enumerate(progress.names)
    )
    return Scan(progress.done, len(progress.rows), stages)


def _answering(
    progress: Progress,
    stage: int,
    before: Progress | None,
    channels: Sequence[int],
) -> Answering:
    peaks = progress.of(progress.peaks, stage)
    top = peaks.topk(min(TOP, len(peaks)), dim=0).indices.numpy()  # [top, channels]
    labels = np.array([progress.dataset.examples[row].label for row in progress.rows])
    means, alike = progress.of(progress.means, stage), None
    if before is not None and before.names == progress.names:
        alike = likeness(before.of(before.means, stage), means)
    known = [channel for channel in channels if channel < peaks.shape[1]]
    classes = progress.dataset.classes
    return Answering(
        name=progress.names[stage],
        field_px=progress.fields[stage],
        explained=round(explained(means.double().numpy(), labels), 4),
        alike=None if alike is None else round(alike, 4),
        sheet=_sheet(progress, stage, top, known),
        classes=tuple(tuple(classes[labels[n]] for n in top[:, channel]) for channel in known),
    )


def explained(values: Floats, labels: Ints) -> float:
    """Return how much of what values differ by classes explain, mean of all columns.

    Epsilon squared (Kelley 1935, Proceedings of the National Academy of Sciences 21): the part of
    the variance that lies between the classes, less what would by chance.

    Args:
        values: [n, columns]; a column that is the same everywhere does not count.
        labels: [n] class numbers.

    Returns:
        A number of at most 1, about 0 where classes have nothing to do with the values.
    """
    known, places, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if not 2 <= len(known) < len(labels):
        return 0.0
    centred = values - values.mean(0)
    means = np.stack([centred[places == number].mean(0) for number in range(len(known))])
    total = (centred**2).sum(0)
    between = (sizes[:, None] * means**2).sum(0)
    by_chance = (len(known) - 1) * (total - between) / (len(labels) - len(known))
    varies = total > 0
    return float(((between - by_chance)[varies] / total[varies]).mean()) if varies.any() else 0.0


def _sheet(progress: Progress, stage: int, top: Ints, channels: Sequence[int]) -> str:
    """Draw a row of patches for each channel."""
    if not channels:
        return ""
    places, edge = progress.of(progress.places, stage), progress.edges[stage]
    wide = max(progress.fields[stage], inside.LEAST_PATCH_PX)
    rows = []
    for channel in channels:
        pictures = [int(n) for n in top[:, channel]]
        shown = visible(progress.examples.inputs(pictures), progress.backbone)
        spots = [divmod(int(places[n, channel]), edge) for n in pictures]
        cells = [
            cropped(picture, (down + 0.5) / edge, (across + 0.5) / edge, wide)
            for picture, (down, across) in zip(shown, spots, strict=True)
        ]
        rows.append(np.concatenate([shrunk(cell, PATCH_PX) for cell in cells], axis=1))
    return jpeg(np.concatenate(rows))


def cropped(picture: Pixels, down: float, across: float, wide: int) -> Pixels:
    """Return the square of `wide` pixels around a place of a picture, moved to lie within it.

    Args:
        picture: [edge, edge, 3].
        down: the middle of the square, as a share of the edge.
        across: the same, from the left.
        wide: edge of the square; cut to that of the picture.
    """
    edge = len(picture)
    wide = min(wide, edge)
    top, left = (
        min(max(round(middle * edge - wide / 2), 0), edge - wide) for middle in (down, across)
    )
    return picture[top : top + wide, left : left + wide]
