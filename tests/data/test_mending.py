"""The edit log in words: every kind of entry is told, with how many it concerned."""

from __future__ import annotations

import pytest

from tl_core.data.edits import ACTIONS, Edit
from tl_core.data.mending import told

SAID = {
    "drop": (Edit("drop", rows=(1, 2)), "Left out: 2 pictures."),
    "relabel": (
        Edit("relabel", rows=(1,), label="dog"),
        "Moved to the class dog: 1 picture.",
    ),
    "merge": (Edit("merge", label="Cat", into="cat"), "The class Cat became part of cat."),
    "regroup": (
        Edit("regroup", groups=((1, 2), (3, 4))),
        "Kept on one side of every split: 2 groups of examples that show nearly the same.",
    ),
    "resplit": (
        Edit("resplit"),
        "The training and validation parts that the data brought were forgotten.",
    ),
    "part": (Edit("part", rows=(1,), into="test"), "Kept for the test part only: 1 picture."),
    "keep": (Edit("keep", rows=(1,), check="flat"), "Looked at and kept as they are: 1 picture."),
    "undo": (Edit("undo", entry=3), "Change 3 was taken back."),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_entry_is_told(action: str) -> None:
    edit, words = SAID[action]
    assert told(edit, "picture") == words


def test_texts_are_told_as_texts() -> None:
    assert told(Edit("drop", rows=(1,)), "text") == "Left out: 1 text."
