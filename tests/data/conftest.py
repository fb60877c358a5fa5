"""Small pictures and small records for the tests of the data package."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tl_core.data.dataset import Dataset, Example, fingerprint_of


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


@pytest.fixture
def record() -> Callable[..., Dataset]:
    """Build a dataset record without files: one example per label, all different."""

    def build(
        labels: Sequence[int],
        *,
        groups: Sequence[str] | None = None,
        splits: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        dataset_id: str = "record-1",
    ) -> Dataset:
        keys = keys or [f"{i:064x}" for i in range(len(labels))]
        examples = tuple(
            Example(
                key=keys[i],
                path=Path("/nowhere") / f"{i}.png",
                label=label,
                split=splits[i] if splits else "",
                group=groups[i] if groups else "",
                name=f"{i}.png",
                pixels=keys[i][-32:],
                width=8 + i % 3,
                height=6,
            )
            for i, label in enumerate(labels)
        )
        classes = tuple(f"class {c}" for c in range(max(labels) + 1))
        return Dataset(
            id=dataset_id,
            name="record",
            classes=classes,
            examples=examples,
            source="",
            created=0.0,
            fingerprint=fingerprint_of(classes, examples),
        )

    return build
