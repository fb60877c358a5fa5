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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tl_core.data import limits
from tl_core.data.finding import Notes
from tl_core.data.folder import too_many_files
from tl_core.data.labels import plain_name
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
_ENTRY_SIGNATURE = b"PK\x01\x02"
_ZIP64_END_BYTES = 56 + 20  # a second record and where it lies, before the first
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
        raise _refusal(
            archive.name,
            _not_opened(error),
            _("Make or download the zip again, or import the unpacked folder."),
        ) from error
    with opened:
        chosen = _choose(opened, archive, notes)
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


def _not_opened(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return _("A name in this zip is said to be Unicode (UTF-8) and is not.")
    return _("This is not a zip file, or it is damaged.")


def _refusal(name: str, message: str, fix: str) -> InputError:
    return InputError([Issue(plain_name(name), message, fix)])


def _choose(
    opened: zipfile.ZipFile, archive: Path, notes: Notes
) -> list[tuple[str, zipfile.ZipInfo]]:
    """Return what is to be unpacked, judging by the table of contents alone."""
    infos = [info for info in opened.infolist() if not _name(info).endswith("/")]
    if len(infos) > limits.MAX_FILES:
        raise too_many_files(archive.name)
    chosen: list[tuple[str, zipfile.ZipInfo]] = []
    for info in infos:
        name = _name(info)
        if check := _reason_to_skip(name, info):
            notes.add(check, name)
        else:
            chosen.append(("/".join(_parts(name)), info))
    _refuse_bombs(archive, [info for _plain, info in chosen])
    return chosen


def _refuse_bombs(archive: Path, infos: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse a zip whose files are harmless one by one and not together."""
    unpacked = sum(info.file_size for info in infos)
    limit = max(limits.RATIO_MATTERS_BYTES, limits.MAX_ZIP_RATIO * archive.stat().st_size)
    if sum(info.compress_size for info in infos) > archive.stat().st_size:
        message = _("The files in this zip lie over one another, as no program packs them.")
        fix = _("Do not unpack it; ask for the pictures from somebody you trust.")
        raise _refusal(archive.name, message, fix)
    if unpacked > limits.MAX_UNPACKED_BYTES:
        message = _("Unpacked, this zip would take more than {limit} GB.").format(
            limit=limits.MAX_UNPACKED_BYTES >> 30
        )
    elif unpacked > limit:
        message = _("Unpacked, this zip would grow more than {n} times, as no pictures do.").format(
            n=limits.MAX_ZIP_RATIO
        )
    else:
        return
    fix = _("Unpack it yourself and import the folder, if you trust it.")
    raise _refusal(archive.name, message, fix)


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
    start = max(0, size - _END_SEARCH_BYTES)
    tail = _read(archive, start, _END_SEARCH_BYTES)
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END_RECORD.size:
        return  # no zip; opening it will say so
    end = start + at
    directory_bytes = _END_RECORD.unpack_from(tail, at)[5]
    if directory_bytes == 0xFFFFFFFF:
        directory_bytes = _zip64_directory_bytes(archive, tail[:at])
        end -= _ZIP64_END_BYTES
    if directory_bytes > limits.MAX_ZIP_DIRECTORY_BYTES:
        raise too_many_files(archive.name)
    directory = _read(archive, max(0, end - directory_bytes), directory_bytes)
    # Folders are listed too; a name that holds the signature makes no difference at this size.
    if directory.count(_ENTRY_SIGNATURE) > 2 * limits.MAX_FILES:
        raise too_many_files(archive.name)


def _read(path: Path, start: int, n_bytes: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(n_bytes)


def _zip64_directory_bytes(archive: Path, before_end: bytes) -> int:
    """Return the size of the table of contents of a zip64 file; huge if it cannot be told."""
    try:
        signature, _disk, offset, _disks = struct.unpack("<4sLQL", before_end[-20:])
        record = _read(archive, offset, 56)
        directory_bytes: int = struct.unpack_from("<Q", record, 40)[0]
    except (struct.error, OSError, OverflowError):
        return limits.MAX_ZIP_DIRECTORY_BYTES + 1
    if signature != b"PK\x06\x07" or not record.startswith(b"PK\x06\x06"):
        return limits.MAX_ZIP_DIRECTORY_BYTES + 1
    return directory_bytes
