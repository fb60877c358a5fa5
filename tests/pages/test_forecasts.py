"""Forecasts: nothing yet, few, many, all outside; and what Watch says of one run."""

from __future__ import annotations

from typing import Any

from tests.foretold import Told, end, forecast
from tests.pages.conftest import Make, Open
from tests.pages.handmade import said
from tl_core.data.dataset import Dataset
from tl_core.spec import RunSpec


def add(make_run: Make, dataset: Dataset, *told: Told, **changes: Any) -> str:
    spec = RunSpec(kind="train", dataset=dataset.id, strategy="lora")
    return make_run(spec, ("forecast", forecast(**changes)), *told)


def test_without_forecasts_it_offers_the_way(open_page: Open) -> None:
    words = said(open_page("forecasts"))
    assert "How good have the forecasts been?" in words
    assert "Nobody can tell yet." in words
    assert "Bring data or take a sample" in words
    assert "Left out" not in words


def test_runs_without_a_result_are_counted_apart(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    make_run(RunSpec(kind="train", dataset=shapes.id), end())
    add(make_run, shapes, ("stopped", {"stop_reason": "person"}))
    words = said(open_page("forecasts"))
    assert "Nobody can tell yet." in words
    assert "1 run had no forecast" in words
    assert "1 run was stopped by a person." in words


def test_few_are_told_with_what_they_cannot_tell(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = add(make_run, shapes, end(0.92))
    add(make_run, shapes, end(0.8), blocked=True)
    app = open_page("forecasts")
    words = said(app)
    assert "Too few to tell: 1 of 2 held." in words
    assert "1 of 2 intervals held what was reached: 50 % (9 to 91)." in words
    assert "cannot tell good forecasts" in words
    assert "All are of one data set, so" in words
    (table,) = app.dataframe
    assert list(table.value["interval"]) == ["below", "held"]
    assert table.value["remark"].iloc[0] == "a leak was suspected"
    assert table.value["run"].iloc[1] == f"watch?run={run}"
    assert set(table.value["data"]) == {"shapes"}


def test_many_of_both_kinds_stand_apart(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    for n in range(12):
        add(make_run, shapes, end(0.87 + 0.005 * n))
        add(make_run, shapes, end(0.9), known="measured")
    app = open_page("forecasts")
    folds = [fold.label for fold in app.expander]
    assert folds[:2] == ["Expected from rules", "Measured beforehand"]
    assert "Each should hold with 95 % chance." in said(app)
    (table,) = app.dataframe
    assert len(table.value) == 24


def test_all_outside_is_called_too_sure(open_page: Open, shapes: Dataset, make_run: Make) -> None:
    for _n in range(6):
        add(make_run, shapes, end(0.6))
    words = said(open_page("forecasts"))
    assert "Too sure of themselves: 0 of 6 held." in words
    assert "take such intervals as too narrow" in words
    assert "the forecasts were too high" in words


def test_watch_tells_expected_and_reached_after_the_end(
    open_page: Open, shapes: Dataset, make_run: Make
) -> None:
    run = add(make_run, shapes, end(0.92))
    words = said(open_page("watch", run=run))
    assert "Expected 86 to 94 %, reached 92 %; expected to take 3 minutes" in words
    assert "How good have the forecasts been?" in words
    going = make_run(RunSpec(kind="train", dataset=shapes.id), end())
    assert "How good have the forecasts been?" not in said(open_page("watch", run=going))
