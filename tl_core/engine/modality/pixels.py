"""Pictures as square arrays of bytes, decoded when they are first needed and kept on disk."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from tl_core import files
from tl_core.data.pictures import read_picture
from tl_core.engine import arrays

log = logging.getLogger(__name__)

VERSION = 3
LIMIT_BYTES = 6 << 30  # decoded pictures of one set beyond this are decoded every time
CACHE_LIMIT_BYTES = 12 << 30  # sets that were used longest ago are dropped beyond this
SETTLE_SECONDS = 5.0  # decoding that a power cut may undo

Pixels = npt.NDArray[np.uint8]


@dataclass
class Canvas:
    """Pictures as [3, edge, edge] bytes each; decoding happens in threads, at most once."""

    paths: tuple[Path, ...]
    edge: int
    store: arrays.Mapped | None
    """[n, 3, edge, edge]; None if nothing is kept."""
    known: npt.NDArray[np.bool_]
    """[n] which pictures of the store have been decoded."""
    known_path: Path | None
    inode: int = 0
    """Of the store's file: the cache may be deleted and made anew while it is open."""
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(os.cpu_count(), "decode")
    )
    settled: float = field(default_factory=time.monotonic)

    def pixels(self, rows: Sequence[int]) -> Pixels:
        """Return the pictures of `rows`, [len(rows), 3, edge, edge]."""
        wanted = np.asarray(rows, dtype=np.int64)
        if self.store is None:
            return np.stack(list(self.pool.map(self._decode, wanted.tolist())))
        missing = np.unique(wanted[~self.known[wanted]]).tolist()
        for row, decoded in zip(missing, self.pool.map(self._decode, missing), strict=True):
            self.store[row] = decoded
            self.known[row] = True
        if missing and time.monotonic() - self.settled > SETTLE_SECONDS:
            self.settle()
        chosen: Pixels = self.store[wanted]
        return chosen

    def settle(self) -> None:
        """Make what was decoded last: pixels first, then the note that they are there."""
        if self.store is None or self.known_path is None:
            return
        self.settled = time.monotonic()
        known = self.known.copy()
        self.store.flush()
        if not self._is_current():
            return
        if self.known_path.exists():  # others decode other parts of the same set
            known |= np.load(self.known_path, allow_pickle=False)
        with files.replacing(self.known_path) as temporary, temporary.open("wb") as file:
            np.save(file, known)

    def _is_current(self) -> bool:
        """Tell whether whoever opens the set now gets this very file, not one made since."""
        assert self.known_path is not None
        try:
            return self.known_path.with_suffix(".npy").stat().st_ino == self.inode
        except OSError:
            return False

    def _decode(self, row: int) -> Pixels:
        return decode(self.paths[row], self.edge)


def decode(path: Path, edge: int) -> Pixels:
    """Return the central square of a picture file, [3, edge, edge]."""
    upright = read_picture(path, draft_px=edge)  # lets the decoder skip detail nobody will see
    square = ImageOps.fit(upright, (edge, edge), Image.Resampling.BICUBIC)
    return np.asarray(square, dtype=np.uint8).transpose(2, 0, 1)


def open_canvas(paths: Sequence[Path], keys: Sequence[str], edge: int) -> Canvas:
    """Return the pictures of a set; whoever opens the same set again finds them decoded.

    Args:
        paths: picture files.
        keys: what each is, by content; a picture without a key is nobody else's, so that a set
            with one is not kept.
        edge: edge of the squares in pixels.
    """
    count = len(paths)
    loose = Canvas(tuple(paths), edge, None, np.zeros(count, dtype=bool), None)
    if not all(keys) or count * 3 * edge**2 > LIMIT_BYTES:
        return loose
    text = "\n".join([f"{VERSION} {edge}", *keys])
    path = files.cache_dir() / "pictures" / f"{hashlib.sha256(text.encode()).hexdigest()}.npy"
    known_path = path.with_suffix(".known")
    try:
        store = _opened(path, known_path, (count, 3, edge, edge))
        inode = path.stat().st_ino
    except OSError:
        log.warning("no room for decoded pictures; they are decoded each time", exc_info=True)
        return loose
    known = np.zeros(count, dtype=bool)
    if known_path.exists():
        known |= np.load(known_path, allow_pickle=False)
    return Canvas(tuple(paths), edge, store, known, known_path, inode)


def _opened(path: Path, known_path: Path, shape: tuple[int, ...]) -> Any:
    if path.exists():
        return arrays.read(path, writable=True)
    known_path.unlink(missing_ok=True)
    files.trim_folder(path.parent, CACHE_LIMIT_BYTES - int(np.prod(shape)))
    with files.replacing(path) as temporary:
        arrays.create(temporary, np.uint8, shape)
    return arrays.read(path, writable=True)
