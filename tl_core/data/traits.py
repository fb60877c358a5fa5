"""Each picture in a few numbers: what tells twins, odd ones and give-aways without any network.

They are taken at import, while a picture is decoded anyway, and kept in `traits.npz` by key.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from tl_core import files
from tl_core.data.dataset import Dataset, Example

TRAITS_FILE = "traits.npz"
THUMB_PX = 64
COARSE, FINE = 8, 16
"""Edges of the two perceptual hashes, in bits."""
GREY = 2.0
"""Mean difference between colour channels, of 255, up to which a picture counts as grey; JPEG
leaves up to 1 in grey pictures."""

TRAIT = np.dtype(
    [
        ("coarse", "<u8"),  # perceptual hash of 8 x 8 bits
        ("fine", "<u8", (4,)),  # of 16 x 16 bits
        ("brightness", "<f4"),  # mean, 0 to 255
        ("contrast", "<f4"),  # standard deviation of the brightness, 0 to 128
        ("border", "<f4", (3,)),  # mean colour of the outermost pixels of the thumbnail
        ("colour", "<f4"),  # mean difference between the channels, 0 to 255
        ("is_turned", "?"),  # the file says that it is to be turned or mirrored
        ("bytes", "<i8"),  # of the file
    ]
)
"""What is kept of each picture."""

Traits = npt.NDArray[np.void]


def trait_of(rgb: Image.Image, *, is_turned: bool, size_bytes: int) -> np.void:
    """Return the traits of a decoded picture as a record of TRAIT.

    The hashes are perceptual hashes (Zauner 2010) as `imagehash` computes them, of the picture at
    THUMB_PX a side.
    """
    from imagehash import phash

    thumb = rgb.resize((THUMB_PX, THUMB_PX), Image.Resampling.BOX, reducing_gap=2.0)
    grey = thumb.convert("L")
    levels = np.asarray(grey, dtype=np.float32)
    colours = np.asarray(thumb, dtype=np.float32)
    edge = np.concatenate([colours[0], colours[-1], colours[1:-1, 0], colours[1:-1, -1]])
    spread = colours.max(2) - colours.min(2)
    record = np.zeros((), dtype=TRAIT)
    record["coarse"] = _packed(phash(grey, hash_size=COARSE).hash)[0]
    record["fine"] = _packed(phash(grey, hash_size=FINE).hash)
    record["brightness"], record["contrast"] = levels.mean(), levels.std()
    record["border"] = edge.mean(0)
    record["colour"] = spread.mean()
    record["is_turned"], record["bytes"] = is_turned, size_bytes
    found: np.void = record[()]  # type: ignore[assignment]  # a scalar of a structured type
    return found


def _packed(bits: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    return np.packbits(bits.ravel()).view("<u8")


def write(folder: Path, by_key: Mapping[str, np.void]) -> None:
    """Store the traits of pictures in the folder of their dataset."""
    keys = np.array(list(by_key), dtype="S64")
    rows = np.array(list(by_key.values()), dtype=TRAIT)
    with files.replacing(folder / TRAITS_FILE) as temporary, temporary.open("wb") as file:
        np.savez(file, keys=keys, rows=rows)


def read(folder: Path, examples: Sequence[Example]) -> Traits | None:
    """Return the traits of `examples`, [n] of TRAIT; None unless all are known."""
    try:
        # Opened here: numpy leaves the file open where it is no archive.
        with (
            (folder / TRAITS_FILE).open("rb") as file,
            np.load(file, allow_pickle=False) as stored,
        ):
            keys, rows = stored["keys"], stored["rows"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if rows.dtype != TRAIT or len(keys) != len(rows):
        return None
    place: dict[Any, int] = {key: number for number, key in enumerate(keys.tolist())}
    wanted = [place.get(example.key.encode(), -1) for example in examples]
    return None if not wanted or min(wanted) < 0 else rows[wanted]


def ensure(folder: Path, dataset: Dataset, tick: Callable[[], None] = lambda: None) -> Traits:
    """Return the traits of a dataset's pictures; what an older import did not take is taken now."""
    known = read(folder, dataset.examples)
    if known is not None:
        return known
    from tl_core.data.pictures import Picture, inspect

    nothing: np.void = np.zeros((), dtype=TRAIT)[()]  # type: ignore[assignment]
    by_key: dict[str, np.void] = {}
    for example in dataset.examples:
        tick()
        picture = inspect(example.path.read_bytes(), example.path.name)
        by_key[example.key] = picture.trait if isinstance(picture, Picture) else nothing
    write(folder, by_key)
    return np.array([by_key[example.key] for example in dataset.examples], dtype=TRAIT)
