"""A race on Watch and among the runs, in each of its states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pages.ui import commands
from pages.ui import race as panels
from tests.pages.conftest import Make, Open
from tests.pages.handmade import best_of, epoch, follow, said
from tl_core.data.dataset import Dataset
from tl_core.report.race import Row
from tl_core.runs import control, events, store
from tl_core.spec import Accuracy, RunSpec

NAMES = ("linear_probe", "lora")
VERDICT = "Too close to call: *one* and the other."

Race = Callable[..., tuple[str, list[str]]]


def race_spec(dataset: Dataset) -> RunSpec:
    return RunSpec(kind="race", dataset=dataset.id, strategies=NAMES, minutes=5)


@pytest.fixture
def make_race(shapes: Dataset, make_run: Make) -> Race:
    """Make a race in which the first trains now, and the second has dropped out."""

    def make(*told: tuple[str, dict[str, Any]], **more: Any) -> tuple[str, list[str]]:
        race = make_run(race_spec(shapes), **more)
        runs = []
        for number, name in enumerate(NAMES):
            spec = RunSpec(kind="train", dataset=shapes.id, strategy=name)
            runs.append(store.new_run(spec, race=race))
            path = store.run_dir(runs[-1]) / events.FILE
            with events.EventWriter(path, new_attempt=True) as writer:
                writer.emit("started")
                for n in range(3):
                    writer.emit("epoch", **epoch(n))
                if number:
                    writer.emit("finished", stop_reason="time", best=best_of(epoch(2)), seconds=9.0)
        rows = [
            {"strategy": name, "run": run, "is_racing": name == "linear_probe", "seconds": 4.0,
             "dropped": None if name == "linear_probe" else 1, "accuracy": None}
            for name, run in zip(NAMES, runs, strict=True)
        ]  # fmt: skip
        with events.EventWriter(store.run_dir(race) / events.FILE) as writer:
            writer.emit("standing", round=2, rounds=2, competitors=rows)
            for kind, fields in told:
                writer.emit(kind, **fields)
        return race, runs

    return make


def finished(runs: list[str]) -> tuple[str, dict[str, Any]]:
    share = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 48}
    ranking = [
        {"strategy": name, "run": run, "accuracy": share, "minutes": 0.1, "p_vs_best": p,
         "trainable_parameters": 5124, "bytes": 31_000}
        for name, run, p in zip(NAMES, runs, (None, 0.4), strict=True)
    ]  # fmt: skip
    best = {"epoch": 2, "val_loss": 0.1, "val_accuracy": share}
    return "finished", {
        "stop_reason": "time", "ranking": ranking, "verdict": VERDICT, "best": best
    }  # fmt: skip


def end(race: str, runs: list[str]) -> None:
    with events.EventWriter(store.run_dir(race) / events.FILE) as writer:
        kind, fields = finished(runs)
        writer.emit(kind, **fields)


def test_a_race_going_on_tells_who_leads_and_who_is_out(open_page: Open, make_race: Race) -> None:
    race, runs = make_race(("step", {"what": "seconds of training", "done": 12, "total": 60}),
                           alive=True)  # fmt: skip
    app = open_page("watch", run=race)
    words = said(app)
    assert app.header[0].value.startswith("Too close to call so far")
    assert "1 of 2 is still in the race." in words
    assert "12 of 60 seconds of training" in words
    assert "56 % (46 to 66)" in words
    assert "out after round 1" in words
    assert all(app.button(key=f"race.open.{run}") for run in runs)
    app.button(key="watch.pause").click().run()
    assert control.read_want(store.run_dir(race)) == "pause"


def standing(strategy: str, value: float | None, **more: Any) -> Row:
    known = None if value is None else Accuracy(value, value - 0.05, value + 0.04, 100)
    return Row(strategy=strategy, run=strategy, accuracy=known, seconds=1.0, **more)


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([0.7, 0.75], "Parameter-efficient (LoRA) leads so far: 90 % (85 to 94)."),
        ([0.7, 0.85], "Too close to call so far. It"),
        ([0.7, None], "It is about to start."),
    ],
)
def test_nobody_leads_by_less_than_the_intervals_allow(
    make_race: Race, others: list[float | None], words: str
) -> None:
    race, _runs = make_race(alive=True)
    names = ("linear_probe", "from_scratch")
    rows = [standing("lora", 0.9), *map(standing, names, others)]
    assert panels.answer(store.read_run(race), [], rows).startswith(words)


def test_who_failed_before_a_result_keeps_nobody_waiting(make_race: Race) -> None:
    race, _runs = make_race(alive=True)
    rows = [standing("lora", 0.9), standing("linear_probe", 0.7)]
    rows.append(standing("from_scratch", None, has_failed=True))
    assert "leads so far" in panels.answer(store.read_run(race), [], rows)


def test_the_end_has_the_verdict_and_the_numbers(open_page: Open, make_race: Race) -> None:
    race, runs = make_race()
    end(race, runs)
    app = open_page("watch", run=race)
    words = said(app)
    assert VERDICT in words
    assert "p 0.40 against the first" in words
    assert "5,124 parameters learn" in words
    assert "31 kB" in words
    assert list(app.dataframe[0].value["right on held-out"]) == ["90 % (80 to 95)"] * 2
    assert app.button(key="watch.again")


def test_whose_best_is_the_head_alone_is_told(open_page: Open, make_race: Race) -> None:
    words = "best before more than the head moved"
    race, runs = make_race()
    end(race, runs)
    assert words not in said(open_page("watch", run=race))
    for run in runs:
        with events.EventWriter(store.run_dir(run) / events.FILE, new_attempt=True) as writer:
            writer.emit("started")
            best = best_of(epoch(2))
            writer.emit("finished", stop_reason="time", best=best, best_phase="head", seconds=9.0)
    assert said(open_page("watch", run=race)).count(words) == 1  # it says nothing of the probe


def test_a_race_that_broke_off_can_go_on(open_page: Open, make_race: Race) -> None:
    race, _runs = make_race()
    app = open_page("watch", run=race)
    assert "the race can go on" in said(app)
    app.button(key="watch.resume").click().run()
    assert store.read_run(race).status == "queued"


def test_a_queued_race_waits(open_page: Open, shapes: Dataset) -> None:
    race = store.new_run(race_spec(shapes))
    app = open_page("watch", run=race)
    assert app.progress
    assert "Which way does best?" in said(app)


def test_a_deleted_competitor_leaves_its_numbers(open_page: Open, make_race: Race) -> None:
    race, runs = make_race()
    end(race, runs)
    store.delete_run(runs[1])
    words = said(open_page("watch", run=race))
    assert "Parameter-efficient (LoRA) (deleted)" in words
    assert "90 % (80 to 95)" in words


def test_a_competitor_leads_to_its_race(open_page: Open, make_race: Race) -> None:
    race, runs = make_race(alive=True)
    app = open_page("watch", run=runs[0])
    button = app.button(key=f"race.open.{race}")
    assert button.label == "Part of a race (running): see how all stand"
    button.click().run()
    assert follow(app).query_params["run"] == race


def test_runs_lists_the_race_in_place_of_its_runs(open_page: Open, make_race: Race) -> None:
    race, runs = make_race()
    end(race, runs)
    app = open_page("runs")
    words = said(app)
    assert "1 run; none is going on now." in words
    assert "shapes, race of 2 strategies" in words
    assert VERDICT.rstrip(".") in words
    button = app.button(key=f"runs.delete.{race}")
    assert "This deletes the race." in button.help
    button.click().run()
    assert "2 runs" in said(app)


def test_the_command_of_a_race(shapes: Dataset) -> None:
    assert commands.race(race_spec(shapes)) == (
        f"thaw race {shapes.id} --strategies linear_probe,lora --minutes 5"
    )
