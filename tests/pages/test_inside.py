"""Look inside: from what is looked at, over the steps, to what stands on the page."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import best_of, epoch, png, said
from tests.report.handmade_insides import answering, filters_of, layer
from tl_core import catalog, data
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.insides import EDGE, UNNAMED, Read, Scan, Seen, Stage
from tl_core.runs import looking
from tl_core.runs.looking import Network
from tl_core.spec import RunSpec

STAGES = (Stage("stem", 32, 32, (3, 1), "LIT"), Stage("1", 16, 16, (9, 4), "LIT"))


PICTURE = base64.b64encode(png()).decode()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Network, Any]]:
    """What the process was asked; a scan takes two looks."""
    questions: list[tuple[str, Network, Any]] = []

    def look(network: Network, path: Path, *, channels: Any = None) -> Seen:
        content = path.read_bytes()
        questions.append(("look", network, channels))
        if b"bad" in content:
            raise InputError([Issue(str(path), "It is no picture.", "Bring another.")])
        kinds = (UNNAMED, UNNAMED) if network.is_random else (EDGE, UNNAMED)
        return Seen(64, PICTURE, STAGES, filters_of(*kinds))

    def read(network: Network, path: Path) -> Read:
        questions.append(("read", network, path.read_text()))
        spread = 2.0 if network.is_random else 1.2
        return Read(("[x](y)", "bank"), False, (layer("words"), layer("1", spread=spread)))

    def scan(network: Network, dataset: str, revision: int, **options: Any) -> Scan:
        questions.append(("scan", network, options))
        before = [one for one in questions if one[:2] == ("scan", network)]
        if len(before) < 2:
            return Scan(120, 240, ())
        alike = None if options["against"] is None else 0.62
        names = (("circle",), ("star",))
        stages = (answering(s.name, alike=alike, sheet="PATCH", classes=names) for s in STAGES)
        return Scan(240, 240, tuple(stages))

    for function in (look, read, scan):
        monkeypatch.setattr(looking, function.__name__, function)
    return questions


def done(app: AppTest) -> AppTest:
    """Look again until no step is left, as the timer of the page does."""
    for _turn in range(12):
        app.run()
    assert not app.exception
    return app


def test_without_anything_it_begins_with_a_photograph(
    open_page: Open, asked: list[Any], thaw_home: Path
) -> None:
    app = done(open_page("inside"))
    assert "1 answer to something that has a name" in said(app)
    assert "With random weights none do." in said(app)
    assert "CC BY 2.0" in said(app)
    assert {question for question, _network, _options in asked} == {"look"}
    assert [network.is_random for _question, network, _options in asked] == [False, True]
    assert any("With pictures of your own" in one.value for one in app.markdown)
    assert not list((thaw_home / "uploads").glob("*"))


def test_an_uploaded_picture_is_looked_at_by_all(open_page: Open, asked: list[Any]) -> None:
    app = done(open_page("inside"))
    asked.clear()
    app.file_uploader[0].upload("mine_*x*.png", png(), "image/png").run()
    app = done(app)
    assert [network.is_random for _question, network, _options in asked] == [False, True]
    assert any(r"mine\_\*x\*" in caption.value for caption in app.caption)


def test_what_is_no_picture_is_told_by_its_own_name(open_page: Open, asked: list[Any]) -> None:
    app = open_page("inside")
    app.file_uploader[0].upload("broken.png", b"bad", "image/png").run()
    assert "broken" in app.error[0].value
    assert "uploads" not in app.error[0].value
    app.file_uploader[0].upload("good.png", png(), "image/png").run()
    assert not done(app).error


def test_pictures_of_ones_own_are_searched_for_patches(
    open_page: Open, shapes: Dataset, asked: list[Any]
) -> None:
    app = done(open_page("inside", data=shapes.id))
    scans = [(network, options) for question, network, options in asked if question == "scan"]
    assert [network.is_random for network, _options in scans] == [False, False, True, True]
    assert scans[0][1]["channels"] == {"stem": [3, 1], "1": [9, 4]}
    assert scans[0][1]["against"] is None
    assert scans[2][1]["against"] == scans[0][0]
    assert "200 of your pictures" in said(app)
    assert any("62 %" in str(table.value) for table in app.dataframe)
    asked.clear()
    app.selectbox(key="inside.picture.example").select_index(4).run()
    app = done(app)
    assert {question for question, _network, _options in asked} == {"look", "scan"}


def test_how_far_the_pictures_are_is_told(
    open_page: Open, shapes: Dataset, asked: list[Any]
) -> None:
    app = open_page("inside", data=shapes.id)
    while not any(question == "scan" for question, _network, _options in asked):
        app.run()
    assert app.get("progress")


def tuned_run(make_run: Make, dataset: Dataset) -> str:
    end = {"stop_reason": "epochs", "best": best_of(epoch(1))}
    spec = RunSpec("train", dataset.id, strategy="lora", base="tf_efficientnet_lite0")
    return make_run(spec, ("epoch", epoch(1)), ("finished", end))


def test_a_tuned_model_stands_beside_its_base(
    open_page: Open,
    shapes: Dataset,
    make_run: Make,
    asked: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = tuned_run(make_run, shapes)
    find = catalog.find
    base = find("tf_efficientnet_lite0")
    monkeypatch.setattr(catalog, "find", lambda one: base if one == f"run:{run}" else find(one))
    app = done(open_page("inside", run=run))
    looks = [(network.base, options) for question, network, options in asked if question == "look"]
    assert len(looks) == 3
    assert looks[1][1] == {"stem": [3, 1], "1": [9, 4]}
    assert looks[0][1] is looks[2][1] is None
    assert "your tuned model has learned from some of them" in said(app)


def test_a_run_that_has_left_its_base_alone_says_so(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any]
) -> None:
    app = done(open_page("inside", run=tuned_run(make_run, shapes)))
    assert app.info
    assert not app.error
    assert "With random weights none do." in said(app)


def test_a_text_is_read_layer_by_layer(open_page: Open, asked: list[Any], thaw_home: Path) -> None:
    app = done(open_page("inside", base=catalog.default_base("text")))
    assert "In its sharpest layer a word draws from 1.2 of 2 tokens." in said(app)
    assert asked[0][2].startswith("The bank raised")
    app.text_area[0].input("A bee. <b>")
    app.button(key="inside.text.ask").click().run()
    app = done(app)
    assert asked[-1][2] == "A bee. <b>"
    assert {question for question, _network, _options in asked} == {"read"}


def test_a_network_that_does_not_answer_is_told_and_the_others_stay(
    open_page: Open, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    look = looking.look

    def failing(network: Network, path: Path, *, channels: Any = None) -> Seen:
        if network.is_random:
            raise RunFailed("predictor", "It has ended.", "Try again.")
        return look(network, path, channels=channels)

    monkeypatch.setattr(looking, "look", failing)
    app = done(open_page("inside"))
    assert "It has ended" in app.error[0].value
    assert "1 answer to something that has a name" in said(app)


def test_learn_base_and_results_lead_here(
    open_page: Open, measured_shapes: Dataset, asked: list[Any]
) -> None:
    for page, query in (("learn", {}), ("base", {"data": measured_shapes.id})):
        links = open_page(page, **query).get("page_link")
        assert any(link.proto.page == "inside" for link in links), page


def test_an_unknown_base_is_said_so(open_page: Open) -> None:
    assert "no base model" in open_page("inside", base="nonsense").error[0].value


def test_data_of_the_other_kind_are_not_offered(
    open_page: Open, asked: list[Any], thaw_home: Path
) -> None:
    messages = data.load_sample("messages")
    app = done(open_page("inside", data=messages.id, base="tf_efficientnet_lite0"))
    assert not [box for box in app.selectbox if box.key == "inside.picture.example"]
