"""Cards: classes named and filled in the browser, and brought in when nothing is missing."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.ui import camera
from tests.pages.conftest import Make, Open
from tests.pages.handmade import said
from tl_core.data import cards, collection, limits
from tl_core.data.card_pictures import add_pictures
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError
from tl_core.runs import store
from tl_core.spec import RunSpec


def png(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), (number % 256, number // 256, 9)).save(buffer, "PNG")
    return buffer.getvalue()


def fill(made: str, card: str, numbers: range) -> None:
    named = [(f"{n}.png", io.BytesIO(png(n))) for n in numbers]
    add_pictures(made, card, named)


def key(what: str, made: str, card: str = "") -> str:
    return f"cards.{what}.{made}.{card}"


@pytest.fixture
def made(thaw_home: Path) -> str:
    return cards.create(["Cats", "Dogs"])


def opened(open_page: Open, made: str) -> AppTest:
    app = open_page("cards", cards=made)
    assert not app.exception
    return app


def test_without_an_id_cards_can_be_begun(open_page: Open) -> None:
    app = open_page("cards")
    assert "one card per class" in said(app)
    assert "50,000 pictures of 64 MB each, and 8 GB in all" in said(app)
    app.button(key="cards.make").click().run()
    made = app.query_params["cards"]
    assert [card.name for card in collection.read(made).shown] == ["Class 1", "Class 2"]
    assert "What should it tell apart?" in said(app)


def test_start_leads_to_cards_and_back_to_those_not_finished(open_page: Open, made: str) -> None:
    fill(made, "c1", range(3))
    app = open_page("start")
    app.pills(key="start.way").set_value("cards").run()
    assert "Go on with 3 pictures in 2 classes: Cats, Dogs" in said(app)
    links = [link.proto.query_string for link in app.page_link]
    assert any(f"cards={made}" in query for query in links)
    app.button(key="start.cards").click().run()
    assert app.query_params["cards"] != made
    assert "Fill each card" in said(app)


@pytest.mark.parametrize("asked", ["../../etc", "cards-0123456789abcdef", "x" * 5000])
def test_an_unknown_collection_is_told_with_a_way_out(open_page: Open, asked: str) -> None:
    app = open_page("cards", cards=asked)
    assert "There are no cards under this address" in said(app)
    assert "Go to Start" in said(app)


def test_a_damaged_collection_is_told(open_page: Open, made: str) -> None:
    (collection.folder_of(made) / "cards.json").write_text("{")
    assert "cards.json is damaged" in said(open_page("cards", cards=made))
    assert "Make cards" in said(open_page("start").pills(key="start.way").set_value("cards").run())


def test_uploaded_pictures_are_counted_and_the_others_told(open_page: Open, made: str) -> None:
    app = opened(open_page, made)
    upload = app.file_uploader[0]
    for name, content in (("a.png", png(1)), ("b.png", png(2)), ("c.png", b"\x89PNG torn")):
        upload = upload.upload(name, content)
    upload.run()
    assert not app.exception
    words = said(app)
    assert "2 pictures" in words
    assert "1 file is damaged" in words
    assert "Cats needs 3 pictures more" in words
    card = collection.read(made).card("c1")
    assert [p.name for p in card.pictures] == ["a.png", "b.png"]
    assert app.file_uploader[0].proto.id != upload.proto.id, "the memory of the upload is freed"
    assert app.button(key="cards.bring").disabled


def test_a_folder_fills_a_class(open_page: Open, made: str) -> None:
    app = opened(open_page, made)
    app.segmented_control(key=key("way", made, "c2")).set_value("folder").run()
    upload = app.file_uploader[1]
    for n in range(3):
        upload = upload.upload(f"set/deep/{n}.png", png(n))
    upload.upload("set/.DS_Store", b"x").run()
    card = collection.read(made).card("c2")
    assert [p.name for p in card.pictures] == [f"set/deep/{n}.png" for n in range(3)]
    assert card.left_out == {}


def test_too_much_is_said_on_the_card(
    open_page: Open, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_UPLOAD_FILES", 1)
    app = opened(open_page, made)
    app.file_uploader[0].upload("a.png", png(1)).upload("b.png", png(2)).run()
    assert "None of the files was taken" in said(app)
    assert collection.read(made).card("c1").pictures == ()


def test_a_class_is_renamed_where_it_stands(open_page: Open, made: str) -> None:
    app = opened(open_page, made)
    name = key("name", made, "c1")
    app.text_input(key=name).set_value("  Lions ").run()
    assert collection.read(made).card("c1").name == "Lions"
    assert app.text_input(key=name).value == "Lions"
    app.text_input(key=name).set_value("dogs").run()
    assert "There is a class Dogs already" in said(app)
    assert app.text_input(key=name).value == "dogs", "what was typed stays to be mended"
    assert collection.read(made).card("c1").name == "Lions"
    app.text_input(key=name).set_value("Wolves").run()
    assert "already" not in said(app)
    assert collection.read(made).card("c1").name == "Wolves"


def test_another_tab_s_change_is_shown_and_not_undone(open_page: Open, made: str) -> None:
    app = opened(open_page, made)
    cards.rename_class(made, "c1", "Lions")
    app.run()
    assert app.text_input(key=key("name", made, "c1")).value == "Lions"
    assert collection.read(made).card("c1").name == "Lions"


HOSTILE = ["![x](http://evil.example/x.png)", ":red[boo] `a` <b>", "../../etc/passwd"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_are_shown_letter_by_letter(open_page: Open, made: str, hostile: str) -> None:
    cards.rename_class(made, "c1", hostile)
    fill(made, "c1", range(9))
    app = opened(open_page, made)
    assert hostile in said(app) or app.text_input(key=key("name", made, "c1")).value == hostile
    app.button(key=key("delete", made, "c1")).click().run()
    (told,) = [c.value for c in app.caption if "was deleted" in c.value]
    assert hostile not in told
    assert hostile in said(app)


def test_a_class_is_added_deleted_and_brought_back(open_page: Open, made: str) -> None:
    fill(made, "c1", range(6))
    app = opened(open_page, made)
    app.button(key="cards.add").click().run()
    assert app.text_input(key=key("name", made, "c3")).value == "Class 1"
    app.button(key=key("delete", made, "c1")).click().run()
    assert "The class Cats with 6 pictures was deleted." in said(app)
    app = opened(open_page, made)
    app.button(key=key("restore", made, "c1")).click().run()
    assert len(collection.read(made).card("c1").pictures) == 6
    assert "was deleted" not in said(app)


def test_some_pictures_are_shown_and_the_rest_counted(open_page: Open, made: str) -> None:
    fill(made, "c1", range(11))
    app = opened(open_page, made)
    alts = [image.alt for shown in app.get("image") for image in shown.proto.imgs]
    assert alts == ["A picture of the class Cats"] * 8
    assert "and 3 more" in said(app)


def test_only_one_camera_is_open(open_page: Open, made: str) -> None:
    app = opened(open_page, made)
    ways = [key("way", made, card) for card in ("c1", "c2")]
    app.segmented_control(key=ways[0]).set_value("camera").run()
    app.segmented_control(key=ways[1]).set_value("camera").run()
    assert not app.exception
    assert [app.segmented_control(key=way).value for way in ways] == ["files", "camera"]


def test_what_is_ready_is_brought_in_under_its_name(open_page: Open, made: str) -> None:
    fill(made, "c1", range(5))
    fill(made, "c2", range(10, 15))
    app = opened(open_page, made)
    assert "10 pictures in 2 classes, ready to be brought in." in said(app)
    app.text_input(key=key("called", made)).set_value("My pets").run()
    app.button(key="cards.bring").click().run()
    (run,) = store.list_runs()
    source = collection.folder_of(made) / "cards.csv"
    assert run.spec == RunSpec("import", source=str(source), name="My pets")
    assert app.query_params["run"] == run.id
    assert "cards" not in app.query_params
    assert "Your data are being read" in said(app)
    app = open_page("cards", cards=made)
    (link,) = app.container(key="travel").page_link
    assert f"run={run.id}" in link.proto.query_string, "what is being read is not changed"


def test_a_failed_import_leads_back_to_the_cards(
    open_page: Open, make_run: Make, made: str
) -> None:
    source = str(collection.folder_of(made) / "cards.csv")
    failed: dict[str, Any] = {"code": "bad_data", "message": "m", "fix": "f", "issues": []}
    run = make_run(RunSpec("import", source=source), ("failed", failed))
    app = open_page("start", run=run)
    assert "Go back to the cards" in said(app)
    assert "Cats" in opened(open_page, made).text_input(key=key("name", made, "c1")).value


def test_cards_that_were_brought_in_lead_to_their_data(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    source = str(collection.folder_of("cards-0123456789abcdef") / "cards.csv")
    run = make_run(
        RunSpec("import", source=source),
        ("finished", {"stop_reason": "done", "dataset": shapes.id}),
    )
    assert store.read_run(run).status == "finished"
    app = open_page("cards", cards="cards-0123456789abcdef")
    assert app.query_params["data"] == shapes.id


def test_frames_of_a_hold_are_read() -> None:
    sent = {"frames": [base64.b64encode(png(n)).decode() for n in range(3)]}
    assert camera.frames_of(sent) == [png(n) for n in range(3)]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "text",
        {},
        {"frames": []},
        {"frames": "abcd"},
        {"frames": [1, 2]},
        {"frames": ["not base64!"]},
        {"frames": ["\u00e4\u00e4\u00e4\u00e4"]},
        {"frames": ["aaaa"] * 61},
        {"frames": ["a" * 1_000_000]},
    ],
)
def test_what_is_no_hold_is_refused(sent: Any) -> None:
    with pytest.raises(InputError, match="did not arrive whole"):
        camera.frames_of(sent)
