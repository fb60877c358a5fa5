"""What takes space under THAW_HOME, and what of it can be removed without a loss.

Removable are caches (computed again when needed), what a finished run needed to go on (its best
weights stay), the trash, and what a killed process has left half made. Nothing that a job uses now
is touched.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tl_core import files
from tl_core.errors import InputError, Issue
from tl_core.i18n import N_, _
from tl_core.runs import listing, locks, trash
from tl_core.runs.state import RunState

WAYS: dict[str, str] = {
    "cache": N_("Caches: what a base makes of your data, computed again when needed"),
    "checkpoints": N_("Checkpoints of finished runs; the best weights stay"),
    "trash": N_("The trash: deleted runs, for good"),
    "leftovers": N_("What was left half made by a process that was killed"),
}
"""What can be cleaned up: id and meaning."""

BEST = "best.safetensors"
_CHECKPOINTS = "checkpoints"
_HALF_MADE = (".new-*", ".deleted-*")
_LEFT_SECONDS = 86_400.0  # a younger one may belong to somebody at work


@dataclass(frozen=True, slots=True)
class Item:
    """Something that takes space."""

    kind: str
    """run, dataset, cache, trash, upload, leftover or other."""
    id: str
    """Of the run or dataset; of a cache or other file, its name."""
    bytes: int
    removable: int = 0
    """Bytes of it that cleaning up would free now."""
    way: str = ""
    """By which of WAYS; empty if by none."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Everything under THAW_HOME."""

    items: tuple[Item, ...]
    """The largest first."""
    free: int
    """Bytes left on the disk."""
    busy: bool
    """Whether a job is going on, so that caches stay."""

    @property
    def bytes(self) -> int:
        """Bytes of all together."""
        return sum(item.bytes for item in self.items)

    def of(self, kind: str) -> tuple[Item, ...]:
        """Return the items of a kind, the largest first."""
        return tuple(item for item in self.items if item.kind == kind)

    def removable(self, way: str) -> int:
        """Return how many bytes one way of cleaning up would free now."""
        return sum(item.removable for item in self.items if item.way == way)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning up came to."""

    freed: dict[str, int]
    """Bytes by way."""
    kept: tuple[str, ...]
    """Why something that was asked for stayed, in words."""


def measure() -> Storage:
    """Return what takes space now; every file is looked at, so that thousands take a second."""
    runs = listing.list_runs()
    busy = any(run.is_active for run in runs)
    items = [*_runs(runs), *_datasets(), *_caches(busy), *_deleted(), *_leftovers()]
    items += [
        Item("upload", path.name, size)
        for path, size in _sizes(files.uploads_dir())
    ]  # fmt: skip
    known = sum(item.bytes for item in items)
    root = files.home()
    other = max(0, (files.folder_bytes(root) if root.is_dir() else 0) - known)
    items.append(Item("other", "", other))
    free = shutil.disk_usage(next(p for p in (root, *root.parents) if p.is_dir())).free
    ordered = sorted((i for i in items if i.bytes), key=lambda i: (-i.bytes, i.id))
    return Storage(tuple(ordered), free, busy)


def _runs(runs: Collection[RunState]) -> Iterator[Item]:
    for run in runs:
        folder = files.runs_dir() / run.id
        spare = sum(_bytes(path) for path in _spare(run))
        yield Item("run", run.id, files.folder_bytes(folder), spare, "checkpoints")


def _spare(run: RunState) -> list[Path]:
    """Return the checkpoints by which a run went on; a finished one never does again."""
    folder = files.runs_dir() / run.id
    if run.status != "finished" or run.spec.kind != "train" or locks.is_alive(folder):
        return []
    return [p for p in (folder / _CHECKPOINTS).glob("*") if p.is_file() and p.name != BEST]


def _datasets() -> Iterator[Item]:
    for path, size in _sizes(files.datasets_dir()):
        yield Item("dataset", path.name, size)


def _caches(busy: bool) -> Iterator[Item]:
    for path, size in _sizes(files.cache_dir()):
        yield Item("cache", path.name, size, 0 if busy else size, "cache")


def _deleted() -> Iterator[Item]:
    for one in trash.deleted():
        size = files.folder_bytes(one.folder)
        yield Item("trash", one.run, size, size, "trash")


def _leftovers() -> Iterator[Item]:
    for path in _half_made():
        size = _bytes(path)
        yield Item("leftover", path.name, size, size, "leftovers")


def _half_made() -> list[Path]:
    late = time.time() - _LEFT_SECONDS
    found = [p for pattern in _HALF_MADE for p in files.runs_dir().glob(pattern)]
    return [path for path in found if path.lstat().st_mtime < late]


def _sizes(folder: Path) -> Iterator[tuple[Path, int]]:
    if folder.is_dir():
        for path in folder.iterdir():
            yield path, _bytes(path)


def _bytes(path: Path) -> int:
    return files.folder_bytes(path) if path.is_dir() else path.stat().st_size


def clean(ways: Collection[str]) -> Cleaned:
    """Remove what can be removed in these ways, and tell what was freed and what stayed.

    Args:
        ways: some of WAYS.

    Raises:
        InputError: if one of them is unknown.
    """
    if unknown := [way for way in ways if way not in WAYS]:
        message = _("There is no way of cleaning up called '{found}'.").format(found=unknown[0])
        fix = _("Use some of: {known}.").format(known=", ".join(WAYS))
        raise InputError([Issue("clean", message, fix)])
    freed: dict[str, int] = {}
    kept: list[str] = []
    for way in (way for way in WAYS if way in ways):
        freed[way], told = _CLEANERS[way]()
        kept += told
    return Cleaned(freed, tuple(kept))


def _clean_cache() -> tuple[int, list[str]]:
    with locks.starting():  # no job begins meanwhile
        if any(run.is_active for run in listing.list_runs()):
            return 0, [_("The caches stayed: a job is going on and may be reading them.")]
        return sum(_remove(path) for path, _size in list(_sizes(files.cache_dir()))), []


def _clean_checkpoints() -> tuple[int, list[str]]:
    with locks.starting():
        return sum(_remove(p) for run in listing.list_runs() for p in _spare(run)), []


def _clean_trash() -> tuple[int, list[str]]:
    done = trash.empty()
    text = _("{run} stayed in the trash: a run of yours was built on it.")
    return done.bytes, [text.format(run=run) for run in done.kept]


def _clean_leftovers() -> tuple[int, list[str]]:
    return sum(_remove(path) for path in _half_made()), []


def _remove(path: Path) -> int:
    size = _bytes(path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return size


_CLEANERS = {
    "cache": _clean_cache,
    "checkpoints": _clean_checkpoints,
    "trash": _clean_trash,
    "leftovers": _clean_leftovers,
}
