"""Large arrays on disk: written piece by piece, read as if they were in memory.

What is mapped from a file can be dropped from memory at any time, so it does not count as used
however large it is. Room is reserved before anything is written: running out of disk in the
middle of a mapped file would end the process without a word.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Mapped = np.memmap[Any, np.dtype[Any]]


def create(path: Path, dtype: npt.DTypeLike, shape: Sequence[int]) -> Mapped:
    """Return a new array of zeros in the file `path`.

    Raises:
        OSError: if there is no room for it on the disk.
    """
    array: Mapped = np.lib.format.open_memmap(
        path, mode="w+", dtype=np.dtype(dtype), shape=tuple(shape)
    )
    if hasattr(os, "posix_fallocate"):
        with path.open("rb+") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def read(path: Path, *, writable: bool = False) -> Mapped:
    """Return the array in the file; changes reach the file only if it is opened `writable`.

    Reading marks the file as used, since what was used longest ago is dropped first.
    """
    os.utime(path)
    array: Mapped = np.load(path, mmap_mode="r+" if writable else "c", allow_pickle=False)
    return array


def tensor(path: Path) -> torch.Tensor:
    """Return the array in the file as a tensor that is read from disk where it is touched."""
    return torch.from_numpy(read(path))
