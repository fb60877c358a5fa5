"""The parts of a class card: its name, pictures and count, and the three ways to fill it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from typing import Any, BinaryIO

import streamlit as st

from pages.ui import camera, frame, pictures, text, travel
from tl_core import wording
from tl_core.data import card_pictures, cards, collection, limits
from tl_core.data.collection import Card, Collection
from tl_core.errors import InputError
from tl_core.i18n import _, ngettext

FILES, FOLDER, CAMERA = "files", "folder", "camera"
SHOWN = 8
PER_PAGE = 12
CARD_PX = 400
"""Narrowest; below twice that the cards stand in one column."""
_TYPES = ("jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff")


def begin() -> str:
    """Make a collection with as many empty cards as data need classes, and return its id."""
    made = cards.create()
    for _n in range(limits.MIN_CLASSES):
        cards.add_class(made, cards.free_name(collection.read(made)))
    return made


def limits_told() -> str:
    """Return how much cards may hold."""
    return _("Up to {files} pictures and {size} GB in all. Nothing leaves this computer.").format(
        files=wording.count(limits.MAX_UPLOAD_FILES), size=limits.MAX_UPLOAD_BYTES >> 30
    )


def _key(what: str, collection_id: str, card_id: str = "") -> str:
    return f"cards.{what}.{collection_id}.{card_id}"


def draw(made: Collection, card: Card) -> None:
    """Draw one card."""
    _name(made, card)
    n = len(card.pictures)
    few = limits.MIN_PER_CLASS - n
    words = f"**{wording.examples(n, 'picture')}**"
    if few > 0:
        words += " :small[" + _("at least {n} are needed").format(n=limits.MIN_PER_CLASS) + "]"
    st.markdown(words)
    with st.container():  # whatever it holds, what follows stays in its place: a camera goes on
        _thumbnails(made, card)
    with st.container():
        for told in card_pictures.left_out_told(card):
            st.caption(":material/info: " + text.escape(told))
        frame.show_issues(st.session_state.pop(_key("told", made.id, card.id), ()))
    _ways(made, card)
    with st.container(horizontal=True):
        if card.pictures:
            _pictures_to_delete(made, card)
        if st.button(
            _("Delete class"),
            icon=":material/delete:",
            type="tertiary",
            key=_key("delete", made.id, card.id),
        ):
            cards.delete_class(made.id, card.id)
            st.rerun()


def _name(made: Collection, card: Card) -> None:
    """Draw the name, to be changed where it stands."""
    key, seen, bad = (_key(what, made.id, card.id) for what in ("name", "seen", "bad"))
    if key not in st.session_state or st.session_state.get(seen) != card.name:
        st.session_state[key] = st.session_state[seen] = (
            card.name
        )  # also after another tab's change
        st.session_state.pop(bad, None)
    st.text_input(_("Class"), key=key, on_change=_rename, args=(made.id, card.id))
    frame.show_issues(st.session_state.get(bad, ()))


def _rename(collection_id: str, card_id: str) -> None:
    """Take the name that was typed; one that cannot be used stays in its field, with the reason."""
    bad = _key("bad", collection_id, card_id)
    st.session_state.pop(bad, None)
    try:
        name = st.session_state[_key("name", collection_id, card_id)]
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
    st.image(jpegs, width=pictures.EDGE_PX, alt=[_alt(card)] * len(jpegs))
    more = len(card.pictures) - SHOWN
    if more > 0:
        st.caption(_("and {n} more").format(n=wording.count(more)))


def _alt(card: Card) -> str:
    return _("A picture of the class {name}").format(name=card.name)


def _ways(made: Collection, card: Card) -> None:
    """Draw the way to fill the card that was chosen: files, a folder, or the camera."""
    names = {FILES: _("Files"), FOLDER: _("A folder"), CAMERA: _("Camera")}
    way = st.segmented_control(
        _("Add pictures"),
        list(names),
        format_func=names.__getitem__,
        default=FILES,
        required=True,
        key=_key("way", made.id, card.id),
        on_change=_one_camera,
        args=(made, card),
    )
    if way == CAMERA:
        _camera(made, card)
    else:
        _uploader(made, card, way or FILES)


def _one_camera(made: Collection, chosen: Card) -> None:
    """Close the camera of every other card when one is opened."""
    if st.session_state[_key("way", made.id, chosen.id)] != CAMERA:
        return
    for card in made.cards:
        way = _key("way", made.id, card.id)
        if card.id != chosen.id and st.session_state.get(way) == CAMERA:
            st.session_state[way] = FILES


def _camera(made: Collection, card: Card) -> None:
    try:
        frames = camera.draw(key=_key("camera", made.id, card.id))
    except InputError as error:
        frame.show_issues(error.issues)
        return
    if frames:
        name = _("camera {n}.jpg")
        named = ((name.format(n=n), io.BytesIO(jpeg)) for n, jpeg in enumerate(frames, 1))
        _add(made, card, named, group=collection.new_group())
        st.rerun()


def _uploader(made: Collection, card: Card, way: str) -> None:
    """Draw the uploader; what it holds is stored at once."""
    # A new key after each upload frees the memory that the last one took.
    turn_key = _key("turn", made.id, card.id)
    turn = st.session_state.get(turn_key, 0)
    key = f"{_key(way, made.id, card.id)}.{turn}"
    given: list[Any]
    if way == FOLDER:
        label = _("A folder: all pictures in it are of this class")
        given = st.file_uploader(label, accept_multiple_files="directory", key=key)
    else:
        label = _("Pictures of this class")
        given = st.file_uploader(label, _TYPES, accept_multiple_files=True, key=key)
    if given:
        bar = st.progress(0.0, _("Looking at the pictures"))

        def told(n: int) -> None:
            words = _("Looking at the pictures: {done} of {total}")
            shown = words.format(done=wording.count(n), total=wording.count(len(given)))
            bar.progress(min(n / len(given), 1.0), shown)

        _add(made, card, ((file.name, file) for file in given), progress=told)
        st.session_state[turn_key] = turn + 1
        st.rerun()


def _add(
    made: Collection, card: Card, named: Iterable[tuple[str, BinaryIO]], **options: Any
) -> None:
    """Put pictures into a card; what is wrong with all of them is said on it."""
    try:
        card_pictures.add_pictures(made.id, card.id, named, **options)
    except InputError as error:
        st.session_state[_key("told", made.id, card.id)] = error.issues


def _pictures_to_delete(made: Collection, card: Card) -> None:
    """Draw a button that opens all pictures of the card, each with a button to delete it."""
    opened = st.popover(
        _("All pictures"), type="tertiary", on_change="rerun", key=_key("all", made.id, card.id)
    )
    if not opened.open:
        return
    with opened:
        pages = -(-len(card.pictures) // PER_PAGE)
        page = (
            st.pagination(pages, key=f"{_key('page', made.id, card.id)}.{pages}")
            if pages > 1
            else 1
        )
        with st.grid(min_column_width=90):
            for picture in card.pictures[::-1][(page - 1) * PER_PAGE : page * PER_PAGE]:
                with st.container():
                    _to_delete(made, card, picture)


def _to_delete(made: Collection, card: Card, picture: collection.Kept) -> None:
    for jpeg in _small(made, card, (picture,)):
        st.image(jpeg, width=pictures.EDGE_PX, alt=_alt(card))
    if st.button(
        _("Delete"), type="tertiary", help=text.escape(picture.name),
        key=f"{_key('picture', made.id, card.id)}.{picture.file}",
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
            if st.button(_("Undo"), icon=":material/undo:", key=_key("restore", made.id, card.id)):
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
    key, seen = _key("called", made.id), _key("seen", made.id)
    if key not in st.session_state or st.session_state.get(seen) != made.name:
        st.session_state[key] = st.session_state[seen] = made.name
    label = _("Name of the data set")
    st.text_input(label, placeholder=cards.title(made), key=key, on_change=_call, args=(made.id,))


def _call(collection_id: str) -> None:
    with contextlib.suppress(InputError):  # the page itself says that the cards are gone
        cards.call(collection_id, st.session_state[_key("called", collection_id)])


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
                label = _("{name}: {counted}").format(
                    name=text.escape(cards.title(made)), counted=counted(made)
                )
                travel.link("cards", label, {"cards": made.id})
