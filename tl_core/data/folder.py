"""The files of a folder on this computer, without following links out of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from tl_core import wording
from tl_core.data import limits
from tl_core.data.finding import Notes
from tl_core.data.labels import plain_name
from tl_core.data.layout import Entry, is_hidden
from tl_core.errors import InputError, Issue
from tl_core.i18n import _


def walk(root: Path, notes: Notes, tick: Callable[[], None]) -> list[Entry]:
    """Return every regular, visible file below `root`, sorted by name.

    Links to files inside `root` count as files; links that lead out of it, to folders or to
    nothing are noted and skipped, so that no loop and no foreign file can come in.

    Args:
        root: an existing folder.
        notes: where skipped files are noted.
        tick: called often; may raise to stop.

    Raises:
        InputError: if there are more files than `limits.MAX_FILES`.
    """
    root = root.resolve()
    entries: list[Entry] = []
    pending: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    while pending:
        folder, parts = pending.pop()
        tick()
        for item in _scan(folder, "/".join(parts), notes):
            here = (*parts, _readable(item.name))
            name = "/".join(here)
            if is_hidden(item.name):
                notes.add("hidden", name)
            elif item.is_symlink() and not _is_file_inside(Path(item.path), root):
                notes.add("links", name)
            elif item.is_dir(follow_symlinks=False):
                if len(here) < limits.MAX_FOLDER_DEPTH:
                    pending.append((Path(item.path), here))
                else:
                    notes.add("ignored_folders", name)
            elif item.is_file():
                entries.append(Entry(name, Path(item.path)))
            else:
                notes.add("stray", name)
        if len(entries) > limits.MAX_FILES:
            raise too_many_files(root.name)
    return sorted(entries, key=lambda e: e.name)


def too_many_files(name: str) -> InputError:
    """Return the error for a source with more files than `limits.MAX_FILES`."""
    return InputError(
        [
            Issue(
                plain_name(name),
                _("There are more than {limit} files.").format(
                    limit=wording.count(limits.MAX_FILES)
                ),
                _("Import a part of them, or check that this is the folder you meant."),
            )
        ]
    )


def _scan(folder: Path, name: str, notes: Notes) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            some = islice(items, limits.MAX_FILES + 1)  # of more, not even the list is kept
            return sorted(some, key=lambda item: item.name)
    except OSError:
        notes.add("unreadable", f"{name}/")
        return []


def _is_file_inside(link: Path, root: Path) -> bool:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):  # leads nowhere, or in circles
        return False
    return target.is_file() and target.is_relative_to(root)


def _readable(name: str) -> str:
    """Replace bytes that are no text, which Python carries as lone surrogates."""
    return name.encode("utf-8", "replace").decode("utf-8")
