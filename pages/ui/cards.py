"""The parts of the page of class cards: a card, what was deleted, what is not finished yet."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import streamlit as st

from pages.ui import filling, frame, pictures, text, travel
from tl_core import wording
from tl_core.data import card_pictures, cards, collection, limits
from tl_core.data.collection import Card, Collection
from tl_core.errors import InputError
from tl_core.i18n import _, ngettext

SHOWN = 8
PER_PAGE = 12
CARD_PX = 400
"""Narrowest; below twice that the cards stand in one column."""


def begin() -> str:
    """Make a collection with as many empty cards as data need classes, and return its id."""
    made = cards.create()
    for _n in range(limits.MIN_CLASSES):
        cards.add_class(made, cards.free_name(collection.read(made)))
    return made


def limits_told() -> str:
    """Return how much cards may hold."""
    return _(
        "Up to {files} pictures of {each} MB each, and {size} GB in all; they stay on this "
        "computer."
    ).format(
        files=wording.count(limits.MAX_UPLOAD_FILES),
        each=limits.MAX_PICTURE_BYTES >> 20,
        size=limits.MAX_UPLOAD_BYTES >> 30,
    )


def draw(made: Collection, card: Card) -> None:
    """Draw one card."""
    _name(made, card)
    n = len(card.pictures)
    few = limits.MIN_PER_CLASS - n
    words = f"**{wording.examples(n, 'picture')}**"
    if few > 0:
        needed = _("of at least {n} that are needed").format(n=limits.MIN_PER_CLASS)
        words += f" :small[{needed}]"
    st.markdown(words)
    with st.container():  # whatever it holds, what follows stays in its place: a camera goes on
        _thumbnails(made, card)
    with st.container():
        for told in card_pictures.left_out_told(card):
            st.caption(":material/info: " + text.escape(told))
        frame.show_issues(st.session_state.pop(filling.key_of("told", made.id, card.id), ()))
    filling.ways(made, card)
    with st.container(horizontal=True):
        if card.pictures:
            _pictures_to_delete(made, card)
        if st.button(
            _("Delete class"),
            icon=":material/delete:",
            type="tertiary",
            key=filling.key_of("delete", made.id, card.id),
        ):
            cards.delete_class(made.id, card.id)
            st.rerun()


def _name(made: Collection, card: Card) -> None:
    """Draw the name, to be changed where it stands."""
    key, seen, bad = (filling.key_of(what, made.id, card.id) for what in ("name", "seen", "bad"))
    if key not in st.session_state or st.session_state.get(seen) != card.name:
        st.session_state[key] = st.session_state[seen] = (
            card.name
        )  # also after another tab's change
        st.session_state.pop(bad, None)
    st.text_input(_("Class"), key=key, on_change=_rename, args=(made.id, card.id))
    frame.show_issues(st.session_state.get(bad, ()))


def _rename(collection_id: str, card_id: str) -> None:
    """Take the name that was typed; one that cannot be used stays in its field, with the reason."""
    bad = filling.key_of("bad", collection_id, card_id)
    st.session_state.pop(bad, None)
    try:
        name = st.session_state[filling.key_of("name", collection_id, card_id)]
        cards.rename_class(collection_id, card_id, name)
    except InputError as error:
        st.session_state[bad] = error.issues


@st.cache_data(max_entries=2000, max_size="64MB", show_spinner=False)
def _thumbnail(path: str, key: str) -> bytes | None:
    """Return a small JPEG of a picture, or None if its file is gone."""
    try:
        return pictures.thumbnail(path)
    except OSError:
        return None


def _small(made: Collection, card: Card, shown: Iterable[collection.Kept]) -> list[bytes]:
    paths = ((str(collection.picture_path(made.id, card, p)), p.key) for p in shown)
    return [jpeg for path, key in paths if (jpeg := _thumbnail(path, key))]


def _thumbnails(made: Collection, card: Card) -> None:
    """Draw the pictures that came last."""
    if not card.pictures:
        return
    jpegs = _small(made, card, card.pictures[: -SHOWN - 1 : -1])
    with st.container(horizontal=True, gap="xsmall"):
        for jpeg in jpegs:
            st.image(jpeg, width=pictures.EDGE_PX, alt=_alt(card))
    more = len(card.pictures) - SHOWN
    if more > 0:
        st.caption(_("and {n} more").format(n=wording.count(more)))


def _alt(card: Card) -> str:
    return _("A picture of the class {name}").format(name=card.name)


def _pictures_to_delete(made: Collection, card: Card) -> None:
    """Draw a button that opens all pictures of the card, each with a button to delete it."""
    opened = st.popover(
        _("All pictures"),
        icon=":material/photo_library:",
        type="tertiary",
        on_change="rerun",
        key=filling.key_of("all", made.id, card.id),
    )
    if not opened.open:
        return
    with opened:
        pages = -(-len(card.pictures) // PER_PAGE)
        page = (
            st.pagination(pages, key=f"{filling.key_of('page', made.id, card.id)}.{pages}")
            if pages > 1
            else 1
        )
        with st.grid(3, min_column_width=pictures.EDGE_PX):
            for picture in card.pictures[::-1][(page - 1) * PER_PAGE : page * PER_PAGE]:
                with st.container(gap="xxsmall"):
                    _to_delete(made, card, picture)


def _to_delete(made: Collection, card: Card, picture: collection.Kept) -> None:
    for jpeg in _small(made, card, (picture,)):
        st.image(jpeg, width=pictures.EDGE_PX, alt=_alt(card))
    if st.button(
        _("Delete"), type="tertiary", help=text.escape(picture.name),
        key=f"{filling.key_of('picture', made.id, card.id)}.{picture.file}",
    ):  # fmt: skip
        card_pictures.delete_picture(made.id, card.id, picture.file)
        st.rerun()


def deleted(made: Collection) -> None:
    """Offer to bring back what was deleted."""
    for card in made.deleted[::-1]:
        words = _("The class {name} with {pictures} was deleted.").format(
            name=card.name, pictures=wording.examples(len(card.pictures), "picture")
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(text.escape(words), width="content")
            if st.button(
                _("Undo"), icon=":material/undo:", key=filling.key_of("restore", made.id, card.id)
            ):
                cards.restore_class(made.id, card.id)
                st.rerun()


def counted(made: Collection) -> str:
    """Return how many pictures there are in how many classes."""
    n = sum(len(card.pictures) for card in made.shown)
    return ngettext("{pictures} in {n} class", "{pictures} in {n} classes", len(made.shown)).format(
        pictures=wording.examples(n, "picture"), n=wording.count(len(made.shown))
    )


def called(made: Collection) -> None:
    """Draw the name of the data set, which may stay empty."""
    key, seen = filling.key_of("called", made.id), filling.key_of("seen", made.id)
    if key not in st.session_state or st.session_state.get(seen) != made.name:
        st.session_state[key] = st.session_state[seen] = made.name
    label = _("Name of the data set")
    st.text_input(label, placeholder=cards.title(made), key=key, on_change=_call, args=(made.id,))


def _call(collection_id: str) -> None:
    with contextlib.suppress(InputError):  # the page itself says that the cards are gone
        cards.call(collection_id, st.session_state[filling.key_of("called", collection_id)])


def add(made: Collection) -> None:
    """Draw the button for one more class."""
    is_full = len(made.shown) >= cards.MAX_CARDS
    full = _("There are {n} classes already, as many as cards can hold.")
    if st.button(
        _("Add a class"),
        icon=":material/add:",
        disabled=is_full,
        help=full.format(n=cards.MAX_CARDS) if is_full else None,
        key="cards.add",
    ):
        cards.add_class(made.id, cards.free_name(made))
        st.rerun()


def unfinished() -> None:
    """List cards that were filled and not brought in yet, each as a link."""
    for collection_id in collection.list_ids()[:SHOWN]:
        with contextlib.suppress(InputError):  # a damaged one is no way to go on
            made = collection.read(collection_id)
            if any(card.pictures for card in made.shown):
                label = _("Go on with {counted}: {name}").format(
                    name=text.escape(cards.title(made)), counted=counted(made)
                )  # the beginning is seen where there is no room for all
                travel.link("cards", label, {"cards": made.id})
