"""Try it: asking a run's model about something new."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import answers
from tests.pages.conftest import Make, Open
from tests.pages.handmade import best_of, epoch, png, said
from tl_core import data, files
from tl_core.analysis import looks
from tl_core.analysis.looks import Looked, Looks
from tl_core.data.dataset import Dataset
from tl_core.errors import RunFailed
from tl_core.runs import asking, store
from tl_core.spec import RunSpec

Answering = Callable[[str, Sequence[Path]], list[dict[str, Any]]]
LIKE = {"score": 0.5, "flag": False, "farther_than": 0.34}
LOOKS = {"how": "grad_cam", "down": 0, "across": 2, "area": 0.2, "edge": 2}
UNLIKE = {"score": 1.4, "flag": True, "farther_than": 0.97}


def spec_of(dataset: Dataset) -> RunSpec:
    return RunSpec(kind="train", dataset=dataset.id, strategy="linear_probe")


def with_model(make_run: Make, dataset: Dataset, *, ended: bool = True, **options: Any) -> str:
    """Make a run that has weights."""
    told: list[tuple[str, dict[str, Any]]] = [("epoch", epoch(0)), ("epoch", epoch(1))]
    if ended:
        told.append(("finished", {"stop_reason": "epochs", "best": best_of(epoch(1))}))
    run = make_run(spec_of(dataset), *told, **options)
    weights = store.run_dir(run) / "checkpoints"
    weights.mkdir()
    (weights / ("best.safetensors" if ended else "best-00001.safetensors")).write_bytes(b"x")
    return run


LIT = base64.b64encode(png()).decode()


@pytest.fixture
def asked(shapes: Dataset, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the model was asked; its answers depend on the names of the files alone."""
    seen: list[Any] = []
    near = shapes.examples[0]

    def answer(path: Path) -> dict[str, Any]:
        assert path.is_file(), "it is there while the model looks"
        if "bad" in path.name:
            issue = {
                "field": str(path),
                "message": "The file is not a picture.",
                "fix": "Leave it.",
            }
            return {"file": str(path), "issue": issue}
        top = [{"label": "[x](y)", "probability": 0.91}, {"label": "star", "probability": 0.09}]
        nearest = {"name": near.name, "label": "circle", "key": near.key, "cosine": 0.71}
        return {
            "file": str(path),
            "top": top,
            "unlike_training": UNLIKE if "odd" in path.name else LIKE,
            "nearest": [nearest],
            "text": "",
            **({} if "blind" in path.name else {"looks": LOOKS, "lit": LIT}),
        }

    def ask(run: str, paths: Sequence[Path], *, near: int, why: bool) -> asking.Said:
        seen.append((run, [path.name for path in paths], near, why))
        epoch = 1 if store.read_run(run).is_active else None
        return asking.Said(tuple(map(answer, paths)), epoch)

    monkeypatch.setattr(asking, "ask", ask)
    return seen


def upload(app: AppTest, *names: str) -> AppTest:
    """Bring files of these names."""
    for name in names:
        app.file_uploader[0].upload(name, png(), "image/png")
    return app.run()


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.main.get("page_link")]


def test_without_a_run_it_offers_those_with_a_model(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    assert "no model to ask yet" in said(open_page("tryit"))
    make_run(spec_of(shapes))
    run = with_model(make_run, shapes)
    app = open_page("tryit")
    assert "Which model?" in said(app)
    links = [link.proto.query_string for link in app.main.get("page_link")]
    assert [query for query in links if query.startswith("run=")] == [f"run={run}"]


def test_a_picture_is_answered_and_deleted(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any]
) -> None:
    run = with_model(make_run, shapes)
    app = open_page("tryit", run=run)
    assert "Bring a picture that it has never seen." in said(app)
    app = upload(app, "new.png")
    assert not app.error
    words = said(app)
    assert "[x](y), 91 % sure; it looks like your training pictures." in words
    assert "than 34 of 100 of your own held-out pictures" in words
    assert "circle, likeness 0.71" in words
    assert [bar.text.replace("\\", "") for bar in app.progress][:2] == ["[x](y): 91 %", "star: 9 %"]
    assert not app.warning
    assert asked == [(run, ["new.png"], 3, True)]
    assert not list(files.uploads_dir().iterdir())
    assert "Take it away" in links(app)
    app.run()
    assert len(asked) == 1


def test_where_it_looked_is_shown_with_how_far_to_trust_it(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any]
) -> None:
    run = with_model(make_run, shapes)
    app = upload(open_page("tryit", run=run), "new.png")
    words = said(app)
    assert "It looked mostly here: top right; half of it lies on 20 % of the picture." in words
    assert "Lit is what speaks for [x](y) (Grad-CAM)" in words
    assert "tells only 2 × 2 places apart" in words
    assert "is measured among its results" in words
    kept = Looks("grad_cam", (Looked(1, "star"),), head=0.9, last=0.9, n=4, edge=7)
    looks.add(store.run_dir(run), kept)
    assert "say more about the pictures than about what was learned" in said(app.run())


def test_a_network_without_a_map_shows_none(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any]
) -> None:
    words = said(upload(open_page("tryit", run=with_model(make_run, shapes)), "blind.png"))
    assert "91 % sure" in words
    assert "It looked" not in words


def test_of_very_many_it_is_not_told_where_it_looked(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(answers, "BATCH", 2)
    app = open_page("tryit", run=with_model(make_run, shapes))
    upload(app, "a.png", "b.png", "c.png")
    assert [why for *_rest, why in asked] == [False, False]


def test_what_is_unlike_the_training_data_is_warned_of(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any]
) -> None:
    app = upload(open_page("tryit", run=with_model(make_run, shapes)), "odd.png")
    assert app.header[0].value.startswith("Not like your training pictures")
    (warning,) = app.warning
    assert "97 of 100" in warning.value


def test_many_files_become_a_table_to_download(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any], monkeypatch: Any
) -> None:
    app = open_page("tryit", run=with_model(make_run, shapes))
    app = upload(app, "a.png", "bad.png", "odd.png")
    assert "2 pictures answered; 1 of them not like your training data" in said(app)
    assert "1 could not be used" in said(app)
    assert list(app.dataframe[0].value["File"]) == ["a.png", "bad.png", "odd.png"]
    assert app.selectbox(key="tryit.look").options == ["a.png", "odd.png"]
    app.selectbox(key="tryit.look").select_index(1).run()
    assert app.warning
    (button,) = app.get("download_button")
    assert button.proto.label == "Download as CSV"


def test_a_file_that_cannot_be_used_is_told_with_its_fix(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any]
) -> None:
    app = upload(open_page("tryit", run=with_model(make_run, shapes)), "bad.png")
    (error,) = app.error
    told = error.value.replace("\\", "").replace("\u2060", "")
    assert told == "**bad.png**: The file is not a picture. Leave it."
    assert app.file_uploader


def test_a_model_that_does_not_answer_is_told(
    open_page: Open, shapes: Dataset, make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_args: Any, **_options: Any) -> asking.Said:
        raise RunFailed("predictor", "It has ended.", "Try again.")

    monkeypatch.setattr(asking, "ask", ask)
    app = upload(open_page("tryit", run=with_model(make_run, shapes)), "a.png")
    assert "It has ended" in app.error[0].value
    assert app.file_uploader


def test_a_run_at_work_answers_with_its_best_so_far(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any]
) -> None:
    run = with_model(make_run, shapes, ended=False, alive=True)
    app = open_page("tryit", run=run)
    assert "its best so far answers" in said(app)
    assert "the best so far, epoch 1" in said(upload(app, "a.png"))
    assert "Take it away" not in links(app)
    watch = open_page("watch", run=run)
    assert any(button.key == "watch.tryit" for button in watch.button)


def test_who_cannot_answer_says_why(
    open_page: Open, shapes: Dataset, make_run: Make, asked: list[Any]
) -> None:
    assert "no model yet" in said(open_page("tryit", run=store.new_run(spec_of(shapes))))
    run = with_model(make_run, shapes)
    app = open_page("tryit", run=run)
    store.delete_run(run)
    assert "There is no run" in said(app.run())
    race = RunSpec("race", shapes.id, strategies=("lora", "linear_probe"))
    assert "Which of its models?" in said(open_page("tryit", run=make_run(race)))


def test_a_text_is_typed_and_its_words_are_marked(
    open_page: Open, make_run: Make, monkeypatch: pytest.MonkeyPatch, thaw_home: Path
) -> None:
    messages = data.load_sample("messages")
    run = with_model(make_run, messages)
    seen: list[str] = []

    def ask(run: str, paths: Sequence[Path], *, near: int, why: bool) -> asking.Said:
        assert why
        seen.append(paths[0].read_text())
        near_one = messages.examples[0]
        answer = {
            "file": str(paths[0]),
            "top": [{"label": "account", "probability": 0.9}],
            "unlike_training": LIKE,
            "words": [{"word": "my", "weight": 0.0}, {"word": "*password*", "weight": 1.2}],
            "nearest": [{"name": "1", "label": "account", "key": near_one.key, "cosine": 0.5}],
            "text": "my *password* is lost",
        }
        return asking.Said((answer,), None)

    monkeypatch.setattr(asking, "ask", ask)
    app = open_page("tryit", run=run)
    app.text_area[0].input("my *password* is lost")
    app.button(key=f"tryit.{run}.ask").click().run()
    assert seen == ["my *password* is lost"]
    words = said(app)
    assert "account, 90 % sure; it reads like your training texts." in words
    assert ":blue-background[+ *password*]" in words
    assert "spoke for the first class" in words
    assert messages.examples[0].text[:20] in words
    app.text_area[0].input("  ")
    app.button(key=f"tryit.{run}.ask").click().run()
    assert len(seen) == 1


def test_a_text_of_which_no_word_counts_alone_says_so(
    open_page: Open, make_run: Make, monkeypatch: pytest.MonkeyPatch, thaw_home: Path
) -> None:
    run = with_model(make_run, data.load_sample("messages"))
    answer = {
        "file": "x",
        "top": [{"label": "account", "probability": 0.9}],
        "unlike_training": LIKE,
        "words": [{"word": "password", "weight": 0.0}],
        "text": "password",
    }
    monkeypatch.setattr(asking, "ask", lambda *_a, **_o: asking.Said((answer,), None))
    app = open_page("tryit", run=run)
    app.text_area[0].input("password")
    app.button(key=f"tryit.{run}.ask").click().run()
    assert "none of them alone changes the answer" in said(app)


def test_runs_lead_here(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    run = with_model(make_run, shapes)
    app = open_page("runs")
    app.button(key=f"runs.tryit.{run}").click().run()
    assert run in app.query_params["run"]
    assert "What does it say about this one" in said(app)
