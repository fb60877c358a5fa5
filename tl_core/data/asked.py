"""Files that somebody wants a model's word on: some files, a folder, a zip.

They are listed here and looked at by who opens them (`loose`); nothing of an upload is kept.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from tl_core import wording
from tl_core.data import archive, folder
from tl_core.data.finding import Notes
from tl_core.data.labels import plain_name
from tl_core.data.layout import Entry
from tl_core.data.pictures import has_archive_name
from tl_core.data.uploads import discard_upload, save_upload
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

MOST_FILES = 2000
"""Answered at once: a minute or two of work, and a table that can still be looked through."""


@contextlib.contextmanager
def uploaded(given: Iterable[tuple[str, BinaryIO]]) -> Iterator[list[Entry]]:
    """Store files from a browser, list them with what a zip holds, and delete all of it after.

    Raises:
        InputError: if there is nothing usable, too much, or a zip that cannot be opened.
    """
    source = save_upload(given)
    try:
        with listed([source]) as entries:
            # Where it was stored concerns nobody.
            yield [Entry(e.path.name, e.path) if e.path == source else e for e in entries]
    finally:
        discard_upload(source)


@contextlib.contextmanager
def listed(paths: Sequence[Path]) -> Iterator[list[Entry]]:
    """List files, those of folders and those in zips; what a zip held is deleted after.

    A file that is named itself is listed whatever it is; who opens it says what is wrong with it.

    Raises:
        InputError: if there is none, there are more than `MOST_FILES`, or a zip cannot be opened.
    """
    with tempfile.TemporaryDirectory(prefix="thaw-asked-") as room:
        entries: list[Entry] = []
        for number, path in enumerate(paths):
            entries += _files_of(path, Path(room) / str(number))
            if len(entries) > MOST_FILES:
                raise _refused(
                    _("There are more than {n} files.").format(n=wording.count(MOST_FILES)),
                    _("Ask about a part of them at a time."),
                )
        if not entries:
            raise _refused(_("There is no file to look at."), _("Choose one or more files."))
        yield entries


def _files_of(path: Path, room: Path) -> list[Entry]:
    if path.is_dir():
        return folder.walk(path, Notes(), lambda: None)
    if has_archive_name(path.name) and path.is_file():
        return archive.unpack(path, room, Notes(), lambda: None)
    return [Entry(plain_name(str(path)), path)]


def _refused(message: str, fix: str) -> InputError:
    return InputError([Issue("file", message, fix)])
