"""Runs: the list, and what one can do with each."""

from __future__ import annotations

from tests.pages.conftest import Make, Open
from tests.pages.handmade import epoch, said
from tl_core.data.dataset import Dataset
from tl_core.runs import control, store
from tl_core.spec import RunSpec


def spec_of(dataset: Dataset) -> RunSpec:
    return RunSpec(kind="train", dataset=dataset.id, strategy="linear_probe")


def test_an_empty_list_offers_the_way(open_page: Open) -> None:
    words = said(open_page("runs"))
    assert "Nothing yet." in words
    assert "Bring data or take a sample" in words


def test_runs_are_listed_with_status_and_best(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    make_run(spec_of(shapes), ("epoch", epoch(0)), ("epoch", epoch(1)), alive=True)
    words = said(open_page("runs"))
    assert "1 run; 1 is going on now." in words
    assert "shapes, Feature extraction" in words
    assert "best 53 % (43 to 63) at epoch 1" in words


def test_open_leads_to_watch(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    run = make_run(spec_of(shapes), ("epoch", epoch(0)))
    app = open_page("runs")
    app.button(key=f"runs.open.{run}").click().run()
    assert app.query_params["run"] == run


def test_a_run_going_on_can_be_stopped(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    run = make_run(spec_of(shapes), alive=True)
    app = open_page("runs")
    app.button(key=f"runs.stop.{run}").click().run()
    assert control.read_want(store.run_dir(run)) == "stop"


def test_an_interrupted_run_can_be_resumed(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), ("epoch", epoch(0)))
    app = open_page("runs")
    app.button(key=f"runs.resume.{run}").click().run()
    assert store.read_run(run).status == "queued"


def test_a_run_is_deleted_after_one_question(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), ("finished", {"stop_reason": "epochs"}))
    app = open_page("runs")
    assert "This deletes the run" in said(app)
    app.button(key=f"runs.delete.{run}").click().run()
    assert not store.list_runs()
    assert "Nothing yet." in said(app)


def test_many_runs_are_shown_page_by_page(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    for _n in range(12):
        make_run(spec_of(shapes), ("finished", {"stop_reason": "epochs"}))
    app = open_page("runs")
    assert sum((button.key or "").startswith("runs.open.") for button in app.button) == 10
