"""Compare: empty, one run, runs that make a pair, runs that do not, and one that still trains."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Make, Open
from tests.pages.handmade import best_of, epoch, follow, said
from tl_core.data.dataset import Dataset
from tl_core.runs import store, versus
from tl_core.spec import RunSpec

N_VAL = 40
Ended = Callable[..., str]


@pytest.fixture
def ended(shapes: Dataset, make_run: Make) -> Ended:
    """Make a finished run that is wrong on the first so many of its validation examples."""

    def make(wrong: int = 0, *, strategy: str = "lora", keys: str = "k", **changed: Any) -> str:
        spec = RunSpec(kind="train", dataset=shapes.id, strategy=strategy, **changed)
        told = [("epoch", epoch(n)) for n in range(4)]
        run = make_run(spec, *told, ("finished", {"stop_reason": "epochs", "seconds": 6.0,
                                                  "best": best_of(epoch(3))}))  # fmt: skip
        path = store.run_dir(run) / versus.PREDICTIONS_FILE
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["key", "name", "label", "predicted", "probability"])
            for n in range(N_VAL):
                writer.writerow([f"{keys}{n}", f"{n}", "a", "b" if n < wrong else "a", 0.9])
        return run

    return make


def compared(open_page: Open, *runs: str) -> AppTest:
    return open_page("compare", runs=",".join(runs))


def test_without_any_run_the_way_is_offered(open_page: Open) -> None:
    words = said(open_page("compare"))
    assert "Nothing has been trained yet." in words
    assert "Bring data or take a sample" in words


def test_without_runs_in_the_address_they_can_be_chosen(open_page: Open, ended: Ended) -> None:
    runs = [ended(), ended(9)]
    app = open_page("compare")
    assert app.header[0].value == r"Choose the runs below\."
    app.multiselect[0].set_value(runs).run()
    asked = app.query_params["runs"]
    assert {*"".join(asked).split(",")} == {*runs}
    assert "does best" in said(app)


def test_one_run_alone_asks_for_another(open_page: Open, ended: Ended) -> None:
    words = said(compared(open_page, ended()))
    assert "Choose another run to compare it with." in words
    assert "A\u2002Parameter-efficient (LoRA)" in words.replace("**", "")
    assert "What they were asked to do" not in words


def test_two_that_are_told_apart(open_page: Open, ended: Ended) -> None:
    one, other = ended(), ended(9, strategy="linear_probe", seed=1)
    app = compared(open_page, one, other)
    words = said(app)
    told = "does best: a paired test tells it from B (Feature extraction)."
    assert f"A (Parameter-efficient (LoRA)) {told}" in words
    assert "A alone is right on 9 and B alone on 0 (exact McNemar test, p 0.0039)" in words
    assert list(app.dataframe[0].value["setting"]) == ["strategy", "seed"]
    app.toggle(key="compare.differences").set_value(False).run()
    assert len(app.dataframe[0].value) > 8


def test_by_time_by_loss_and_as_a_table(open_page: Open, ended: Ended) -> None:
    app = compared(open_page, ended(), ended(3, strategy="linear_probe"))
    assert "Too close to call between A" in app.header[0].value
    for key, value in (("by", "time"), ("measure", "loss"), ("shown", "both")):
        app.button_group(key=f"compare.{key}").set_value(value).run()
        assert not app.exception
    assert list(app.dataframe[1].value["at epoch"]) == [3, 3]
    assert len(app.dataframe[2].value) == 8


def test_runs_on_different_splits_say_why_they_make_no_pair(open_page: Open, ended: Ended) -> None:
    app = compared(open_page, ended(), ended(keys="x", seed=4))
    assert app.header[0].value == r"These cannot be compared in pairs\."
    assert "another seed or share held out other examples" in said(app)


def test_several_have_a_table_of_pairs(open_page: Open, ended: Ended) -> None:
    app = compared(open_page, ended(), ended(9, seed=1), ended(9, seed=2))
    assert "Pair by pair" in said(app)
    assert app.dataframe[1].value["verdict"][0] == "A does better"


def test_one_that_still_trains_is_drawn_and_judged_later(
    open_page: Open, ended: Ended, shapes: Dataset, make_run: Make
) -> None:
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="full_fine_tune")
    running = make_run(spec, ("epoch", epoch(0)), ("epoch", epoch(1)), alive=True)
    words = said(compared(open_page, ended(), running))
    assert "The verdict comes when they have ended." in words
    assert "B is still being trained" in words
    assert "running · best 53 % (43 to 63) at epoch 1" in words


def test_what_is_gone_is_told_and_a_race_stands_for_its_runs(
    open_page: Open, ended: Ended, shapes: Dataset, make_run: Make
) -> None:
    one, two = ended(), ended(9, strategy="linear_probe")
    rows = [{"strategy": "lora", "run": one}, {"strategy": "linear_probe", "run": two}]
    spec = RunSpec(kind="race", dataset=shapes.id, strategies=("lora", "linear_probe"))
    race = make_run(spec, ("standing", {"round": 1, "rounds": 1, "competitors": rows}))
    words = said(compared(open_page, race, "20200101-000000-gone-0000", "../x"))
    assert "does best" in words
    assert "2 runs of the address are not shown" in words


def test_a_letter_leads_to_its_run(open_page: Open, ended: Ended) -> None:
    one, other = ended(), ended(9)
    app = compared(open_page, one, other)
    app.button(key=f"compare.open.{other}").click().run()
    assert app.query_params["run"] in (other, [other])


def test_runs_are_ticked_on_runs(open_page: Open, ended: Ended) -> None:
    runs = [ended(), ended(9)]
    app = open_page("runs")
    app.checkbox(key=f"runs.choose.{runs[0]}").check().run()
    assert app.button(key="runs.compare").disabled
    app.checkbox(key=f"runs.choose.{runs[1]}").check().run()
    app.button(key="runs.compare").click().run()
    asked = app.query_params["runs"]
    assert {*"".join(asked).split(",")} == {*runs}
    assert "does best" in said(app)


def test_watch_offers_the_other_runs(
    open_page: Open, ended: Ended, shapes: Dataset, make_run: Make
) -> None:
    other = ended()
    spec = RunSpec(kind="train", dataset=shapes.id, strategy="lora")
    running = make_run(spec, ("epoch", epoch(0)), alive=True)
    app = open_page("watch", run=running)
    app.button(key=f"picks.with.{other}").click().run()
    assert f"{running},{other}" in str(follow(app).query_params["runs"])
