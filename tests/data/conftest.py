"""Small pictures and small records for the tests of the data package."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def draw() -> Callable[..., Path]:
    """Write a small picture of noise that differs for every seed; return its path."""

    def write(path: Path, seed: int = 0, *, size: tuple[int, int] = (8, 6)) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
        Image.fromarray(noise).save(path)
        return path

    return write


@pytest.fixture
def draw_classes(draw: Callable[..., Path]) -> Callable[..., Path]:
    """Fill a folder with class folders of distinct pictures."""

    def fill(root: Path, *, n: int = 6, classes: Sequence[str] = ("cats", "dogs")) -> Path:
        for c, name in enumerate(classes):
            for i in range(n):
                seed = int.from_bytes(hashlib.sha256(f"{root.name}/{name}/{i}".encode()).digest())
                draw(root / name / f"{c}-{i}.png", seed % 2**60)
        return root

    return fill
