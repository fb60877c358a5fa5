"""Runs: the list, and what one can do with each."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import epoch, said
from tl_core.data.dataset import Dataset
from tl_core.runs import control, labels, store, trash
from tl_core.spec import RunSpec

END = ("finished", {"stop_reason": "epochs"})


def opened(app: AppTest) -> set[str]:
    """Return the runs that are shown."""
    keys = [button.key or "" for button in app.button]
    return {key.rpartition(".")[2] for key in keys if key.startswith("runs.open.")}


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


def test_a_deleted_run_can_be_restored(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    run = make_run(spec_of(shapes), END)
    app = open_page("runs")
    app.button(key=f"runs.delete.{run}").click().run()
    assert not store.list_runs()
    assert "Nothing yet." in said(app)
    (gone,) = trash.deleted()
    app.button(key=f"runs.restore.{run}.{int(gone.deleted)}").click().run()
    assert [state.id for state in store.list_runs()] == [run]
    assert "1 run; none is going on now." in said(app)


def test_words_find_runs_and_what_is_found_is_counted(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    first, second = make_run(spec_of(shapes), END), make_run(spec_of(shapes), END)
    labels.rename(store.run_dir(second), "for *Anna*")
    app = open_page("runs")
    assert not app.multiselect
    app.text_input(key="runs.search").set_value("ANNA shapes").run()
    assert opened(app) == {second}
    assert "1 of 2 runs" in said(app)
    app.text_input(key="runs.search").set_value("nothing").run()
    assert opened(app) == set()
    assert "No run fits" in said(app)
    labels.tag(store.run_dir(first), ["paper"])
    app.text_input(key="runs.search").set_value("").run()
    app.multiselect(key="runs.tags").set_value(["paper"]).run()
    assert opened(app) == {first}


def test_runs_can_be_ordered(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    best = make_run(spec_of(shapes), ("epoch", epoch(9)), END)
    newest = make_run(spec_of(shapes), ("epoch", epoch(1)), END)
    app = open_page("runs")

    def order() -> list[str]:
        keys = [button.key or "" for button in app.button]
        return [key.rpartition(".")[2] for key in keys if key.startswith("runs.open.")]

    assert set(order()) == {best, newest}
    app.selectbox(key="runs.order").set_value("best").run()
    assert order() == [best, newest]


def test_a_run_takes_a_name_a_note_and_tags(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(spec_of(shapes), END)
    app = open_page("runs")
    app.text_input(key=f"runs.name.{run}").set_value("the <b>big</b> one")
    app.text_area(key=f"runs.note.{run}").set_value("for Anna")
    app.text_input(key=f"runs.tags.{run}").set_value("paper, old")
    app.button(key=f"runs.keep.{run}").click().run()
    assert store.read_run(run).tags == ("old", "paper")
    words = said(app)
    assert "the <b>big</b> one" in words
    assert "shapes, Feature extraction" in words
    assert "for Anna" in words
    app.text_input(key=f"runs.tags.{run}").set_value("x" * 40)
    app.button(key=f"runs.keep.{run}").click().run()
    assert "too long" in said(app)
    assert store.read_run(run).tags == ("old", "paper")


def test_several_runs_are_tagged_and_deleted_at_once(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    runs = [make_run(spec_of(shapes), END) for _n in range(3)]
    app = open_page("runs")
    assert "No run chosen" in said(app)
    assert app.button(key="runs.delete_all").disabled
    for run in runs[:2]:
        app.checkbox(key=f"runs.choose.{run}").check().run()
    assert "2 runs chosen" in said(app)
    app.text_input(key="runs.tag_all.tag").set_value("paper")
    next(b for b in app.button if b.label == "Put it on all chosen").click().run()
    assert [store.read_run(run).tags for run in runs] == [("paper",), ("paper",), ()]
    app.button(key="runs.delete_all").click().run()
    assert [state.id for state in store.list_runs()] == [runs[2]]
    assert "No run chosen" in said(app)


def test_many_runs_are_shown_page_by_page(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    for _n in range(12):
        make_run(spec_of(shapes), END)
    app = open_page("runs")
    assert sum((button.key or "").startswith("runs.open.") for button in app.button) == 10
