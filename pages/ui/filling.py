"""The three ways to fill a class card: files, a folder, and the camera."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, BinaryIO, Literal

import streamlit as st

from pages.ui import camera, frame
from tl_core import wording
from tl_core.data import card_pictures
from tl_core.data.collection import Card, Collection
from tl_core.errors import InputError
from tl_core.i18n import _

FILES, FOLDER, CAMERA = "files", "folder", "camera"


def key_of(what: str, collection_id: str, card_id: str = "") -> str:
    """Return the key of a widget, or of what is remembered, of one card."""
    return f"cards.{what}.{collection_id}.{card_id}"


def ways(made: Collection, card: Card) -> None:
    """Draw the way to fill the card that was chosen: files, a folder, or the camera."""
    names = {FILES: _("Files"), FOLDER: _("A folder"), CAMERA: _("Camera")}
    way = st.segmented_control(
        _("Add pictures"),
        list(names),
        format_func=names.__getitem__,
        default=FILES,
        required=True,
        key=key_of("way", made.id, card.id),
        on_change=_one_camera,
        args=(made, card),
    )
    if way == CAMERA:
        _camera(made, card)
    else:
        _uploader(made, card, way or FILES)


def _one_camera(made: Collection, chosen: Card) -> None:
    """Close the camera of every other card when one is opened."""
    if st.session_state[key_of("way", made.id, chosen.id)] != CAMERA:
        return
    for card in made.cards:
        way = key_of("way", made.id, card.id)
        if card.id != chosen.id and st.session_state.get(way) == CAMERA:
            st.session_state[way] = FILES


def _camera(made: Collection, card: Card) -> None:
    try:
        frames = camera.draw(key=key_of("camera", made.id, card.id))
    except InputError as error:
        frame.show_issues(error.issues)
        return
    if frames:
        name = _("camera {n}.jpg")
        named = ((name.format(n=n), io.BytesIO(jpeg)) for n, jpeg in enumerate(frames, 1))
        _add(made, card, named, group=card_pictures.new_group())
        st.rerun()


def _uploader(made: Collection, card: Card, way: str) -> None:
    """Draw the uploader; what it holds is stored at once."""
    # A new key after each upload frees the memory that the last one took.
    turn_key = key_of("turn", made.id, card.id)
    turn = st.session_state.get(turn_key, 0)
    key = f"{key_of(way, made.id, card.id)}.{turn}"
    # Neither types nor sizes are left to the browser: what it refuses is gone with the key, untold.
    is_folder = way == FOLDER
    label = (
        _("Drop a folder here: all pictures in it are of this class")
        if is_folder
        else _("Drop pictures of this class here")
    )
    several: Literal[True, "directory"] = "directory" if is_folder else True
    given = st.file_uploader(label, accept_multiple_files=several, key=key)
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
        st.session_state[key_of("told", made.id, card.id)] = error.issues
