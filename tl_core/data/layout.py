"""How the names of files say what each picture shows: class folders, parts, tables.

It works on names alone, so that folders and zips are read by the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core.data.finding import Notes
from tl_core.data.pictures import has_archive_name, has_picture_name
from tl_core.errors import InputError, Issue
from tl_core.i18n import _

SPLIT_NAMES = {
    "train": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
"""Names of folders, tables and table entries that stand for a part of the data."""

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")
"""Of tables: values between commas, semicolons or tabs, or a JSON object a line."""

_TRAIN_TABLES = frozenset(f"train{suffix}" for suffix in SUFFIXES)
_HIDDEN_NAMES = frozenset({"__macosx", "__pycache__", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that was found: its name in the source, `/` between folders, and where it is now."""

    name: str
    path: Path

    @property
    def parts(self) -> tuple[str, ...]:
        """The name, divided at the slashes."""
        return tuple(self.name.split("/"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may become an example, with what the source says about it."""

    name: str
    path: Path
    label: str
    """As written; not yet tidied."""
    split: str = ""
    """`train`, `val`, `test` or empty."""
    group: str = ""
    text: str = ""
    """What a table holds itself; empty where the file is the example."""


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder name is one that systems and programs leave behind."""
    return name.startswith(".") or name.casefold() in _HIDDEN_NAMES


def unwrap(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the folder that holds the data, below any folders that only wrap it.

    A wrapper holds nothing but one folder with folders in it (and perhaps loose notes, but no
    pictures): what zips and downloads put around a dataset.
    """
    root: tuple[str, ...] = ()
    # Beside pictures a text file is a note; on their own, texts are what is to be learned.
    is_of_pictures = any(has_picture_name(entry.parts[-1]) for entry in entries)
    is_example = has_picture_name if is_of_pictures else _has_text_name
    while True:
        depth = len(root)
        below = [e.parts[depth:] for e in entries if e.parts[:depth] == root]
        folders = {parts[0] for parts in below if len(parts) > 1}
        if len(folders) != 1 or any(_is_table(p) for p in below if len(p) == 1):
            return root
        (only,) = folders
        is_train = SPLIT_NAMES.get(only.casefold()) == "train"
        has_table = any(_is_table(parts[1:]) for parts in below)
        has_pictures = any(is_example(parts[-1]) for parts in below if len(parts) <= 2)
        has_folders = any(len(parts) > 2 for parts in below)
        if not has_table and (is_train or has_pictures or not has_folders):
            return root
        root = (*root, only)


def _has_text_name(name: str) -> bool:
    return name.casefold().endswith(".txt")


def _is_table(parts: tuple[str, ...]) -> bool:
    return len(parts) == 1 and parts[0].casefold() in _TRAIN_TABLES


def tables(entries: Sequence[Entry], root: tuple[str, ...]) -> dict[str, Entry]:
    """Return the tables that describe the data, by part; empty unless there is one of `train`.

    Raises:
        InputError: if two tables stand for the same part.
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        stem, dot, suffix = entry.parts[-1].casefold().rpartition(".")
        is_one = dot + suffix in SUFFIXES and stem in SPLIT_NAMES
        if entry.parts[:-1] != root or not is_one:
            continue
        if (part := SPLIT_NAMES[stem]) in found:
            raise InputError(
                [
                    Issue(
                        entry.name,
                        _("There are two tables for the same part: {one} and {other}.").format(
                            one=found[part].parts[-1], other=entry.parts[-1]
                        ),
                        _("Keep one table for each of train, val and test."),
                    )
                ]
            )
        found[part] = entry
    return found if "train" in found else {}


def lone_table(entries: Sequence[Entry], root: tuple[str, ...]) -> Entry | None:
    """Return the only table of a source whose folders do not say what each file shows.

    That is so where fewer than two classes would come of the folders; so the table may be called
    as it likes.

    Raises:
        InputError: if there are held-out parts but no training part.
    """
    found = [entry for entry in entries if entry.parts[-1].casefold().endswith(SUFFIXES)]
    if len(found) != 1:
        return None
    others = [entry for entry in entries if entry not in found]
    named = [e for e in others if has_picture_name(e.parts[-1]) or _has_text_name(e.parts[-1])]
    labels = {candidate.label for candidate in from_folders(named or others, root, Notes())}
    return found[0] if len(labels) < 2 else None


def from_folders(
    entries: Sequence[Entry], root: tuple[str, ...], notes: Notes
) -> list[Candidate]:  # fmt: skip
    """Read labels, and parts if there are any, from the folders that the files lie in.

    Raises:
        InputError: if there are held-out parts but no training part.
    """
    depth = len(root)
    below = [(e, e.parts[depth:]) for e in entries if e.parts[:depth] == root]
    _note_strays([e.name for e in entries if e.parts[:depth] != root], notes)
    folders = {parts[0] for _entry, parts in below if len(parts) > 1}
    parts_given = {
        SPLIT_NAMES[parts[0].casefold()]
        for _entry, parts in below
        if len(parts) > 2 and parts[0].casefold() in SPLIT_NAMES
    }
    if "train" in parts_given:
        return _from_parts(below, notes)
    if parts_given and all(folder.casefold() in SPLIT_NAMES for folder in folders):
        raise InputError(
            [
                Issue(
                    "train",
                    _("There are held-out parts ({found}), but no folder to train on.").format(
                        found=", ".join(sorted(folders))
                    ),
                    _("Add a folder named train, with one folder per class."),
                )
            ]
        )
    _note_strays([e.name for e, parts in below if len(parts) == 1], notes)
    return [Candidate(e.name, e.path, parts[0]) for e, parts in below if len(parts) > 1]


def _note_strays(names: Sequence[str], notes: Notes) -> None:
    """Note files that lie where no example can; packed ones are what people forget to unpack."""
    notes.add("archives", *filter(has_archive_name, names))
    notes.add("stray", *(name for name in names if not has_archive_name(name)))


def _from_parts(
    below: Sequence[tuple[Entry, tuple[str, ...]]], notes: Notes
) -> list[Candidate]:  # fmt: skip
    candidates: list[Candidate] = []
    ignored: set[str] = set()
    for entry, parts in below:
        split = SPLIT_NAMES.get(parts[0].casefold())
        if len(parts) > 1 and split is None:
            ignored.add(parts[0])
        elif len(parts) > 2 and split is not None:
            candidates.append(Candidate(entry.name, entry.path, parts[1], split))
        else:
            _note_strays([entry.name], notes)
    notes.add("ignored_folders", *sorted(ignored))
    return candidates
