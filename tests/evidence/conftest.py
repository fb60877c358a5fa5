"""A small imported dataset of drawn shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tl_core.data import import_data
from tl_core.data.dataset import Dataset


@pytest.fixture
def shapes(thaw_home: Path, tmp_path: Path) -> Dataset:
    """Forty pictures: discs and crosses on noise, no split given."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "shapes"
    for name in ("disc", "cross"):
        (folder / name).mkdir(parents=True)
        for number in range(20):
            image = Image.fromarray(rng.integers(0, 90, (72, 72, 3), dtype=np.uint8))
            pen = ImageDraw.Draw(image)
            x, y = (int(v) for v in rng.integers(20, 52, 2))
            colour = tuple(int(c) for c in rng.integers(120, 255, 3))
            if name == "disc":
                pen.ellipse((x - 14, y - 14, x + 14, y + 14), fill=colour)
            else:
                pen.line((x - 14, y, x + 14, y), fill=colour, width=4)
                pen.line((x, y - 14, x, y + 14), fill=colour, width=4)
            image.save(folder / name / f"{number}.png")
    return import_data(folder, name="shapes")
