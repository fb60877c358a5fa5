"""Start: bring data in, and see how far that is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import epoch, said
from tl_core import data
from tl_core.data.dataset import Dataset
from tl_core.runs import store
from tl_core.spec import RunSpec


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"not a picture")
    return buffer.getvalue()


def test_an_empty_start_offers_both_doors(open_page: Open) -> None:
    app = open_page("start")
    words = said(app)
    assert "What do you want to teach?" in words
    for sample in data.all_samples():
        assert sample.title in words
    assert app.button(key="start.bring").disabled
    assert "Nothing leaves this computer" in words
    assert "Recent runs" not in words


def test_a_sample_starts_an_import_and_shows_it(open_page: Open) -> None:
    app = open_page("start")
    app.button(key="start.sample.shapes").click().run()
    (run,) = store.list_runs()
    assert run.spec == RunSpec(kind="import", source="sample:shapes")
    assert app.query_params["run"] == run.id
    assert "Your data are being read" in said(app)


def test_two_clicks_on_a_sample_start_one_import(open_page: Open) -> None:
    for _click in range(2):
        open_page("start").button(key="start.sample.shapes").click().run()
    assert len(store.list_runs()) == 1


def test_an_upload_is_stored_once_and_imported(open_page: Open, thaw_home: Path) -> None:
    app = open_page("start")
    app.file_uploader[0].upload("birds.zip", zipped("a/1.png", "b/1.png")).run()
    app.button(key="start.bring").click().run()
    (run,) = store.list_runs()
    source = Path(run.spec.source)
    assert source.name == "birds.zip"
    assert source.is_relative_to(thaw_home / "uploads")
    assert zipfile.is_zipfile(source)


def choice(app: AppTest, label: str) -> Any:
    """Return the choice of a column by the beginning of its label."""
    (found,) = [box for box in app.main.selectbox if box.label.startswith(f"Column with {label}")]
    return found


def test_the_columns_of_a_table_are_shown_guessed_and_asked_for(open_page: Open) -> None:
    content = b"nr,mood,said\n1,glad,what a fine day\n2,sad,it rains and rains\n"
    app = open_page("start")
    app.file_uploader[0].upload("days.csv", content).run()
    assert "How the table begins" in said(app)
    assert [box.value for box in app.main.selectbox] == ["said", "mood", "-", "-"]
    choice(app, "the text").set_value("mood").run()
    assert app.button(key="start.bring").disabled
    choice(app, "the text").set_value("said").run()
    choice(app, "what belongs").set_value("nr").run()
    app.button(key="start.bring").click().run()
    (run,) = store.list_runs()
    assert (run.spec.text_column, run.spec.label_column) == ("said", "mood")
    assert (run.spec.path_column, run.spec.split_column, run.spec.group_column) == ("", "-", "nr")


PICTURES = "nr,img_name,category,fold\n1,a/1.png,cat,train\n2,a/2.png,dog,val\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of pictures that lies on this computer, beside one of the two that it names."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(b"")
    (tmp_path / "table.csv").write_text(PICTURES)
    return tmp_path / "table.csv"


def open_table(open_page: Open, path: Path) -> AppTest:
    app = open_page("start")
    app.pills(key="start.way").set_value("path").run()
    return app.text_input(key="start.path").set_value(str(path)).run()


def test_the_columns_of_a_table_of_pictures_are_guessed_by_what_they_hold(
    open_page: Open, table: Path
) -> None:
    app = open_table(open_page, table)
    assert [box.value for box in app.main.selectbox] == ["img_name", "category", "fold", "-"]
    assert "Of the first 2 files that the column 'img\\_name' names, 1 lie" in app.warning[0].value
    app.button(key="start.bring").click().run()
    (run,) = store.list_runs()
    spec = run.spec
    assert (spec.path_column, spec.label_column, spec.text_column) == ("img_name", "category", "")
    assert (spec.split_column, spec.group_column) == ("fold", "-")


def test_a_table_taken_for_pictures_can_be_read_as_texts(open_page: Open, table: Path) -> None:
    app = open_table(open_page, table)
    kind = next(c for c in app.segmented_control if c.label == "What does each row hold?")
    kind.set_value("texts").run()
    assert not app.warning
    choice(app, "the text").set_value("nr").run()
    app.button(key="start.bring").click().run()
    (run,) = store.list_runs()
    assert (run.spec.text_column, run.spec.path_column) == ("nr", "")


def test_a_table_uploaded_without_its_pictures_is_told_before_the_import(
    open_page: Open,
) -> None:
    app = open_page("start")
    app.file_uploader[0].upload("table.csv", PICTURES.encode()).run()
    assert "only the table was uploaded" in app.warning[0].value
    assert app.button(key="start.bring").disabled
    assert app.button(key="start.bring").help == "The pictures are missing."


@pytest.mark.parametrize(
    "content",
    [
        b'{"said\\ud800": "\\ud800 \\u202e", "mood": "a"}\n{"said\\ud800": "x", "mood": "b"}\n',
        "words,![x](http:evil.example)\n\u202ehello \x1b[2J,a\nx,b\n".encode(),
        b"a,a,a\n1,2,3\n",
        b"-,none\n1,2\n",
    ],
)
def test_hostile_tables_are_shown_without_harm(open_page: Open, content: bytes) -> None:
    app = open_page("start")
    name = "days.jsonl" if content.startswith(b"{") else "days.csv"
    app.file_uploader[0].upload(name, content).run()
    assert not app.error
    app.button(key="start.bring").click().run()
    assert len(store.list_runs()) == 1


@pytest.mark.parametrize(
    "path", ["x" * 5000 + ".csv", "a\x01b.csv", "~who is this/x.csv", "/dev/zero"]
)
def test_strange_paths_are_left_to_the_import(open_page: Open, path: str) -> None:
    app = open_page("start")
    app.pills(key="start.way").set_value("path").run()
    app.text_input(key="start.path").set_value(path).run()
    app.button(key="start.bring").click().run()
    (run,) = store.list_runs()
    assert run.spec.source.endswith(path.removeprefix("~"))
    assert not app.error


def test_a_table_that_cannot_be_read_is_left_to_the_import(open_page: Open) -> None:
    app = open_page("start")
    app.file_uploader[0].upload("days.csv", b"\x7fELF\0\0").run()
    assert not app.main.selectbox
    app.button(key="start.bring").click().run()
    (run,) = store.list_runs()
    assert run.spec.text_column == ""


def test_a_path_on_this_computer_is_imported_where_it_lies(open_page: Open, tmp_path: Path) -> None:
    app = open_page("start")
    app.pills(key="start.way").set_value("path").run()
    app.text_input(key="start.path").set_value(str(tmp_path)).run()
    app.button(key="start.bring").click().run()
    (run,) = store.list_runs()
    assert run.spec.source == str(tmp_path)


def test_a_running_import_shows_how_far_it_is(open_page: Open, make_run: Make) -> None:
    step = {"what": "pictures read", "done": 30, "total": 120}
    run = make_run(
        RunSpec(kind="import", source="/pictures"),
        ("phase", {"phase": "import", "what": "Reading your pictures"}),
        ("step", step),
        alive=True,
    )
    app = open_page("start", run=run)
    assert app.progress[0].value == 25
    assert "Reading your pictures: 30 of 120 pictures read" in said(app)


def test_a_finished_import_leads_to_base(open_page: Open, make_run: Make, shapes: Dataset) -> None:
    run = make_run(
        RunSpec(kind="import", source="/pictures"),
        ("finished", {"stop_reason": "done", "dataset": shapes.id}),
    )
    app = open_page("start", run=run)
    assert app.query_params["data"] == shapes.id
    assert "run" not in app.query_params
    assert "Which model already knows something close?" in said(app)


@pytest.mark.parametrize("hostile", ["![x](http://evil.example/x.png)", ":red[boo] `a` <b>"])
def test_a_failed_import_says_every_problem_letter_by_letter(
    open_page: Open, make_run: Make, hostile: str
) -> None:
    issues = [
        {"field": hostile, "message": "Only one class is left.", "fix": "Add a second folder."},
        {"field": "x", "message": "A second problem.", "fix": ""},
    ]
    failed = {"code": "bad_data", "message": "m", "fix": "f", "issues": issues}
    run = make_run(RunSpec(kind="import", source="/pictures"), ("failed", failed))
    app = open_page("start", run=run)
    words = said(app)
    assert f"**{hostile}**: Only one class is left. Add a second folder." in words
    assert "A second problem." in words
    assert "Choose other data" in words
    assert hostile not in app.error[0].value
    assert "cannot be used as they are" in words
    assert "Measure again" not in words


def test_an_interrupted_import_can_be_resumed(open_page: Open, make_run: Make) -> None:
    run = make_run(RunSpec(kind="import", source="/pictures"))
    app = open_page("start", run=run)
    app.button(key="start.resume").click().run()
    assert store.read_run(run).status == "queued"


def test_what_was_begun_before_is_one_click_away(
    open_page: Open, make_run: Make, shapes: Dataset
) -> None:
    run = make_run(
        RunSpec(kind="train", dataset=shapes.id, strategy="linear_probe"), ("epoch", epoch(0))
    )
    app = open_page("start")
    links = [link.proto for link in app.page_link]
    assert any(f"data={shapes.id}" in link.query_string for link in links)
    assert any(f"run={run}" in link.query_string for link in links)


def test_an_unknown_run_in_the_address_is_told_with_a_way_out(open_page: Open) -> None:
    app = open_page("start", run="../../etc/passwd")
    words = said(app)
    assert "There is no run" in words
    assert "Go to Start" in words


def test_a_recorded_run_can_be_watched_without_training(open_page: Open) -> None:
    app = open_page("start")
    app.button(key="start.recorded").click().run()
    (run,) = store.list_runs()
    assert run.status == "finished"
    assert app.query_params["run"] == run.id
    assert "How did it go?" in said(app)
