"""Races: rounds, who drops out, what is left of the time, kills and stops; nothing is trained."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.runs.fake_engine import FakeEngine, Habit, habits
from tl_core.errors import Cancelled, InputError, Issue
from tl_core.runs import competitor, events, launch, locks, race, results, store
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

BUDGET = 60.0
FOUR = ("linear_probe", "lora", "full_fine_tune", "from_scratch")


@pytest.fixture
def engine(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine(habits())
    # Whoever has imported it before finds it as an attribute, everybody else as a module.
    monkeypatch.setattr("tl_core.engine.train", fake, raising=False)
    monkeypatch.setitem(sys.modules, "tl_core.engine.train", fake)  # type: ignore[arg-type]
    data = SimpleNamespace(load=lambda dataset_id, revision: None)
    monkeypatch.setitem(sys.modules, "tl_core.data.store", data)  # type: ignore[arg-type]
    monkeypatch.setattr(competitor, "foretell", lambda *rest: None)
    return fake


def new_race(strategies: tuple[str, ...] = FOUR) -> str:
    return store.new_run(
        RunSpec(kind="race", dataset="d", strategies=strategies, minutes=BUDGET / 60)
    )


def hold(race_id: str, ask: Callable[[], bool] = lambda: True) -> dict[str, Any]:
    """Make one attempt at a race, as its worker does."""
    folder = store.run_dir(race_id)
    with (
        locks.hold(folder),
        events.EventWriter(folder / events.FILE, new_attempt=True) as writer,
    ):
        writer.emit("started")
        result = race.run_race(store.read_spec(folder), folder, writer.emit, ask)
        kind = "stopped" if result["stop_reason"] == "person" else "finished"
        writer.emit(kind, **result)
    return result


def told(race_id: str, kind: str) -> list[events.Event]:
    every = events.read_events(store.run_dir(race_id) / events.FILE)[0]
    return [event for event in every if event["kind"] == kind]


def runs(race_id: str) -> dict[str, RunState]:
    return {run.strategy: run for run in store.competitors(store.read_run(race_id))}


def test_the_worse_half_drops_out_and_the_rest_shares_the_time(engine: FakeEngine) -> None:
    race_id = new_race()
    result = hold(race_id)
    # 7.5 s each in the first round, of which the probe needs 4: 33.5 are left for two.
    assert engine.turns[:4] == [(name, 7.5) for name in FOUR]
    assert engine.turns[4:] == [("lora", 16.75), ("full_fine_tune", 16.75)]
    assert [e["strategy"] for e in told(race_id, "dropped")] == ["linear_probe", "from_scratch"]
    seconds = {name: run.finished["seconds"] for name, run in runs(race_id).items() if run.finished}
    assert seconds == {
        "linear_probe": 4.0,
        "lora": 24.25,
        "full_fine_tune": 24.25,
        "from_scratch": 7.5,
    }
    assert result["seconds"] <= BUDGET + 0.01
    assert result["stop_reason"] == "time"


def test_the_ranking_and_the_verdict(engine: FakeEngine) -> None:
    race_id = new_race()
    result = hold(race_id)
    ranking = result["ranking"]
    assert [row["strategy"] for row in ranking] == [
        "lora", "full_fine_tune", "linear_probe", "from_scratch"
    ]  # fmt: skip
    assert [row["dropped"] for row in ranking] == [None, None, 1, 1]
    assert ranking[0]["p_vs_best"] is None
    assert ranking[1]["p_vs_best"] == 1.0
    assert ranking[2]["p_vs_best"] < 0.001
    assert ranking[0]["accuracy"].n == 100
    assert ranking[0]["bytes"] == 50
    assert ranking[0]["trainable_parameters"] == 1234
    assert result["verdict"].startswith("Too close to call: Parameter-efficient (LoRA) and Full")
    assert result["best"]["val_accuracy"]["value"] == 0.96


def test_every_competitor_is_a_finished_run_of_its_own(engine: FakeEngine) -> None:
    race_id = new_race()
    hold(race_id)
    for run in runs(race_id).values():
        assert run.status == "finished"
        assert run.race == race_id
        assert run.epochs
    assert runs(race_id)["linear_probe"].stop_reason == "converged"
    assert runs(race_id)["from_scratch"].stop_reason == "time"
    assert len(store.list_runs()) == 5


def test_where_everyone_stands_is_told(engine: FakeEngine) -> None:
    race_id = new_race()
    hold(race_id)
    first, last = told(race_id, "standing")[0], told(race_id, "standing")[-1]
    assert first["round"] == 0
    assert all(row["is_racing"] for row in first["competitors"])
    assert (last["round"], last["rounds"]) == (2, 2)
    assert {row["strategy"]: row["dropped"] for row in last["competitors"]} == {
        "linear_probe": 1, "lora": None, "full_fine_tune": None, "from_scratch": 1
    }  # fmt: skip
    state = store.read_run(race_id)
    assert state.standing is not None
    assert state.standing["competitors"][1]["accuracy"]["value"] == 0.96
    result = results.race_result(state)
    assert [run["strategy"] for run in result["runs"]] == list(FOUR)
    assert all(run["epochs"] for run in result["runs"])


def test_a_round_is_told_before_anybody_trains_in_it(engine: FakeEngine) -> None:
    race_id = new_race()
    seen: list[int] = []

    def look(strategy: str, epoch: int) -> None:
        state = store.read_run(race_id)
        assert state.standing is not None
        seen.append(state.standing["round"])

    engine.on_epoch = look
    hold(race_id)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (1, 2)
    assert seen.count(2) == len([e for e in runs(race_id)["lora"].epochs if e["seconds"] > 7.5]) * 2


def test_time_that_nobody_needed_goes_to_the_others(engine: FakeEngine) -> None:
    race_id = new_race(("linear_probe", "lora"))
    result = hold(race_id)
    assert runs(race_id)["lora"].finished is not None
    assert result["seconds"] == pytest.approx(BUDGET, abs=race.LEFT_SECONDS + 0.5)


def test_a_race_of_those_that_converge_ends_early(engine: FakeEngine) -> None:
    engine.habits["multi_stage_probe"] = Habit(wrong=10, loss=0.4, converged=3.0)
    result = hold(new_race(("linear_probe", "multi_stage_probe")))
    assert result["stop_reason"] == "done"
    assert result["seconds"] == 7.0


def test_who_is_still_at_the_first_epoch_is_not_judged(engine: FakeEngine) -> None:
    engine.habits["from_scratch"].epoch_seconds = 8.0
    race_id = new_race()
    hold(race_id)
    assert [e["strategy"] for e in told(race_id, "dropped")] == ["linear_probe"]
    assert runs(race_id)["from_scratch"].epochs[-1]["epoch"] >= 1


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("at", [1, 9, 20, 40])
def test_a_killed_race_ends_like_one_that_was_not(engine: FakeEngine, at: int) -> None:
    calm = hold(new_race())
    epochs = itertools.count(1)

    def kill(strategy: str, epoch: int) -> None:
        if next(epochs) == at:
            raise Killed

    engine.on_epoch = kill
    race_id = new_race()
    with pytest.raises(Killed):
        hold(race_id)
    assert store.read_run(race_id).status == "interrupted"
    assert {run.status for run in runs(race_id).values()} <= {"interrupted", "finished"}
    result = hold(race_id)
    keys = ("strategy", "accuracy", "minutes", "p_vs_best", "dropped")
    assert [[row[k] for k in keys] for row in result["ranking"]] == [
        [row[k] for k in keys] for row in calm["ranking"]
    ]
    assert len(runs(race_id)) == len(FOUR)
    assert [e["epoch"] for e in runs(race_id)["lora"].epochs] == list(
        range(len(runs(race_id)["lora"].epochs))
    )


def stops_after(count: int) -> Callable[[], bool]:
    asked = itertools.count(1)
    return lambda: next(asked) <= count


def test_a_stopped_race_keeps_what_there_is_and_can_go_on(engine: FakeEngine) -> None:
    race_id = new_race()
    result = hold(race_id, stops_after(30))
    assert result["stop_reason"] == "person"
    assert 0 < len(result["ranking"]) < 4
    assert {run.status for run in runs(race_id).values()} <= {"stopped", "finished"}
    assert hold(race_id)["stop_reason"] == "time"
    assert {run.status for run in runs(race_id).values()} == {"finished"}


def test_stopped_before_anything_there_is_no_result(engine: FakeEngine) -> None:
    race_id = new_race()
    with pytest.raises(Cancelled):
        hold(race_id, lambda: False)
    assert {run.status for run in runs(race_id).values()} == {"stopped"}


def test_one_that_fails_does_not_take_the_others_with_it(engine: FakeEngine) -> None:
    engine.habits["lora"].error = MemoryError()
    race_id = new_race()
    result = hold(race_id)
    assert result["ranking"][0]["strategy"] == "full_fine_tune"
    assert runs(race_id)["lora"].status == "failed"
    last = told(race_id, "standing")[-1]["competitors"]
    assert not last[1]["is_racing"]


def test_where_all_fail_the_race_fails_for_the_same_reason(engine: FakeEngine) -> None:
    for habit in engine.habits.values():
        habit.error = InputError([Issue("base", "It is gone.", "Choose another.")])
    with pytest.raises(InputError, match="It is gone"):
        hold(new_race())


def test_a_run_in_a_race_is_left_to_the_race(engine: FakeEngine) -> None:
    race_id = new_race()
    refused: list[str] = []

    def steer(strategy: str, epoch: int) -> None:
        for action in (launch.pause, launch.unpause, launch.resume):
            with pytest.raises(InputError, match="takes part in the race"):
                action(runs(race_id)[strategy].id)
            refused.append(strategy)

    engine.on_epoch = steer
    hold(race_id)
    assert refused
