"""Class cards: a data set of pictures that a person builds class by class, then brings in.

A collection is made here, its classes are named, deleted and brought back, and in the end it is
handed to the usual import as a table. Everything is kept until it has been imported.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tl_core import files, wording
from tl_core.data import collection, limits
from tl_core.data.collection import Card, Collection, keys, replaced
from tl_core.data.labels import spelling, tidy_text
from tl_core.data.staging import disk_full_told
from tl_core.data.uploads import discard_old_uploads
from tl_core.errors import InputError, Issue
from tl_core.i18n import _, ngettext

MAX_CARDS = 100
"""Classes of one collection; more than a page of cards can show. Folders have no such limit."""
MAX_NAME_CHARS = 80
_TABLE = "cards.csv"
ELSEWHERE = "elsewhere"
"""Why a picture is left out of a class: its bytes are in another one."""


def create(names: Sequence[str] = ()) -> str:
    """Make a collection with an empty card for each name, and return its id.

    Raises:
        InputError: if a name cannot be used, or the disk is full.
    """
    discard_old_uploads()
    made = collection.open_new()
    for name in names:
        add_class(made.id, name)
    return made.id


def call(collection_id: str, name: str) -> Collection:
    """Give the data set a name; without one it is called after its classes.

    Raises:
        InputError: if there is no such collection.
    """
    tidied = tidy_text(name, max_chars=MAX_NAME_CHARS)
    return collection.change(collection_id, lambda made: replace(made, name=tidied))


def title(made: Collection) -> str:
    """Return what the data set is called: its own name, or those of its classes. Untrusted."""
    names = ", ".join(card.name for card in made.shown)
    return made.name or tidy_text(names, max_chars=MAX_NAME_CHARS)


def free_name(made: Collection) -> str:
    """Return a name for a new class that no card has."""
    taken = {spelling(card.name) for card in made.cards}
    numbers = range(1, len(made.cards) + 2)
    names = (_("Class {n}").format(n=number) for number in numbers)
    return next(name for name in names if spelling(name) not in taken)


def add_class(collection_id: str, name: str) -> Card:
    """Add an empty card at the end.

    Raises:
        InputError: if the name is empty, too long or taken, or there are `MAX_CARDS` cards.
    """

    def add(made: Collection) -> Collection:
        if len(made.shown) >= MAX_CARDS:
            raise _refused(
                _("There are {n} classes already, as many as cards can hold.").format(n=MAX_CARDS),
                _("Put the pictures into one folder per class and bring that folder."),
            )
        number = 1 + max((int(card.id[1:]) for card in made.cards), default=0)
        card = Card(f"c{number}", _usable_name(made, name))
        return replace(made, cards=(*made.cards, card))

    return collection.change(collection_id, add).cards[-1]


def rename_class(collection_id: str, card_id: str, name: str) -> Card:
    """Give a class another name.

    Raises:
        InputError: if the name is empty, too long or taken; the class then keeps the one it has.
    """

    def rename(made: Collection) -> Collection:
        card = made.card(card_id)
        return replaced(made, replace(card, name=_usable_name(made, name, besides=card_id)))

    return collection.change(collection_id, rename).card(card_id)


def delete_class(collection_id: str, card_id: str) -> None:
    """Take a class away with its pictures; `restore_class` brings it back.

    Raises:
        InputError: if there is no such card.
    """

    def delete(made: Collection) -> Collection:
        return replaced(made, replace(made.card(card_id), is_deleted=True))

    collection.change(collection_id, delete)


def restore_class(collection_id: str, card_id: str) -> Card:
    """Bring a deleted class back; if its name was taken meanwhile, with a number behind it.

    Raises:
        InputError: if there is no such card.
    """

    def restore(made: Collection) -> Collection:
        card = made.card(card_id)
        taken = {spelling(c.name) for c in made.shown if c.id != card_id}
        tries = (f"{card.name} {n}" if n > 1 else card.name for n in range(1, MAX_CARDS + 2))
        name = next(name for name in tries if spelling(name) not in taken)
        elsewhere = keys(made, besides=card_id)
        kept = tuple(p for p in card.pictures if p.key not in elsewhere)
        lost = len(card.pictures) - len(kept)
        left_out = {ELSEWHERE: lost} if lost else {}
        back = replace(card, name=name, pictures=kept, left_out=left_out, is_deleted=False)
        return replaced(made, back)

    return collection.change(collection_id, restore).card(card_id)


def missing(made: Collection) -> list[str]:
    """Return what these cards lack before they can be brought in, a sentence each; untrusted."""
    lacking = [words for card in made.shown if (words := _lacking(card))]
    few = limits.MIN_CLASSES - len(made.shown)
    if few > 0:
        lacking.append(
            ngettext("{n} more class is needed.", "{n} more classes are needed.", few).format(n=few)
        )
    return lacking


def _lacking(card: Card) -> str:
    """Return what one card lacks; empty if it lacks nothing."""
    few = limits.MIN_PER_CLASS - len(card.pictures)
    if few > 0:
        return _("{name} needs {pictures} more.").format(
            name=card.name, pictures=wording.examples(few, "picture")
        )
    groups = {picture.group or picture.key for picture in card.pictures}
    if len(groups) < 2:
        return _(
            "{name} needs a second hold of the camera, or other pictures: those of one hold stay "
            "together, and some must be left to check with."
        ).format(name=card.name)
    return ""


def source(collection_id: str) -> Path:
    """Write the table `path,label,group` that an import reads, and return where it is.

    Discarding it as an upload takes the whole collection away.

    Raises:
        InputError: if something is missing; it lists everything.
    """
    made = collection.read(collection_id)
    if lacking := missing(made):
        fix = _("Add pictures, or delete the class.")
        raise InputError([Issue("cards", words, fix) for words in lacking])
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(("path", "label", "group"))
    for card in made.shown:
        table.writerows((f"{card.id}/{p.file}", card.name, p.group) for p in card.pictures)
    path = collection.folder_of(collection_id) / _TABLE
    with disk_full_told():
        files.write_atomically(path, text.getvalue())
    return path


def _usable_name(made: Collection, name: str, *, besides: str = "") -> str:
    """Return a name as it will be kept.

    Raises:
        InputError: if nothing of it can be seen, it is too long, or another class has it.
    """
    tidied = tidy_text(name, max_chars=limits.MAX_LABEL_CHARS + 1)
    if not any(unicodedata.category(c)[0] in "LNPS" for c in tidied):
        raise _refused(_("A class needs a name."), _("Type what these pictures show."))
    if len(tidied) > limits.MAX_LABEL_CHARS:
        raise _refused(
            _("This name is longer than {n} characters.").format(n=limits.MAX_LABEL_CHARS),
            _("Choose a shorter one."),
        )
    for card in made.shown:
        if card.id != besides and spelling(card.name) == spelling(tidied):
            raise _refused(
                _("There is a class {name} already.").format(name=card.name),
                _("Choose a name that differs in more than capitals and spaces, or put the "
                  "pictures into that class."),
            )  # fmt: skip
    return tidied


def _refused(message: str, fix: str) -> InputError:
    return InputError([Issue("", message, fix)])
