"""Zip files from anywhere: unpacked under names of our own, with everything doubtful left out.

No name in a zip ever becomes a path: files are numbered, and their names stay text.
"""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from tl_core.data import limits
from tl_core.data.finding import Notes
from tl_core.data.folder import too_many_files
from tl_core.data.layout import Entry, is_hidden
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

_CHUNK_BYTES = 1 << 20
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_UNIX = 3  # the system that made the entry; only then do the upper bits hold a file mode
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DRIVE = re.compile(r"[A-Za-z]:")
_END_RECORD = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_END_SEARCH_BYTES = _END_RECORD.size + (1 << 16)  # a comment of up to 64 KB may follow
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)


class _Damaged(Exception):
    """One file of the zip cannot be unpacked."""


def unpack(archive: Path, into: Path, notes: Notes, tick: Callable[[], None]) -> list[Entry]:
    """Unpack the usable files of a zip into `into`, as 0, 1, 2, …; return them sorted by name.

    Links, locked, damaged and overpacked files and names that lead outside are noted and skipped.

    Args:
        archive: the zip file.
        into: a folder of ours; created if needed.
        notes: where skipped files are noted.
        tick: called often; may raise to stop.

    Raises:
        InputError: if it is no zip, or holds too many files or too much data.
    """
    _refuse_huge_directory(archive)
    try:
        opened = zipfile.ZipFile(archive)
    except (*_BROKEN, OSError) as error:
        raise InputError(
            [
                Issue(
                    archive.name,
                    _("This is not a zip file, or it is damaged."),
                    _("Make or download the zip again, or import the unpacked folder."),
                )
            ]
        ) from error
    with opened:
        chosen = _choose(opened, archive.name, notes)
        into.mkdir(parents=True, exist_ok=True)
        entries: list[Entry] = []
        for number, (name, info) in enumerate(chosen):
            tick()
            path = into / str(number)
            try:
                with path.open("wb") as file:
                    for chunk in _chunks(opened, info):
                        file.write(chunk)
            except _Damaged:
                path.unlink()
                notes.add("unreadable", name)
            else:
                entries.append(Entry(name, path))
    return sorted(entries, key=lambda e: e.name)


def _choose(
    opened: zipfile.ZipFile, archive_name: str, notes: Notes
) -> list[tuple[str, zipfile.ZipInfo]]:
    """Return what is to be unpacked, judging by the table of contents alone."""
    infos = [info for info in opened.infolist() if not _name(info).endswith("/")]
    if len(infos) > limits.MAX_FILES:
        raise too_many_files(archive_name)
    chosen: list[tuple[str, zipfile.ZipInfo]] = []
    for info in infos:
        name = _name(info)
        if check := _reason_to_skip(name, info):
            notes.add(check, name)
        else:
            chosen.append(("/".join(_parts(name)), info))
    if sum(info.file_size for _name_, info in chosen) > limits.MAX_UNPACKED_BYTES:
        raise InputError(
            [
                Issue(
                    archive_name,
                    _("Unpacked, this zip would take more than {limit} GB.").format(
                        limit=limits.MAX_UNPACKED_BYTES >> 30
                    ),
                    _("Unpack it yourself and import the folder, if you trust it."),
                )
            ]
        )
    return chosen


def _reason_to_skip(name: str, info: zipfile.ZipInfo) -> str | None:
    """Return the check that a file of a zip fails, or None."""
    parts = _parts(name)
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if name.startswith("/") or _DRIVE.match(name) or ".." in parts or "\0" in name or not parts:
        return "outside"
    if any(is_hidden(part) for part in parts):
        return "hidden"
    if len(parts) > limits.MAX_FOLDER_DEPTH:
        return "ignored_folders"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "links"
    if info.flag_bits & _ENCRYPTED_FLAG:
        return "encrypted"
    if info.compress_type not in _METHODS:
        return "unreadable"
    packed = max(info.compress_size, 1)
    if info.file_size > max(limits.RATIO_MATTERS_BYTES, limits.MAX_ZIP_RATIO * packed):
        return "overpacked"
    if info.file_size > limits.MAX_PICTURE_BYTES:
        return "too_large"
    return None


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name with `/` between folders; macOS writes UTF-8 without saying so."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.orig_filename
    return name.replace("\\", "/")


def _parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".")]


def _chunks(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the unpacked bytes of one file, never more than its entry promises.

    Raises:
        _Damaged: if they cannot be read or do not fit their checksum.
    """
    try:
        with opened.open(info) as packed:
            while chunk := packed.read(_CHUNK_BYTES):
                yield chunk
    except (*_BROKEN, OSError) as error:
        raise _Damaged from error


def _refuse_huge_directory(archive: Path) -> None:
    """Refuse a zip whose table of contents alone would fill the memory.

    The table's size stands in the record at the end of the file; zip64 files, whose true size
    stands elsewhere, are judged by the space that the table could fill at most.
    """
    size = archive.stat().st_size
    with archive.open("rb") as file:
        file.seek(max(0, size - _END_SEARCH_BYTES))
        tail = file.read()
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END_RECORD.size:
        return  # no zip; opening it will say so
    directory_bytes = _END_RECORD.unpack_from(tail, at)[5]
    if directory_bytes == 0xFFFFFFFF:
        directory_bytes = _zip64_directory_bytes(archive, tail[:at])
    if directory_bytes > limits.MAX_ZIP_DIRECTORY_BYTES:
        raise too_many_files(archive.name)


def _zip64_directory_bytes(archive: Path, before_end: bytes) -> int:
    """Return the size of the table of contents of a zip64 file; huge if it cannot be told."""
    try:
        signature, _disk, offset, _disks = struct.unpack("<4sLQL", before_end[-20:])
        with archive.open("rb") as file:
            file.seek(offset)
            record = file.read(56)
        directory_bytes: int = struct.unpack_from("<Q", record, 40)[0]
    except (struct.error, OSError, OverflowError):
        return limits.MAX_ZIP_DIRECTORY_BYTES + 1
    if signature != b"PK\x06\x07" or not record.startswith(b"PK\x06\x06"):
        return limits.MAX_ZIP_DIRECTORY_BYTES + 1
    return directory_bytes
