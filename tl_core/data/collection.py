"""Collections of class cards on disk: what one holds, read with suspicion, changed under a lock.

A collection is a folder among the uploads: `cards.json` says what there is and what it is called,
the folders `c1`, `c2`, … hold the pictures under numbers. No name that a person gave is a path.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.data.staging import disk_full_told
from tl_core.errors import InputError, Issue
from tl_core.files import FileLock
from tl_core.i18n import _
from tl_core.records import to_dict

VERSION = 1
_FILE = "cards.json"
_LOCK_FILE = "cards.lock"
_ID = re.compile(r"cards-[0-9a-f]{16}")
_CARD_ID = re.compile(r"c[0-9]{1,6}")
_PICTURE_FILE = re.compile(r"[0-9]{6,9}\.[a-z]{3,4}")

# File locks belong to a process; the sessions of one server are threads of it.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture of a card."""

    file: str
    """Its name in the card's folder, a number of our own."""
    name: str
    """What it was called where it came from; untrusted."""
    key: str
    """SHA-256 of its bytes, 64 hexadecimal digits."""
    size_bytes: int
    group: str = ""
    """Pictures with the same group stay together when the data are divided; empty: on its own."""


@dataclass(frozen=True, slots=True)
class Card:
    """A class with its pictures, in the order in which they came."""

    id: str
    """Also the name of its folder: `c1`, `c2`, …"""
    name: str
    """As people write it; untrusted."""
    pictures: tuple[Kept, ...] = ()
    next_number: int = 1
    """Of the next picture; numbers are never given twice."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many files of the last upload were not taken, by the reason."""
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """Class cards that are being filled."""

    id: str
    name: str = ""
    """What the data are to be called; empty where nobody has said it. Untrusted."""
    cards: tuple[Card, ...] = ()
    """In the order in which they were made, the deleted ones among them."""
    version: int = VERSION

    @property
    def shown(self) -> tuple[Card, ...]:
        """The cards that are not deleted."""
        return tuple(card for card in self.cards if not card.is_deleted)

    @property
    def deleted(self) -> tuple[Card, ...]:
        """The cards that are deleted and can be brought back."""
        return tuple(card for card in self.cards if card.is_deleted)

    def card(self, card_id: str) -> Card:
        """Return the card of this id.

        Raises:
            InputError: if there is none.
        """
        for card in self.cards:
            if card.id == card_id:
                return card
        raise InputError([Issue("card", _("There is no such card."), _("Reload the page."))])


def folder_of(collection_id: str) -> Path:
    """Return the folder of a collection, which need not exist.

    Raises:
        InputError: if this cannot be the id of a collection.
    """
    if not _ID.fullmatch(collection_id):
        raise _unknown()
    return files.uploads_dir() / collection_id


def picture_path(collection_id: str, card: Card, picture: Kept) -> Path:
    """Return where a picture lies."""
    return folder_of(collection_id) / card.id / picture.file


def open_new() -> Collection:
    """Make an empty collection.

    Raises:
        InputError: if the disk is full.
    """
    made = Collection(f"cards-{secrets.token_hex(8)}")
    _write(made)
    return made


def read(collection_id: str) -> Collection:
    """Return a collection as it stands.

    Raises:
        InputError: if there is none of this id, or its file is damaged.
    """
    folder = folder_of(collection_id)
    try:
        made = _decoded(files.read_json(folder / _FILE))
        is_sound = _is_sound(made, collection_id)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _unknown() from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise _damaged(folder) from error
    if is_sound:
        return made
    raise _damaged(folder)


def use(collection_id: str) -> Collection:
    """Return a collection, and keep it from being swept away with forgotten uploads for a week.

    Raises:
        InputError: if there is none of this id, or its file is damaged.
    """
    made = read(collection_id)
    with contextlib.suppress(FileNotFoundError):  # discarded just now
        os.utime(folder_of(collection_id))
    return made


def change(collection_id: str, how: Callable[[Collection], Collection]) -> Collection:
    """Replace a collection by what `how` makes of it, while nobody else changes it.

    Raises:
        InputError: if there is none of this id, its file is damaged, the disk is full, or `how`
            raises it; the collection then stays as it was.
    """
    folder = folder_of(collection_id)
    with _alone(folder):
        made = how(read(collection_id))
        _write(made)
        return made


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other threads and other processes from changing this collection."""
    with _one_at_a_time:
        if not folder.is_dir():
            raise _unknown()
        lock = FileLock(folder / _LOCK_FILE)
        lock.acquire(blocking=True)
        try:
            yield
        finally:
            lock.release()


def _write(made: Collection) -> None:
    with disk_full_told():
        files.write_json(folder_of(made.id) / _FILE, to_dict(made))


def replaced(made: Collection, card: Card) -> Collection:
    """Return a collection in which `card` takes the place of the card of its id."""
    cards = tuple(card if old.id == card.id else old for old in made.cards)
    return replace(made, cards=cards)


def keys(made: Collection, *, besides: str) -> set[str]:
    """Return the hashes of all pictures that are shown, but for those of one card."""
    return {p.key for card in made.shown if card.id != besides for p in card.pictures}


def list_ids() -> list[str]:
    """Return the ids of all collections, the one used last first."""
    found = []
    for file in files.uploads_dir().glob(f"cards-*/{_FILE}"):
        with contextlib.suppress(FileNotFoundError):  # brought in or swept away just now
            if _ID.fullmatch(file.parent.name):
                found.append((file.parent.stat().st_mtime, file.parent.name))
    return [name for _when, name in sorted(found, reverse=True)]


def id_of(source: str | Path) -> str:
    """Return the id of the collection that a path lies in; empty if it lies elsewhere."""
    path = Path(os.path.abspath(source))
    uploads = files.uploads_dir()
    if path == uploads or not path.is_relative_to(uploads):
        return ""
    name = path.relative_to(uploads).parts[0]
    return name if _ID.fullmatch(name) else ""


def exists(collection_id: str) -> bool:
    """Tell whether there is a collection of this id."""
    return bool(_ID.fullmatch(collection_id)) and (folder_of(collection_id) / _FILE).is_file()


def _decoded(values: dict[str, Any]) -> Collection:
    """Build a collection from JSON values; by hand, for there may be 50,000 pictures in it."""
    cards = [
        Card(**{**card, "pictures": tuple(Kept(**p) for p in card["pictures"])})
        for card in values["cards"]
    ]
    return Collection(**{**values, "cards": tuple(cards)})


def _is_sound(made: Collection, collection_id: str) -> bool:
    """Tell whether the parts of a collection are what they should be, and no path leads outside."""
    cards = made.cards
    return (
        made.id == collection_id
        and made.version == VERSION
        and isinstance(made.name, str)
        and len({card.id for card in cards}) == len(cards)
        and all(_is_sound_card(card) for card in cards)
    )


def _is_sound_card(card: Card) -> bool:
    return (
        bool(_CARD_ID.fullmatch(card.id))
        and isinstance(card.name, str)
        and isinstance(card.next_number, int)
        and isinstance(card.is_deleted, bool)
        and all(isinstance(n, int) for n in card.left_out.values())
        and all(_is_sound_picture(picture) for picture in card.pictures)
    )


def _is_sound_picture(picture: Kept) -> bool:
    texts = (picture.name, picture.key, picture.group)
    return (
        bool(_PICTURE_FILE.fullmatch(picture.file))
        and all(isinstance(text, str) for text in texts)
        and isinstance(picture.size_bytes, int)
    )


def _unknown() -> InputError:
    return InputError(
        [
            Issue(
                "cards",
                _("There are no cards under this address any more."),
                _("They were brought in already, or nobody touched them for a week. Begin new "
                  "ones on Start."),
            )
        ]
    )  # fmt: skip


def _damaged(folder: Path) -> InputError:
    return InputError(
        [
            Issue(
                "cards",
                _("What these cards hold cannot be read: their file {file} is damaged.").format(
                    file=_FILE
                ),
                _("Begin new cards on Start. The pictures are still there, in {folder}.").format(
                    folder=folder
                ),
            )
        ]
    )
