"""Pictures of class cards: stored as they come, looked at once, and told when they are no use.

A card counts only what an import will take, and says of the other files why not.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tl_core import files, wording
from tl_core.data import collection, limits, pictures, uploads
from tl_core.data.cards import ELSEWHERE
from tl_core.data.checks import CHECKS
from tl_core.data.collection import Card, Collection, Kept, keys, replaced
from tl_core.data.labels import tidy_text
from tl_core.data.layout import is_hidden
from tl_core.data.staging import disk_full_told
from tl_core.errors import InputError, Issue
from tl_core.i18n import _, ngettext

HERE = "here"
"""Why a picture is left out of a class: its bytes are there already."""

Told = Callable[[int], None]
"""Told how many files have been looked at."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A usable picture that waits for its place in a card."""

    path: Path
    name: str
    suffix: str
    key: str
    size_bytes: int


def new_group() -> str:
    """Return a group for pictures that were taken in one go."""
    return f"hold-{int(time.time())}-{secrets.token_hex(4)}"


def add_pictures(
    collection_id: str,
    card_id: str,
    named: Iterable[tuple[str, BinaryIO]],
    *,
    group: str = "",
    progress: Told = lambda n: None,
) -> Card:
    """Put pictures into a card; files that cannot be used are left out and counted by reason.

    Args:
        named: for each file its name, which may hold folders, and its content; each is read once,
            in order, so they may be opened one by one.
        group: keeps these pictures together when the data are divided, as `new_group` gives it.
        progress: told how many files have been looked at.

    Returns:
        The card as it now is; its `left_out` is about these files.

    Raises:
        InputError: if the collection would hold more than `limits.MAX_UPLOAD_FILES` pictures or
            `limits.MAX_UPLOAD_BYTES`, or the disk is full; then none of these files is taken.
    """
    made = collection.read(collection_id)
    made.card(card_id)
    home = collection.folder_of(collection_id)
    left_out: Counter[str] = Counter()
    with disk_full_told(), tempfile.TemporaryDirectory(dir=home, prefix="arriving-") as folder:
        arrived = _look_at_all(named, Path(folder), _room(made), left_out, progress)

        def take(made: Collection) -> Collection:
            return replaced(made, _taken(made, card_id, arrived, group, left_out))

        return collection.change(collection_id, take).card(card_id)


def _look_at_all(
    named: Iterable[tuple[str, BinaryIO]],
    folder: Path,
    room: tuple[int, int],
    left_out: Counter[str],
    progress: Told,
) -> list[_Arrived]:
    """Store the files that are usable pictures in `folder`; count the others by reason."""
    files_left, bytes_left = room
    arrived: list[_Arrived] = []
    for number, (name, stream) in enumerate(named):
        if number >= files_left:
            raise _too_much()
        if _is_left_behind(name):
            continue  # what systems leave in folders is nobody's picture
        path = folder / str(number)
        size = uploads.store(stream, path, bytes_left, _too_much)
        found = _look_at(path, size, name)
        if isinstance(found, pictures.Refused):
            left_out[found.check] += 1
            path.unlink()
        else:
            key = files.sha256_of(path)
            arrived.append(_Arrived(path, tidy_text(name), found.suffix, key, size))
            bytes_left -= size
        progress(number + 1)
    return arrived


def _is_left_behind(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(is_hidden(part) for part in parts if part not in {".", ".."})


def _look_at(path: Path, size: int, name: str) -> pictures.Picture | pictures.Refused:
    if size > limits.MAX_PICTURE_BYTES:  # not to be read into memory either
        return pictures.Refused("too_large")
    return pictures.inspect(path.read_bytes(), name)


def _taken(
    made: Collection, card_id: str, arrived: Sequence[_Arrived], group: str, left_out: Counter[str]
) -> Card:
    """Move what arrived into the card's folder, and return the card with it."""
    card = made.card(card_id)
    own, others = {p.key for p in card.pictures}, keys(made, besides=card_id)
    new: list[Kept] = []
    fresh: list[_Arrived] = []
    for one in arrived:
        reason = HERE if one.key in own else ELSEWHERE if one.key in others else ""
        if reason:
            left_out[reason] += 1
            continue
        own.add(one.key)
        number = card.next_number + len(new)
        new.append(Kept(f"{number:06d}{one.suffix}", one.name, one.key, one.size_bytes, group))
        fresh.append(one)
    files_left, bytes_left = _room(made)  # another tab may have filled it since
    if len(new) > files_left or sum(p.size_bytes for p in new) > bytes_left:
        raise _too_much()
    folder = collection.folder_of(made.id) / card.id
    folder.mkdir(exist_ok=True)
    for one, kept in zip(fresh, new, strict=True):
        one.path.replace(folder / kept.file)
    return replace(
        card,
        pictures=(*card.pictures, *new),
        next_number=card.next_number + len(new),
        left_out=dict(left_out),
    )


def delete_picture(collection_id: str, card_id: str, file: str) -> Card:
    """Take one picture out of a card, for good; one that is not there is no problem.

    Raises:
        InputError: if there is no such card.
    """

    gone: list[Kept] = []

    def delete(made: Collection) -> Collection:
        card = made.card(card_id)
        kept = tuple(p for p in card.pictures if p.file != file)
        gone.extend(p for p in card.pictures if p.file == file)
        return replaced(made, replace(card, pictures=kept))

    card = collection.change(collection_id, delete).card(card_id)
    for picture in gone:
        collection.picture_path(collection_id, card, picture).unlink(missing_ok=True)
    return card


def left_out_told(card: Card) -> list[str]:
    """Return why files of the last upload were left out, a sentence each with what to do."""
    told = []
    for reason, n in card.left_out.items():
        if reason == HERE:
            words = ngettext(
                "{n} picture is in this class already, and was left out.",
                "{n} pictures are in this class already, and were left out.",
                n,
            )
            told.append(words.format(n=wording.count(n)))
        elif reason == ELSEWHERE:
            words = ngettext(
                "{n} picture is in another class already, and was left out.",
                "{n} pictures are in another class already, and were left out.",
                n,
            )
            fix = _("Delete it there first if it belongs here.")
            told.append(f"{words.format(n=wording.count(n))} {fix}")
        elif check := CHECKS.get(reason):
            fix = _(check.fix) if check.fix else ""
            told.append(f"{check.effect(n).format(n=wording.count(n))} {fix}".rstrip())
    return told


def _room(made: Collection) -> tuple[int, int]:
    """Return how many pictures and how many bytes a collection can still take."""
    kept = [picture for card in made.cards for picture in card.pictures]
    used = sum(picture.size_bytes for picture in kept)
    return limits.MAX_UPLOAD_FILES - len(kept), limits.MAX_UPLOAD_BYTES - used


def _too_much() -> InputError:
    return InputError(
        [
            Issue(
                "",
                _("Cards may hold {files} pictures and {size} GB in all, deleted ones included; "
                  "with these files they would hold more. None of the files was taken.").format(
                    files=wording.count(limits.MAX_UPLOAD_FILES), size=limits.MAX_UPLOAD_BYTES >> 30
                ),
                _("Put everything into one folder per class, and on Start name that folder on "
                  "this computer."),
            )
        ]
    )  # fmt: skip
