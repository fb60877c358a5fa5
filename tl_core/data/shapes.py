"""The generated sample: shapes with textures on textured ground, the same on every machine.

Position, size, rotation and colours are random, so that the mean colour or a fixed pixel says
nothing about the class, while the outline says everything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

CLASSES = ("circle", "square", "star", "triangle")
PER_CLASS = 60
EDGE_PX = 96

_SEED = 20_240
_DRAWN_LARGER = 4  # times; shrinking smooths the outline
_GRAIN = 10.0  # standard deviation of the noise on each pixel, of 255
_MIN_CONTRAST = 90.0  # distance of the mean colours of shape and ground in RGB space
_STAR_POINTS = 5
_STAR_INNER = 0.42  # inner over outer radius

Floats = npt.NDArray[np.float64]


def draw_shapes() -> Iterator[tuple[str, Image.Image]]:
    """Yield (class name, RGB picture of EDGE_PX a side), PER_CLASS of each class."""
    rng = np.random.default_rng(_SEED)
    for _round in range(PER_CLASS):
        for name in CLASSES:
            yield name, _draw(name, rng)


def _draw(name: str, rng: np.random.Generator) -> Image.Image:
    ground_colour, shape_colour = _two_colours(rng)
    ground = _texture(ground_colour, rng)
    shape = _texture(shape_colour, rng)
    mask = np.asarray(_mask(name, rng), dtype=np.float64)[..., None] / 255
    mixed = ground * (1 - mask) + shape * mask + rng.normal(0, _GRAIN, ground.shape)
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def _two_colours(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw two colours that a person can tell apart."""
    while True:
        one, other = rng.uniform(30, 225, (2, 3))
        if float(np.linalg.norm(one - other)) >= _MIN_CONTRAST:
            return one, other


def _texture(colour: Floats, rng: np.random.Generator) -> Floats:
    """Return a cloudy surface around a mean colour, [EDGE_PX, EDGE_PX, 3]."""
    coarse = np.clip(colour + rng.normal(0, 28, (int(rng.integers(3, 9)),) * 2 + (3,)), 0, 255)
    small = Image.fromarray(coarse.astype(np.uint8))
    smooth = small.resize((EDGE_PX, EDGE_PX), Image.Resampling.BICUBIC)
    return np.asarray(smooth, dtype=np.float64)


def _mask(name: str, rng: np.random.Generator) -> Image.Image:
    """Draw the shape in white on black, somewhere, at some size and angle."""
    edge = EDGE_PX * _DRAWN_LARGER
    radius = rng.uniform(0.2, 0.36) * edge
    centre = rng.uniform(radius * 1.05, edge - radius * 1.05, 2)
    angle = rng.uniform(0, 2 * math.pi)
    canvas = Image.new("L", (edge, edge))
    drawing = ImageDraw.Draw(canvas)
    if name == "circle":
        # As large in area as the other shapes with the same outer radius, more or less.
        box = [*(centre - radius * 0.8), *(centre + radius * 0.8)]
        drawing.ellipse([float(v) for v in box], fill=255)
    else:
        drawing.polygon(_corners(name, centre, radius, angle), fill=255)
    shrunk = canvas.resize((EDGE_PX, EDGE_PX), Image.Resampling.BOX)
    return shrunk.filter(ImageFilter.GaussianBlur(0.6))


def _corners(
    name: str, centre: Floats, radius: float, angle: float
) -> list[tuple[float, float]]:  # fmt: skip
    count = {"triangle": 3, "square": 4, "star": 2 * _STAR_POINTS}[name]
    corners = []
    for i in range(count):
        reach = radius * (_STAR_INNER if name == "star" and i % 2 else 1.0)
        turn = angle + 2 * math.pi * i / count
        corners.append(
            (float(centre[0] + reach * math.cos(turn)), float(centre[1] + reach * math.sin(turn)))
        )
    return corners
