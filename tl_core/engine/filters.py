"""What the filters of a first layer answer to, measured from their weights alone.

Each filter is compared with ideal patterns: Gabor functions of many directions and frequencies, by
which Jones and Palmer 1987 (Journal of Neurophysiology 58) describe simple cells of the visual
cortex; spots, by differences of Gaussians (Marr and Hildreth 1980, Proceedings of the Royal Society
B 207); and even patches. The odd part of a Gabor function answers to edges, the even one to lines
(Morrone and Burr 1988, Proceedings of the Royal Society B 235). How much of the weights' energy the
best of them explains says how well the filter is described by it. A filter is named only if that
is more than for 19 of 20 filters of the same size with random weights.

Colours are told along the axes that natural pictures vary on, light, blue against yellow and red
against green (Ruderman, Cronin and Chiao 1998, Journal of the Optical Society of America A 15).
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt
from PIL import Image
from torch import nn

from tl_core.insides import (
    BLUE_YELLOW,
    COLOURS,
    EDGE,
    LIGHT,
    LINE,
    PATCH,
    RED_GREEN,
    SILENT,
    SPOT,
    UNNAMED,
    Filter,
    Filters,
)

Floats = npt.NDArray[np.float64]
Name = tuple[str, float | None, float | None]
"""Kind, degrees and cycles per pixel."""
Pattern = tuple[Floats, Floats, str, float | None, float | None]
"""Even part, odd part, and the three of its name."""

AXES = {
    LIGHT: np.array([1.0, 1.0, 1.0]) / np.sqrt(3),
    RED_GREEN: np.array([1.0, -1.0, 0.0]) / np.sqrt(2),
    BLUE_YELLOW: np.array([1.0, 1.0, -2.0]) / np.sqrt(6),
}
"""Of unit length and at right angles to each other."""

DIRECTIONS = 12  # 15 degrees apart
FREQUENCIES = 8
WIDTHS = (0.25, 0.4)  # of the Gaussian around a pattern, by the edge of the filter
SHIFTS = (-1 / 6, 0.0, 1 / 6)  # of patches and spots off the middle, by the edge
SURROUND = 1.6  # of a spot by its centre, as Marr and Hildreth advise
CHANCE = 0.95  # of random filters stay below the border
DRAWN_RANDOM = 1000  # random filters by which the border is found
SILENT_SHARE = (
    0.01  # of the norm of the strongest filter: what weight decay leaves of an unused one
)


@dataclass(frozen=True)
class Patterns:
    """Ideal patterns of one size; each is a pair of which a filter may hold any mixture."""

    even: Floats
    """[patterns, pixels] of unit length."""
    odd: Floats
    """[patterns, pixels] of unit length, at right angles to the even ones; 0 where one has none."""
    names: tuple[Name, ...]
    """Of the even ones."""


def first_layer(body: nn.Module) -> Floats | None:
    """Return the weights of the first layer, [filters, 3, edge, edge]; None if it has no such."""
    for module in body.modules():
        if isinstance(module, nn.Conv2d):
            weight = module.weight.detach().double().cpu().numpy()
            is_square = weight.shape[1] == 3 and weight.shape[2] == weight.shape[3] > 1
            return weight if is_square else None
    return None


def measure(weights: Floats, std: Floats) -> Filters:
    """Return what each filter answers to.

    Args:
        weights: [filters, 3, edge, edge] for red, green and blue.
        std: [3] by which the input is divided before it meets the weights.
    """
    seen = weights / std[None, :, None, None]
    edge = seen.shape[-1]
    norms = np.linalg.norm(seen.reshape(len(seen), -1), axis=1)
    flat = seen.reshape(len(seen), 3, -1)
    best, explained, vectors, is_odd = _matched(flat, _patterns(edge))
    names, limit = _patterns(edge).names, border(edge)
    found = []
    for number, norm in enumerate(norms):
        kind, degrees, cycles = names[best[number]]
        if kind == LINE and is_odd[number]:
            kind = EDGE
        if norm < SILENT_SHARE * norms.max():
            kind = SILENT
        elif explained[number] <= limit:
            kind = UNNAMED
        is_directed = kind in (EDGE, LINE)
        colour, share = _colour(vectors[number])
        found.append(
            Filter(
                kind=kind,
                colour=colour,
                explained=round(float(explained[number]), 4),
                degrees=degrees if is_directed else None,
                cycles=cycles if is_directed else None,
                colour_share=share,
                picture=_png(seen[number]),
            )
        )
    return Filters(edge, round(limit, 4), tuple(found))


@cache
def border(edge: int) -> float:
    """Return what the best pattern explains of 19 of 20 random filters at most, in [0, 1]."""
    drawn = np.random.default_rng(0).normal(size=(DRAWN_RANDOM, 3, edge * edge))
    return float(np.quantile(_matched(drawn, _patterns(edge))[1], CHANCE))


def _matched(
    flat: Floats, patterns: Patterns
) -> tuple[npt.NDArray[np.int64], Floats, Floats, npt.NDArray[np.bool_]]:
    """Match filters, [n, 3, pixels], with patterns.

    Returns:
        [n] number of the best pattern, [n] the share of energy that it explains, [n, 3] how it is
        coloured, and [n] whether its odd part is the larger.
    """
    even, odd = flat @ patterns.even.T, flat @ patterns.odd.T  # [n, 3, patterns]
    energy = (even**2).sum(1) + (odd**2).sum(1)
    whole = np.maximum((flat**2).sum((1, 2)), np.finfo(np.float64).tiny)
    best = energy.argmax(1)
    rows = np.arange(len(flat))
    parts = np.stack([even[rows, :, best], odd[rows, :, best]])  # [2, n, 3]
    is_odd = (parts[1] ** 2).sum(1) > (parts[0] ** 2).sum(1)
    vectors = np.where(is_odd[:, None], parts[1], parts[0])
    return best, energy[rows, best] / whole, vectors, is_odd


def _colour(vector: Floats) -> tuple[str, float]:
    """Return on which axis a colour, [3], mostly lies, and how much of it is colour."""
    energy = {name: float(vector @ AXES[name]) ** 2 for name in COLOURS}
    coloured = 1 - energy[LIGHT] / (sum(energy.values()) or 1.0)
    strongest = max((RED_GREEN, BLUE_YELLOW), key=energy.__getitem__)
    return strongest if coloured > 0.5 else LIGHT, round(coloured, 4)


@cache
def _patterns(edge: int) -> Patterns:
    """Return the ideal patterns for filters of `edge` by `edge` pixels."""
    across = np.arange(edge) - (edge - 1) / 2
    x, y = np.meshgrid(across, -across)  # y points up
    found = [*_gratings(x, y, edge), *_blobs(x, y, edge)]
    return Patterns(
        even=np.stack([_unit(one[0]) for one in found]),
        odd=np.stack([_unit(one[1]) for one in found]),
        names=tuple(one[2:] for one in found),
    )


def _gratings(x: Floats, y: Floats, edge: int) -> Iterator[Pattern]:
    """Yield Gabor functions: even and odd part, kind, degrees and cycles per pixel."""
    for width in WIDTHS:
        around = _gaussian(x, y, width * edge)
        for direction in range(DIRECTIONS):
            degrees = 180.0 * direction / DIRECTIONS
            along = np.radians(degrees + 90)  # what changes, changes across the stripes
            place = x * np.cos(along) + y * np.sin(along)
            for cycles in np.linspace(0.5 / edge, 0.5, FREQUENCIES):
                waves = 2 * np.pi * cycles * place
                even = _level(around * np.cos(waves), around)
                yield even, around * np.sin(waves), LINE, degrees, round(float(cycles), 4)


def _blobs(x: Floats, y: Floats, edge: int) -> Iterator[Pattern]:
    """Yield patches and spots in the middle and a little off it, which have no odd part."""
    none = np.zeros_like(x)
    yield np.ones_like(x), none, PATCH, None, None
    for width, right, up in product(WIDTHS, SHIFTS, SHIFTS):
        around = _gaussian(x - right * edge, y - up * edge, width * edge)
        wide = _gaussian(x - right * edge, y - up * edge, SURROUND * width * edge)
        yield around, none, PATCH, None, None
        yield _level(around, wide), none, SPOT, None, None


def _gaussian(x: Floats, y: Floats, width: float) -> Floats:
    bell: Floats = np.exp(-(x**2 + y**2) / (2 * width**2))
    return bell


def _level(shape: Floats, around: Floats) -> Floats:
    """Take off so much of `around` that what is left adds up to 0: it answers to no even patch."""
    level: Floats = shape - around * (shape.sum() / around.sum())
    return level


def _unit(shape: Floats) -> Floats:
    flat = shape.ravel()
    norm = np.linalg.norm(flat)
    unit: Floats = flat / norm if norm > 1e-9 else np.zeros_like(flat)
    return unit


def _png(weights: Floats) -> str:
    """Draw one filter, [3, edge, edge]: grey where it is 0, its largest weight black or white."""
    scaled = 0.5 + weights / (2 * max(float(np.abs(weights).max()), 1e-12))
    pixels = np.round(255 * scaled.transpose(1, 2, 0)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()
