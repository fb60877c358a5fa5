"""The ways to bring something to try a network on: files, the camera, the clipboard, typing."""

from __future__ import annotations

import io
from typing import BinaryIO

import streamlit as st

from pages.ui import camera, frame, pasting
from tl_core import wording
from tl_core.data import limits
from tl_core.data.asked import MOST_FILES
from tl_core.errors import InputError
from tl_core.i18n import _

FILES, FOLDER, CAMERA, PASTE = "files", "folder", "camera", "paste"
Given = list[tuple[str, BinaryIO]]
"""Names, which are untrusted, and contents."""


def something(key: str, modality: str, *, single: bool = False) -> Given:
    """Draw the ways for one kind of data; return what has just been brought, else nothing.

    Args:
        key: of the page and whatever is to be asked on it.
        modality: picture or text.
        single: one thing is asked about at a time, so that folders are not offered.
    """
    try:
        return _text(key, single=single) if modality == "text" else _picture(key, single=single)
    except InputError as error:
        frame.show_issues(error.issues)
        return []


def _picture(key: str, *, single: bool) -> Given:
    names = {
        FILES: _("Files"),
        FOLDER: _("A folder"),
        CAMERA: _("Camera"),
        PASTE: _("Paste"),
    }
    if single:
        del names[FOLDER]
    way = st.segmented_control(
        _("Bring pictures"),
        list(names),
        format_func=names.__getitem__,
        default=FILES,
        required=True,
        key=f"{key}.way",
    )
    if way == CAMERA:
        taken = camera.draw(key=f"{key}.camera", single=True)
        return [(_("camera.jpg"), io.BytesIO(taken[-1]))] if taken else []
    if way == PASTE:
        pasted = pasting.draw(key=f"{key}.paste")
        return [(_("pasted.jpg"), io.BytesIO(pasted[-1]))] if pasted else []
    if single:
        one = st.file_uploader(_("Drop a picture here"), key=f"{key}.{FILES}.{_turn(key)}")
        return [(one.name, one)] if one else []
    return _uploaded(key, is_folder=way == FOLDER)


def _uploaded(key: str, *, is_folder: bool) -> Given:
    # A new key after each upload frees the memory that the last one took.
    turn = f"{key}.{FOLDER if is_folder else FILES}.{_turn(key)}"
    label = (
        _("Drop a folder of pictures here, up to {n} of them")
        if is_folder
        else _("Drop one picture here, or several, or a zip, up to {n} of them")
    )
    given = st.file_uploader(
        label.format(n=wording.count(MOST_FILES)),
        accept_multiple_files="directory" if is_folder else True,
        key=turn,
    )
    return [(file.name, file) for file in given or ()]


def _text(key: str, *, single: bool) -> Given:
    words = st.text_area(
        _("Write or paste a text"), max_chars=limits.MAX_TEXT_CHARS, height=120, key=f"{key}.text"
    )
    label = _("Look inside") if single else _("Ask the model")
    if st.button(label, type="primary", key=f"{key}.ask") and words.strip():
        return [(_("text.txt"), io.BytesIO(words.encode("utf-8", "replace")))]
    if single:
        return []
    with st.expander(_("Bring files instead")):
        label = _("Drop .txt files here, or a zip of them, up to {n}")
        given = st.file_uploader(
            label.format(n=wording.count(MOST_FILES)),
            accept_multiple_files=True,
            key=f"{key}.{FILES}.{_turn(key)}",
        )
    return [(file.name, file) for file in given or ()]


def taken(key: str) -> None:
    """Let go of what was uploaded, now that it is answered."""
    st.session_state[f"{key}.turn"] = _turn(key) + 1


def _turn(key: str) -> int:
    return int(st.session_state.get(f"{key}.turn", 0))
