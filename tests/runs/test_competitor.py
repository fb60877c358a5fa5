"""One strategy in a race: its own run, its turns, its end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.foretold import forecast
from tests.runs.fake_engine import FakeEngine, Habit
from tl_core.errors import RunFailed
from tl_core.runs import competitor, control, events, locks, store
from tl_core.runs.competitor import Competitor
from tl_core.spec import RunSpec

STRATEGY = "lora"
RACE = RunSpec(kind="race", dataset="d", strategies=("lora", "linear_probe"), minutes=1.0)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine({STRATEGY: Habit(wrong=5, loss=0.1)})
    # Whoever has imported it before finds it as an attribute, everybody else as a module.
    monkeypatch.setattr("tl_core.engine.train", fake, raising=False)
    monkeypatch.setitem(sys.modules, "tl_core.engine.train", fake)  # type: ignore[arg-type]
    data = SimpleNamespace(load=lambda dataset_id, revision: None)
    monkeypatch.setitem(sys.modules, "tl_core.data.store", data)  # type: ignore[arg-type]
    monkeypatch.setattr(competitor, "foretell", foretold)
    return fake


def foretold(spec: RunSpec, dataset: Any, strategy: str, folder: Path, emit: Any) -> None:
    """Stand in for the advisor, and look whether learning has begun."""
    assert not any(
        event["kind"] == "epoch" for event in events.read_events(folder / events.FILE)[0]
    )
    emit("forecast", **forecast(strategy))


class Going:
    """Whether the race goes on."""

    on = True

    def __call__(self) -> bool:
        return self.on


@pytest.fixture
def going() -> Going:
    return Going()


@pytest.fixture
def one(thaw_home: Path, engine: FakeEngine, going: Going) -> Iterator[Competitor]:
    race_id = store.new_run(RACE)
    state = competitor.run_of(race_id, RACE, STRATEGY)
    with competitor.entered(state, going, lambda: None) as entered:
        yield entered


def status(one: Competitor) -> str:
    return store.read_run(one.run_id).status


def test_its_run_is_an_ordinary_one_that_knows_its_race(thaw_home: Path) -> None:
    race_id = store.new_run(RACE)
    state = competitor.run_of(race_id, RACE, STRATEGY)
    assert (state.race, state.strategy, state.spec.kind) == (race_id, STRATEGY, "train")
    assert state.spec.minutes is None
    assert state.spec.strategies == ()
    assert competitor.run_of(race_id, RACE, STRATEGY).id == state.id
    assert competitor.run_of(race_id, RACE, "linear_probe").id != state.id


def test_it_trains_in_turns_and_waits_between_them(one: Competitor, engine: FakeEngine) -> None:
    assert status(one) == "queued"
    assert store.read_run(one.run_id).waiting
    assert not one.has_trained
    one.train(2.5)
    assert (one.seconds, one.has_ended, status(one)) == (2.5, False, "queued")
    one.train(4.0)
    assert engine.turns == [(STRATEGY, 2.5), (STRATEGY, 1.5)]
    assert one.has_trained
    one.conclude("time")
    assert one.has_ended
    state = store.read_run(one.run_id)
    assert (state.status, state.stop_reason) == ("finished", "time")
    assert [epoch["epoch"] for epoch in state.epochs] == [0, 1, 2, 3]
    assert one.best == state.best
    assert len(one.losses()) == 100


def test_what_is_expected_of_it_is_told_before_its_first_turn(one: Competitor) -> None:
    one.train(2.0)
    one.train(4.0)
    kept = store.read_run(one.run_id).forecast
    assert kept is not None
    assert (kept["strategy"], kept["accuracy"]["value"]) == (STRATEGY, 0.9)
    told = events.read_events(one.folder / events.FILE)[0]
    assert [event["kind"] for event in told].count("forecast") == 1


def test_what_ends_by_itself_needs_no_more_time(one: Competitor, engine: FakeEngine) -> None:
    engine.habits[STRATEGY].converged = 2.0
    one.train(10.0)
    assert one.has_ended
    assert one.seconds == 2.0
    assert store.read_run(one.run_id).stop_reason == "converged"
    one.conclude("time")
    assert store.read_run(one.run_id).stop_reason == "converged"


def test_a_failure_is_its_own(one: Competitor, engine: FakeEngine) -> None:
    engine.habits[STRATEGY].error = MemoryError()
    one.train(1.0)
    assert isinstance(one.error, MemoryError)
    state = store.read_run(one.run_id)
    assert state.status == "failed"
    assert state.error is not None
    assert state.error["code"] == "out_of_memory"
    assert one.best is None


def test_a_person_may_stop_it_alone(one: Competitor) -> None:
    one.train(2.0)
    control.write_want(one.folder, "stop")
    assert status(one) == "stopping"
    control_seen = one._wanted  # read at most five times a second
    while control_seen() != "stop":
        pass
    one.notice_stop()
    state = store.read_run(one.run_id)
    assert (state.status, state.stop_reason) == ("stopped", "person")
    assert state.finished is not None


def test_stopped_before_its_first_turn_it_has_no_result(one: Competitor, going: Going) -> None:
    going.on = False
    one.conclude("person")
    state = store.read_run(one.run_id)
    assert (state.status, state.finished) == ("stopped", None)
    assert not one.has_trained


def test_what_has_finished_comes_back_with_its_result(one: Competitor, going: Going) -> None:
    one.train(3.0)
    one.conclude("time")
    before = events.read_events(one.folder / events.FILE)[0]
    writer = events.EventWriter(one.folder / events.FILE)
    again = Competitor(store.read_run(one.run_id), writer, going, lambda: None)
    writer.close()
    assert again.has_ended
    assert (again.seconds, again.best) == (one.seconds, one.best)
    assert again.losses() == pytest.approx(one.losses(), abs=1e-5)
    assert events.read_events(one.folder / events.FILE)[0] == before


def test_no_two_processes_work_on_one_run(
    thaw_home: Path, going: Going, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(competitor, "LOCK_SECONDS", 0.0)
    state = competitor.run_of(store.new_run(RACE), RACE, STRATEGY)
    with ExitStack() as stack:
        assert stack.enter_context(locks.hold(store.run_dir(state.id)))
        with pytest.raises(RunFailed, match="another process"):
            stack.enter_context(competitor.entered(state, going, lambda: None))
