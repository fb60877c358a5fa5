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
from tl_core.data import store, suspicions, twins
from tl_core.data.dataset import Dataset
from tl_core.data.edits import Edit
from tl_core.data.suspicions import LeakScores, Suspect, Suspicions
from tl_core.data.twins import Twins
from tl_core.runs import store as runs
from tl_core.spec import Accuracy, RunSpec

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


def look_closer(dataset: Dataset, *wrong: Suspect, leak: LeakScores | None = None) -> None:
    """Leave what the closer look would have found."""
    folder = store.dataset_dir(dataset.id)
    twins.settled(dataset)
    found = Suspicions(len(dataset.examples), Accuracy(0.9, 0.8, 0.95, 100), wrong, leak)
    suspicions.write(folder, dataset.fingerprint, found)


def test_sound_data_are_called_sound(open_page: Open, shapes: Dataset) -> None:
    look_closer(shapes)
    app = open_page("data", data=shapes.id)
    words = said(app)
    assert "240 pictures in 4 classes; nothing found that speaks against them." in words
    for name in shapes.classes:
        assert f"**{name}**" in words
    assert app.get("bidi_component")
    app.button(key="data.on").click().run()
    assert "How far is your task" in said(app)


def test_a_closer_look_is_begun_once_and_does_not_hold_anybody_up(
    open_page: Open, shapes: Dataset
) -> None:
    for _visit in range(2):
        app = open_page("data", data=shapes.id)
        assert "labels that may be wrong" in said(app)
        assert not app.button(key="data.on").disabled
    (job,) = runs.list_runs()
    assert (job.spec.kind, job.spec.dataset, job.spec.revision) == ("audit", shapes.id, 0)


def test_a_closer_look_that_failed_says_why_and_is_not_begun_again(
    open_page: Open, shapes: Dataset, make_run: Callable[..., str]
) -> None:
    failed = {"code": "memory", "message": "No memory left.", "fix": "Close programs."}
    make_run(RunSpec(kind="audit", dataset=shapes.id), ("failed", failed))
    app = open_page("data", data=shapes.id)
    assert "No memory left. Close programs." in said(app)
    assert len(runs.list_runs()) == 1


def faulty(pictures: Draw) -> Dataset:
    """Return two classes with a copy under both labels and a damaged file."""
    folder = pictures("cat", "dog")
    shutil.copy(folder / "cat" / "0.png", folder / "dog" / "copy.png")
    (folder / "dog" / "broken.png").write_bytes(b"no picture")
    return data.import_data(folder)


def test_problems_are_listed_with_what_to_do(
    open_page: Open, pictures: Draw, thaw_home: Path
) -> None:
    dataset = faulty(pictures)
    look_closer(dataset)
    app = open_page("data", data=dataset.id)
    words = said(app)
    assert "of them serious" in words
    assert words.index("more than one label") < words.index("damaged")
    assert "Replace them by intact copies" in words
    assert any("broken.png" in code.value for code in app.code)
    assert app.button(key="data.on").label == "Go on anyhow"


def test_a_fix_is_made_listed_and_taken_back(
    open_page: Open, pictures: Draw, thaw_home: Path
) -> None:
    dataset = faulty(pictures)
    look_closer(dataset)
    app = open_page("data", data=dataset.id)
    assert "13 pictures in 2 classes" in said(app)
    app.button(key="data.fix.conflict.drop").click().run()
    words = said(app)
    assert "11 pictures in 2 classes" in words
    assert "more than one label" not in words
    assert "Left out: 2 pictures." in words
    app.button(key="data.undo.1").click().run()
    words = said(app)
    assert "13 pictures in 2 classes" in words
    assert "What was changed" not in words


def test_a_fix_that_leaves_too_little_is_refused_in_words(
    open_page: Open, pictures: Draw, thaw_home: Path
) -> None:
    folder = pictures("cat", "dog")
    for k in range(3):
        shutil.copy(folder / "cat" / f"{k}.png", folder / "dog" / f"copy{k}.png")
    dataset = data.import_data(folder)
    look_closer(dataset)
    app = open_page("data", data=dataset.id)
    app.button(key="data.fix.conflict.drop").click().run()
    words = said(app)
    assert "fewer than two classes" in words
    assert "15 pictures in 2 classes" in words


def test_doubted_labels_are_reviewed_one_by_one(open_page: Open, shapes: Dataset) -> None:
    wrong = [Suspect(row, "circle", "square", 0.01) for row in (0, 1, 2)]
    look_closer(shapes, *wrong)
    app = open_page("data", data=shapes.id)
    assert "3 examples look as if they belonged to another class" in said(app)
    assert app.button(key="data.relabel.0").label == "It is square"
    app.button(key="data.relabel.0").click().run()
    assert "Moved to the class square: 1 picture." in said(app)
    after = store.load(shapes.id)
    assert next(after.classes[e.label] for e in after.examples if e.row == 0) == "square"
    look_closer(after, *wrong[1:])
    app = open_page("data", data=shapes.id)
    app.button(key="data.right.1").click().run()
    assert "Looked at and kept as they are: 1 picture." in said(app)
    assert "1 example looks as if it belonged to another class" in said(app)
    app.button(key="data.drop.2").click().run()
    assert store.load(shapes.id).revision == 3
    assert "239 pictures" in said(app)


def test_a_leak_is_shown_in_pairs_with_what_it_is_worth(
    open_page: Open, pictures: Draw, tmp_path: Path, thaw_home: Path
) -> None:
    folder = pictures("cat", "dog").rename(tmp_path / "train")
    for name in ("cat", "dog"):
        (tmp_path / "set" / "val" / name).mkdir(parents=True)
        shutil.copy(folder / name / "1.png", tmp_path / "set" / "val" / name / "twin.png")
    folder.rename(tmp_path / "set" / "train")
    dataset = data.import_data(tmp_path / "set")
    scores = LeakScores(Accuracy(0.95, 0.9, 0.99, 20), Accuracy(0.8, 0.6, 0.9, 18))
    look_closer(dataset, leak=scores)
    app = open_page("data", data=dataset.id)
    words = said(app)
    assert "as copies or nearly so" in words
    assert "gets 95 % (90 to 99) of the held-out ones right" in words
    assert "without those that training holds too, 80 % (60 to 90)" in words
    app.button(key="data.fix.leak.drop_twins").click().run()
    assert "Left out: 2 pictures." in said(app)


def test_near_twins_kept_together_are_told_as_a_change(open_page: Open, shapes: Dataset) -> None:
    twins.write(store.dataset_dir(shapes.id), Twins(((0, 1),), (0.99,), 1))
    after = store.mend(shapes.id, Edit("regroup", groups=((0, 1),), by="thaw"))
    look_closer(after)
    words = said(open_page("data", data=shapes.id))
    assert "1 picture shows nearly the same as another" in words
    assert "Kept on one side of every split: 1 group" in words


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
    assert "1 text is empty" in words
    raw = "\n".join(m.value for m in app.markdown)
    assert "<img" not in raw.replace("\\<img", "")


def test_doubted_texts_are_shown_letter_by_letter(open_page: Open, tmp_path: Path) -> None:
    rows = [f"{label},:red[boo] <b>x</b> number {n} {label}" for label in "ab" for n in range(6)]
    (tmp_path / "films.csv").write_text("label,text\n" + "\n".join(rows) + "\n")
    dataset = data.import_data(tmp_path / "films.csv")
    look_closer(dataset, Suspect(0, "a", "b", 0.01))
    app = open_page("data", data=dataset.id)
    assert not app.exception
    assert ":red[boo] <b>x</b> number 0 a" in said(app)
    assert ":red[" not in "\n".join(m.value for m in app.markdown)
    app.button(key="data.relabel.0").click().run()
    assert "Moved to the class b" in said(app)
