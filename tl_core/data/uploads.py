"""Uploads: files from a browser, stored on disk where an import can read them.

Their names are untrusted: they never lead out of the upload's own folder. Names that cannot be
used are remembered, so that the import can list them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from tl_core import files, wording
from tl_core.data import limits
from tl_core.data.labels import plain_name
from tl_core.data.manifest import plain_path
from tl_core.data.staging import disk_full_told
from tl_core.data.table import is_table
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

_CHUNK_BYTES = 1 << 20
_REFUSED_FILE = "refused.json"
_FILES_FOLDER = "files"
_KEPT_SECONDS = 7 * 24 * 3600
_DEFAULT_NAME = "upload"
_BAD_NAME = frozenset(
    {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.ENOTDIR, errno.EISDIR}
)
"""What the system says about names it cannot store, or a folder where a file is already."""


def save_upload(uploaded: Iterable[tuple[str, BinaryIO]]) -> Path:
    """Store uploaded files and return what to import: a zip, a table, or a folder.

    Args:
        uploaded: for each file its name, which may hold folders (`set/cats/1.png`), and its
            content; each is read once, in order, so they may be opened one by one.

    Returns:
        The stored zip or table if that was all that was uploaded; otherwise the folder, below
        the one top folder that all names share, if they do.

    Raises:
        InputError: if nothing usable, too much, or several zips were uploaded; nothing is kept.
    """
    discard_old_uploads()
    files.uploads_dir().mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(dir=files.uploads_dir()))
    try:
        with disk_full_told():
            return _save(uploaded, home)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise


def _save(uploaded: Iterable[tuple[str, BinaryIO]], home: Path) -> Path:
    root = home / _FILES_FOLDER
    root.mkdir()
    saved: list[str] = []
    refused: list[str] = []
    left = limits.MAX_UPLOAD_BYTES
    for count, (name, content) in enumerate(uploaded, 1):
        if count > limits.MAX_UPLOAD_FILES:
            raise _too_much()
        target = _target(root, name)
        if target is None:
            refused.append(plain_name(name))
            continue
        left -= store(content, target, left, _too_much)
        saved.append(target.relative_to(root).as_posix())
    if not saved:
        raise InputError(
            [
                Issue(
                    "upload",
                    _("Nothing usable was uploaded."),
                    _("Choose a zip file, a table, or a folder with one folder per class."),
                )
            ]
        )
    if refused:
        files.write_json(home / _REFUSED_FILE, refused)
    return _source(root, saved)


def _source(root: Path, saved: list[str]) -> Path:
    zips = [name for name in saved if name.casefold().endswith(".zip")]
    if len(zips) > 1 and len(zips) == len(saved):
        raise InputError(
            [
                Issue(
                    "upload",
                    _("{n} zip files were uploaded; one dataset is one zip.").format(n=len(zips)),
                    _("Upload one of them, or put everything into one zip."),
                )
            ]
        )
    if len(saved) == 1 and (zips or is_table(saved[0])):
        return root / saved[0]
    tops = {name.split("/")[0] for name in saved}
    only = root / tops.pop() if len(tops) == 1 else root
    if only.is_dir() and only != root:
        return only
    named = root.with_name(_DEFAULT_NAME)
    root.rename(named)
    return named


def _target(root: Path, name: str) -> Path | None:
    """Return where to store the file, or None if its name cannot be used."""
    path = plain_path(name)
    if path is None:
        return None
    target = root / path
    try:
        os.fsencode(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        return None if target.exists() else target
    except ValueError:  # no text that a file system could store
        return None
    except OSError as error:
        if error.errno in _BAD_NAME:
            return None
        raise


def store(
    content: BinaryIO, target: Path, limit_bytes: int, refusal: Callable[[], InputError]
) -> int:
    """Stream `content` to the new file `target`; return its size in bytes.

    Raises:
        InputError: the `refusal`, if there are more than `limit_bytes`.
    """
    size = 0
    with target.open("xb") as file:
        while chunk := content.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > limit_bytes:
                raise refusal()
            file.write(chunk)
    return size


def _too_much() -> InputError:
    return InputError(
        [
            Issue(
                "upload",
                _("An upload may hold {files} files and {size} GB; this one holds more.").format(
                    files=wording.count(limits.MAX_UPLOAD_FILES), size=limits.MAX_UPLOAD_BYTES >> 30
                ),
                _("Name the folder on this computer instead of uploading it."),
            )
        ]
    )


def refused_names(source: Path) -> tuple[str, ...]:
    """Return the names that were refused when `source` was uploaded; none for other sources."""
    home = _home_of(source)
    try:
        return tuple(files.read_json(home / _REFUSED_FILE)) if home else ()
    except (OSError, ValueError):
        return ()


def discard_upload(source: Path) -> None:
    """Delete an upload by what `save_upload` returned; anything else is left alone."""
    if home := _home_of(source):
        shutil.rmtree(home, ignore_errors=True)


def discard_old_uploads(*, seconds: float = _KEPT_SECONDS) -> None:
    """Delete uploads that nobody imported for `seconds`."""
    uploads = files.uploads_dir()
    for home in uploads.iterdir() if uploads.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # somebody else discarded it just now
            if home.is_dir() and home.stat().st_mtime < time.time() - seconds:
                shutil.rmtree(home, ignore_errors=True)


def _home_of(source: Path) -> Path | None:
    """Return the folder of the upload that `source` lies in, or None if it lies elsewhere."""
    uploads = files.uploads_dir().resolve()
    try:
        path = Path(os.path.abspath(source)).resolve()
    except (OSError, ValueError, RuntimeError):  # a name that no file system can hold
        return None
    if path == uploads or not path.is_relative_to(uploads):
        return None
    return uploads / path.relative_to(uploads).parts[0]
