"""Where an import does its work: a folder of its own that becomes a dataset at one stroke.

Until then the folder is called `….partial` and locked. Whatever ends the import, nothing that
looks complete is left behind: a live process removes its folder itself, and what a killed process
left is removed by the next import, once its lock is free.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tl_core import files
from tl_core.data.dataset import UNFINISHED_SUFFIX
from tl_core.data.store import dataset_dir, exists
from tl_core.errors import InputError, Issue
from tl_core.files import FileLock, is_locked
from tl_core.i18n import _

_LOCK_FILE = "import.lock"
_GATE_FILE = ".import.lock"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# File locks belong to a process, so imports of one process take turns; other processes do not.
_one_at_a_time = threading.Lock()


@contextlib.contextmanager
def staging() -> Iterator[Path]:
    """Give an empty folder on the disk of the datasets; it is gone when the block ends.

    Raises:
        InputError: if the disk is full.
    """
    with _one_at_a_time, disk_full_told():
        folder, lock = _open_folder()
        try:
            yield folder
        finally:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)


def _open_folder() -> tuple[Path, FileLock]:
    root = files.datasets_dir()
    root.mkdir(parents=True, exist_ok=True)
    # Held for a moment only, so that nobody takes a folder for abandoned before it is locked.
    gate = FileLock(root / _GATE_FILE)
    gate.acquire(blocking=True)
    try:
        remove_abandoned()
        folder = Path(tempfile.mkdtemp(prefix="import-", suffix=UNFINISHED_SUFFIX, dir=root))
        lock = FileLock(folder / _LOCK_FILE)
        lock.acquire()
        return folder, lock
    finally:
        gate.release()


def remove_abandoned() -> None:
    """Remove what unfinished imports and deletions left, unless a process is still at work."""
    for folder in files.datasets_dir().glob(f"*{UNFINISHED_SUFFIX}"):
        if not is_locked(folder / _LOCK_FILE):
            shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, dataset_id: str) -> None:
    """Make a finished staging folder the dataset `dataset_id`.

    If another process finished the same import first, its result stands.
    """
    target = dataset_dir(dataset_id)
    if target.exists() and not exists(dataset_id):
        shutil.rmtree(target)  # damaged: without its header nothing can read it
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST) and exists(dataset_id):
            return
        raise
    (target / _LOCK_FILE).unlink(missing_ok=True)


@contextlib.contextmanager
def disk_full_told() -> Iterator[None]:
    """Turn the error of a full disk into words for people.

    Raises:
        InputError: in place of an OSError that says that the disk or a quota is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise InputError(
            [
                Issue(
                    "disk",
                    _("The disk is full; nothing was kept."),
                    _("Free some space where Thaw keeps its files ({home}) and try again.").format(
                        home=files.home()
                    ),
                )
            ]
        ) from error
