"""Data: enough, and sound?"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.pages.conftest import Open
from tests.pages.handmade import said
from tl_core import data
from tl_core.data.dataset import Dataset

Draw = Callable[..., Path]


@pytest.fixture
def pictures(tmp_path: Path) -> Draw:
    """Draw small plain pictures, six per class, each of another colour."""

    def draw(*classes: str) -> Path:
        folder = tmp_path / "pictures"
        for i, name in enumerate(classes):
            (folder / name).mkdir(parents=True)
            for k in range(6):
                colour = (40 * i, 40 * k, 90)
                Image.new("RGB", (40, 40), colour).save(folder / name / f"{k}.png")
        return folder

    return draw


def test_without_data_it_says_what_will_be_here(open_page: Open) -> None:
    words = said(open_page("data"))
    assert "Bring your data first" in words
    assert "Here you will see your data by class" in words


def test_sound_data_are_called_sound(open_page: Open, shapes: Dataset) -> None:
    app = open_page("data", data=shapes.id)
    words = said(app)
    assert "240 pictures in 4 classes; nothing found that speaks against them." in words
    for name in shapes.classes:
        assert f"**{name}**" in words
    assert app.get("bidi_component")
    app.button(key="data.on").click().run()
    assert "How far is your task" in said(app)


def test_problems_are_listed_with_what_to_do(
    open_page: Open, pictures: Draw, thaw_home: Path
) -> None:
    folder = pictures("cat", "dog")
    shutil.copy(folder / "cat" / "0.png", folder / "dog" / "copy.png")
    (folder / "dog" / "broken.png").write_bytes(b"no picture")
    dataset = data.import_data(folder)
    app = open_page("data", data=dataset.id)
    words = said(app)
    assert "of them serious" in words
    found = app.table[0].value
    assert "serious" in found.iloc[0, 0]
    assert found.iloc[:, 2].str.len().gt(0).all()
    assert any("broken.png" in code.value for code in app.code)
    assert app.button(key="data.on").label == "Go on anyhow"


def test_hostile_class_names_are_shown_letter_by_letter(
    open_page: Open, pictures: Draw, thaw_home: Path
) -> None:
    hostile = "![x](app/static/x.png) :red[boo] $x$"
    dataset = data.import_data(pictures("plain", hostile.replace("/", "")))
    app = open_page("data", data=dataset.id)
    raw = "\n".join(m.value for m in app.markdown)
    assert "![x](" not in raw
    assert ":red[" not in raw
    assert hostile.replace("/", "") in said(app)


def test_an_unknown_dataset_is_told_with_a_way_out(open_page: Open) -> None:
    app = open_page("data", data="no-such-data")
    assert "There is no dataset" in said(app)
    assert "Go to Start" in said(app)


def test_texts_are_shown_as_texts(open_page: Open, tmp_path: Path) -> None:
    hostile = ":red[boo] <img src=x> ![y](http://evil.example)"
    rows = [f"{label},{hostile} number {n} {label}" for label in ("good", "bad") for n in range(6)]
    (tmp_path / "films.csv").write_text("label,text\n" + "\n".join(rows) + "\n,\ngood,\n")
    dataset = data.import_data(tmp_path / "films.csv")
    app = open_page("data", data=dataset.id)
    words = said(app)
    assert not app.exception
    assert "12 texts in 2 classes; 1 problem worth fixing" in words
    assert f"{hostile} number 0 good" in words
    assert "The texts are 7 to 7 words long" in words
    assert "1 text is empty" in "".join(table.value.to_string() for table in app.table)
    raw = "\n".join(m.value for m in app.markdown)
    assert "<img" not in raw.replace("\\<img", "")
