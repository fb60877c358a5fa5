"""From files to stored pictures: each read, hashed, decoded once and copied, two at a time.

Memory stays small however many there are: only a few pictures are held at any moment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from tl_core import files
from tl_core.data import limits
from tl_core.data.assemble import Draft
from tl_core.data.dataset import Example, image_path
from tl_core.data.finding import Notes
from tl_core.data.labels import plain_name, tidy_text
from tl_core.data.layout import Candidate
from tl_core.data.pictures import Refused, inspect

_THREADS = 2  # decoding frees the interpreter; more would starve the rest of a small machine
_BATCH = 16  # pictures between two looks at progress and stop

Progress = Callable[[int, int], None]
"""Called with (pictures done, pictures in all)."""
Tick = Callable[[], None]
"""Called often; raises to stop."""

T = TypeVar("T")
R = TypeVar("R")


def _in_threads(work: Callable[[T], R], items: Sequence[T], tick: Tick) -> Iterator[R]:
    """Yield `work(item)` in order; at most a batch of results is held."""
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        for start in range(0, len(items), _BATCH):
            tick()
            yield from pool.map(work, items[start : start + _BATCH])


def hash_all(
    candidates: Sequence[Candidate], notes: Notes, tick: Tick
) -> list[tuple[Candidate, str]]:
    """Pair the candidates with the SHA-256 of their bytes; note those that cannot be read."""
    hashed: list[tuple[Candidate, str]] = []
    results = _in_threads(_hash, candidates, tick)
    for candidate, result in zip(candidates, results, strict=True):
        if isinstance(result, Refused):
            notes.add(result.check, candidate.name)
        else:
            hashed.append((candidate, result))
    return hashed


def _hash(candidate: Candidate) -> str | Refused:
    try:
        if candidate.path.stat().st_size > limits.MAX_PICTURE_BYTES:
            return Refused("too_large")
        return files.sha256_of(candidate.path)
    except OSError:
        return Refused("unreadable")


def decode_all(
    hashed: Sequence[tuple[Candidate, str]],
    folder: Path,
    notes: Notes,
    *,
    progress: Progress | None,
    tick: Tick,
) -> list[Draft]:
    """Decode every picture once and store the usable ones; the rest is noted."""
    drafts: list[Draft] = []
    total = len(hashed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # decoders warn about odd files; the findings tell
        work = partial(_take, folder=folder)
        for done, result in enumerate(_in_threads(work, hashed, tick), 1):
            name = hashed[done - 1][0].name
            if isinstance(result, Refused):
                notes.add(result.check, name)
            else:
                draft, has_frames = result
                drafts.append(draft)
                if has_frames:
                    notes.add("first_frame", name)
            if progress is not None and (done % _BATCH == 0 or done == total):
                progress(done, total)
    return drafts


def _take(item: tuple[Candidate, str], *, folder: Path) -> tuple[Draft, bool] | Refused:
    """Decode one file and store it under its key; tell whether it holds more frames."""
    candidate, key = item
    try:
        content = candidate.path.read_bytes()
    except OSError:
        return Refused("unreadable")
    if hashlib.sha256(content).hexdigest() != key:
        return Refused("unreadable")  # changed while being imported
    picture = inspect(content, candidate.name)
    if isinstance(picture, Refused):
        return picture
    target = image_path(folder, key, picture.suffix)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        if candidate.path.is_relative_to(folder):  # unpacked by us: no second copy
            _link(candidate.path, target)
        else:
            target.write_bytes(content)
    example = Example(
        key=key,
        path=target,
        label=-1,
        split=candidate.split,
        group=tidy_text(candidate.group),
        name=plain_name(candidate.name),
        pixels=picture.pixels,
        width=picture.width,
        height=picture.height,
    )
    return Draft(candidate.label, example, picture.trait), picture.has_frames


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        pass  # the other thread met the same bytes
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
