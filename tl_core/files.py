"""Where Thaw keeps its files, and how it writes them so that nothing is ever half there."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tl_core.errors import InputError, Issue
from tl_core.i18n import _

_CHUNK_BYTES = 1 << 20


def home() -> Path:
    """Return the folder of all state: `THAW_HOME`, by default `~/.thaw`."""
    return Path(os.environ.get("THAW_HOME") or Path.home() / ".thaw").expanduser().absolute()


def datasets_dir() -> Path:
    """Return the folder that holds one folder per imported dataset."""
    return home() / "datasets"


def runs_dir() -> Path:
    """Return the folder that holds one folder per job."""
    return home() / "runs"


def trash_dir() -> Path:
    """Return the folder of deleted runs that can still be had back.

    It lies among the runs: these may be on a disk of their own, and a run is moved by renaming it.
    """
    return runs_dir() / ".trash"


def cache_dir() -> Path:
    """Return the folder of things that can be computed again; safe to delete at any time."""
    return home() / "cache"


def uploads_dir() -> Path:
    """Return the folder where uploads wait for their import."""
    return home() / "uploads"


def data_root() -> Path:
    """Return the folder of development data: `THAW_DATA`, by default `../shared/data`."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("THAW_DATA") or default)


def app_dir() -> Path | None:
    """Return the folder that holds app.py, pages/ and sample_data/, or None if there is none.

    It lies beside this package in a checkout and inside it in a wheel.
    """
    package = Path(__file__).resolve().parent
    for folder in (package.parent, package / "_app"):
        if (folder / "app.py").is_file() and (folder / "pages").is_dir():
            return folder
    return None


def safe_join(root: Path, *parts: str) -> Path:
    """Join untrusted `parts` below `root`.

    Raises:
        InputError: if the result would lie outside `root` (`..`, absolute paths, links).
    """
    path = root.joinpath(*parts)
    inside = path.resolve().is_relative_to(root.resolve())
    if not inside or "\0" in str(path):
        name = "/".join(parts)
        raise InputError(
            [Issue(name, _("The path leads outside its folder."), _("Use a plain name."))]
        )
    return path


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replace `path` by `content` so that a reader sees the old or the new file, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write; on success it is synced and takes the place of `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON, atomically; NaN and infinity are refused."""
    write_atomically(path, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """Return what the JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def folder_bytes(path: Path) -> int:
    """Return the summed size in bytes of all regular files below `path`."""
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file() and not p.is_symlink())


def trim_folder(folder: Path, limit_bytes: int) -> None:
    """Drop the files of a cache that were used longest ago until it holds at most the limit."""
    kept = sorted((p for p in folder.glob("*") if p.is_file()), key=lambda p: p.stat().st_mtime)
    used = sum(p.stat().st_size for p in kept)
    for old in kept:
        if used <= limit_bytes:
            return
        used -= old.stat().st_size
        old.unlink(missing_ok=True)


class FileLock:
    """An exclusive lock on a file that the kernel frees when this process ends, however it ends.

    `fcntl.lockf` locks belong to the process: they are not inherited by children, and closing
    any descriptor of the file drops them, so open each lock file once per process.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._fd: int | None = None

    def acquire(self, *, blocking: bool = False) -> bool:
        """Take the lock; return False if somebody else holds it and `blocking` is false."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(fd, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
        except OSError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def release(self) -> None:
        """Give the lock back; harmless if it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def is_locked(path: Path) -> bool:
    """Tell whether another process holds the lock file `path`; never creates it.

    Must not be called by the holder itself: closing the probe would drop its own lock.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False
