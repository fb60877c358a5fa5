"""What a record says of the data."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from tests.dossier.conftest import Ended
from tl_core import data
from tl_core.data.edits import Edit
from tl_core.data.store import mend
from tl_core.dossier import about_data
from tl_core.report.card import Facts, Picture, Pictures, Points, Table, Text


def test_counts_stand_by_class_and_part(ended: Callable[..., Ended]) -> None:
    made = ended()
    known, table = about_data.facts(made.run, made.dataset)
    assert isinstance(known, Facts)
    assert isinstance(table, Table)
    assert ("examples", "16 pictures") in known.rows
    assert [row[0] for row in table.rows] == ["dark", "light"]
    assert all(int(row[1]) + int(row[2]) == 8 for row in table.rows)


def test_many_classes_are_cut_short(ended: Callable[..., Ended]) -> None:
    made = ended()
    many = tuple(f"class {n}" for n in range(50))
    last = about_data.facts(made.run, replace(made.dataset, classes=many))[-1]
    assert last == Text("and 10 more classes")


def test_changes_are_told_in_order(ended: Callable[..., Ended]) -> None:
    made = ended()
    assert about_data.edits(made.dataset) == (Text("Nothing was changed since the import."),)
    mend(made.dataset.id, Edit("drop", rows=(0,)))
    mend(made.dataset.id, Edit("relabel", rows=(1, 2), label="light", by="thaw"))
    (told,) = about_data.edits(data.load(made.dataset.id))
    assert isinstance(told, Points)
    assert told.items == (
        "1. 1 example was left out (by a person)",
        "2. 2 examples were given the class light (by Thaw)",
    )


def test_an_example_of_each_class_is_drawn_anew(ended: Callable[..., Ended]) -> None:
    made = ended()
    (shown,) = about_data.examples(made.run, made.dataset)
    assert isinstance(shown, Pictures)
    assert [picture.caption for picture in shown.pictures] == ["dark", "light"]
    picture: Picture = shown.pictures[0]
    content = base64.b64decode(picture.url.partition(",")[2])
    assert Image.open(io.BytesIO(content)).format == "JPEG"


def test_texts_are_shown_as_texts(ended: Callable[..., Ended]) -> None:
    made = ended()
    texts = tuple(replace(e, text="x" * 999) for e in made.dataset.examples)
    (table,) = about_data.examples(made.run, replace(made.dataset, modality="text", examples=texts))
    assert isinstance(table, Table)
    assert {len(row[1]) for row in table.rows} == {about_data.TEXT_CHARS}


def test_findings_come_with_their_fix(ended: Callable[..., Ended]) -> None:
    (told,) = about_data.checks(ended().dataset)
    assert isinstance(told, (Points, Text))
