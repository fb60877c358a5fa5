"""Pictures that are nearly the same, so that they can be kept on one side of a split."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from tl_core import files
from tl_core.data.dataset import Dataset, Example
from tl_core.data.groups import components

EDGE_PX = 32


def with_groups(dataset: Dataset, cosine: float) -> Dataset:
    """Return the dataset with a group for every picture: itself and its near-copies.

    Args:
        dataset: pictures of any kind.
        cosine: likeness above which two pictures belong together. It is taken between grey
            pictures of 32 x 32 pixels after their mean brightness is removed; with the mean in,
            all pictures of a dark material are alike, and one group holds nearly everything.
    """
    text = "\n".join([f"1 {EDGE_PX} {cosine}", *(e.key for e in dataset.examples)])
    path = files.cache_dir() / "near_copies" / f"{hashlib.sha256(text.encode()).hexdigest()}.json"
    if not path.exists():
        files.write_json(path, group_numbers(dataset.examples, cosine))
    examples = tuple(
        replace(example, group=f"near-copies-{number}")
        for example, number in zip(dataset.examples, files.read_json(path), strict=True)
    )
    return replace(dataset, examples=examples)


def group_numbers(examples: Sequence[Example], cosine: float) -> list[int]:
    """Return the number of the group of each picture."""
    with ThreadPoolExecutor() as pool:
        rows = np.stack(list(pool.map(_thumbnail, examples)))
    pairs = np.argwhere(np.triu(rows @ rows.T > cosine, 1)).tolist()
    ties: list[list[int]] = [[] for _ in examples]
    for number, pair in enumerate(pairs):
        for place in pair:
            ties[place].append(number)
    return components(ties)


def _thumbnail(example: Example) -> npt.NDArray[np.float32]:
    """Return a picture as a vector of length 1, [32 * 32], its mean removed."""
    with Image.open(example.path) as picture:
        small = picture.convert("L").resize((EDGE_PX, EDGE_PX))
    pixels = np.asarray(small, dtype=np.float32).ravel()
    pixels = pixels - pixels.mean()
    length = float(np.linalg.norm(pixels))
    return pixels / (length or 1.0)
