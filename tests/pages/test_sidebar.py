"""The sidebar: the answers so far, what is running, and addresses that keep the place."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import epoch, follow
from tl_core.data.dataset import Dataset
from tl_core.spec import DEFAULT_BASE, RunSpec


def labels(app: AppTest) -> list[str]:
    found = [link.label for link in app.sidebar.page_link]
    return [label.replace("\\", "").replace("\u2060", "").replace("\u2002", " ") for label in found]


def query(app: AppTest, start: str) -> str:
    links = zip(labels(app), app.sidebar.page_link, strict=True)
    return next(link.proto.query_string for label, link in links if label.startswith(start))


def test_a_newcomer_sees_five_steps_without_answers(open_page: Open) -> None:
    assert labels(open_page("start"))[1:6] == [
        "1 Base", "2 Data", "3 Distance", "4 Plan", "5 Watch"
    ]  # fmt: skip


def test_answers_stand_beside_their_steps(open_page: Open, measured_shapes: Dataset) -> None:
    app = open_page("data", data=measured_shapes.id, base=DEFAULT_BASE)
    base, data, distance, plan, watch = labels(app)[1:6]
    assert base == "1 Base: :small[EfficientNet-Lite0]"
    assert data == "2 Data: :small[240 pictures, 4 classes]"
    assert distance == "3 Distance: :small[far]"
    assert plan.startswith("4 Plan: :small[")
    assert watch == "5 Watch"


def test_links_keep_the_place(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    run = make_run(RunSpec(kind="train", dataset=shapes.id, size=64), ("epoch", epoch(0)))
    app = open_page("watch", run=run)
    assert f"data={shapes.id}" in query(app, "3 Distance")
    assert "size=64" in query(app, "3 Distance")
    assert "run=" not in query(app, "3 Distance")
    assert f"run={run}" in query(app, "5 Watch")


def test_runs_elsewhere_are_shown_while_they_go_on(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(
        RunSpec(kind="train", dataset=shapes.id),
        ("epoch", epoch(0)),
        ("epoch", epoch(1)),
        alive=True,
    )
    app = open_page("start")
    app = follow(app.button(key=f"sidebar.run.{run}").click().run())
    assert app.query_params["run"] == run
    assert "5 Watch: :small[epoch 1]" in labels(app)
    assert not [b for b in app.button if b.key == f"sidebar.run.{run}"], "it is shown already"


def test_nonsense_in_the_address_leaves_the_sidebar_usable(open_page: Open) -> None:
    app = open_page("watch", run="nonsense", data="nope", base="nope")
    assert labels(app)[1:6] == ["1 Base", "2 Data", "3 Distance", "4 Plan", "5 Watch"]
    assert not app.sidebar.error
