"""Distance: measured, being measured, or not to be measured."""

from __future__ import annotations

import pytest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import said
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.runs import launch, store
from tl_core.spec import FirstLook, RunSpec, Shift, to_dict


def test_without_data_it_says_what_will_be_here(open_page: Open) -> None:
    assert "Bring your data first" in said(open_page("distance"))
    assert not store.list_runs()


def test_the_measuring_begins_by_itself_and_is_explained(open_page: Open, shapes: Dataset) -> None:
    app = open_page("distance", data=shapes.id)
    words = said(app)
    assert "Thaw is finding out with EfficientNet-Lite0" in words
    assert "linear probes" in words
    assert [run.spec.kind for run in store.list_runs()] == ["evidence"]


def test_the_answer_has_its_numbers(open_page: Open, measured_shapes: Dataset) -> None:
    app = open_page("distance", data=measured_shapes.id)
    words = said(app)
    assert "Far: your data look unlike what EfficientNet-Lite0 was trained on." in words
    assert "0.31" in words
    assert "The base helps: on it a last layer gets 80 % (75 to 84)" in words
    probes = app.table[0].value
    assert "80 % (75 to 84)" in probes.iloc[:, 1].tolist()
    assert any("Control: raw pixels" in name for name in probes.iloc[:, 0])
    assert any("thaw probe" in code.value for code in app.code)
    assert not store.list_runs()
    app.button(key="distance.plan").click().run()
    assert "How much of it should change?" in said(app)


def test_every_number_opens_its_definition(open_page: Open, measured_shapes: Dataset) -> None:
    app = open_page("distance", data=measured_shapes.id)
    words = said(app)
    assert "**Controls** (raw-input, bag-of-words and random-initialization baselines)" in words
    assert "Source: Nguyen, Hassner, Seeger, Archambeau 2020, arXiv 2002.12462" in words
    assert "**Near, middling, far**" in app.header[0].help
    assert any("**A last layer on each stage**" in (c.help or "") for c in app.caption)


@pytest.mark.parametrize("page", ["distance", "plan"])
def test_a_first_look_is_shown_while_the_rest_is_measured(
    page: str, open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    seen = FirstLook(32, "far", Shift(0.1, 0.2, 0.31), Shift(0.01, 0.02, 0.018), 0.2)
    spec = RunSpec(kind="evidence", dataset=shapes.id)
    make_run(spec, ("first_look", to_dict(seen)), alive=True)
    app = open_page(page, data=shapes.id)
    words = said(app)
    assert "A first look at 32 pictures: they look far from what EfficientNet-Lite0" in words
    assert "may still change" in words
    assert "0.018" in app.table[0].value.iloc[2].tolist()
    assert not measured.list_evidence(shapes.id)


def test_a_failed_measurement_can_be_repeated(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    failed = {"code": "internal", "message": "It broke.", "fix": "Try again."}
    make_run(RunSpec(kind="evidence", dataset=shapes.id), ("failed", failed))
    app = open_page("distance", data=shapes.id)
    assert "It broke. Try again." in said(app)
    assert any(button.label == "Measure again" for button in app.button)


def test_an_interrupted_measurement_is_taken_up_again(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = make_run(RunSpec(kind="evidence", dataset=shapes.id))
    app = open_page("distance", data=shapes.id)
    assert "interrupted" in said(app)
    app.button(key=f"jobs.again.{run}").click().run()
    assert store.read_run(run).status == "queued"


def test_a_record_that_is_gone_is_measured_again(
    open_page: Open, shapes: Dataset, make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(RunSpec(kind="evidence", dataset=shapes.id), ("finished", {"stop_reason": "done"}))
    monkeypatch.setattr(launch, "TWIN_SECONDS", 0.0)
    open_page("distance", data=shapes.id)
    assert [run.status for run in store.list_runs()] == ["queued", "finished"]


def test_an_unknown_base_is_told_with_a_way_out(open_page: Open, shapes: Dataset) -> None:
    app = open_page("distance", data=shapes.id, base="nonsense")
    assert "There is no base model" in said(app)
    assert "Go to Start" in said(app)
