"""Races with the real engine on a few small pictures: to the end, through a kill, and stopped."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tl_core import data
from tl_core.errors import InputError
from tl_core.runs import events, launch, locks, race, results, store
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

Eventually = Callable[[Callable[[], Any]], Any]

EDGE = 32
PER_CLASS = 20
STRATEGIES = ("linear_probe", "full_fine_tune", "from_scratch")
MINUTES = 0.1
SLACK = 3.0  # times the budget: an epoch that has begun may end, however busy the machine is
LONG_MINUTES = 5.0  # a race that somebody ends before


@pytest.fixture
def dataset(thaw_home: Path, tmp_path: Path) -> str:
    """Two classes of noise, one a little brighter than the other."""
    rng = np.random.default_rng(0)
    for label, brightness in (("dark", 0), ("light", 24)):
        (tmp_path / "noise" / label).mkdir(parents=True)
        for number in range(PER_CLASS):
            noise = rng.integers(0, 200, (EDGE, EDGE, 3), dtype=np.uint8)
            picture = Image.fromarray(noise + np.uint8(brightness))
            picture.save(tmp_path / "noise" / label / f"{number}.png")
    return data.import_data(tmp_path / "noise").id


@pytest.fixture(autouse=True)
def _no_race_outlives_a_test(thaw_home: Path) -> Iterator[None]:
    yield
    for state in store.list_runs():
        with contextlib.suppress(InputError):
            launch.stop(state.id, force=True, grace_seconds=0.2)


def asked(dataset: str, minutes: float = MINUTES) -> RunSpec:
    return RunSpec(
        kind="race", dataset=dataset, strategies=STRATEGIES, minutes=minutes, size=EDGE, patience=0
    )


def runs(race_id: str) -> dict[str, RunState]:
    return {run.strategy: run for run in store.competitors(store.read_run(race_id))}


def epochs(race_id: str) -> int:
    return sum(len(run.epochs) for run in runs(race_id).values())


def hold(race_id: str, on_event: Callable[[str], None] = lambda kind: None) -> dict[str, Any]:
    """Make one attempt at a race in this process; `on_event` hears what the race tells."""
    folder = store.run_dir(race_id)
    with (
        locks.hold(folder),
        events.EventWriter(folder / events.FILE, new_attempt=True) as writer,
    ):

        def emit(kind: str, /, **fields: Any) -> None:
            writer.emit(kind, **fields)
            on_event(kind)

        emit("started")
        result = race.run_race(store.read_spec(folder), folder, emit, lambda: True)
        emit("finished", **result)
    return result


def check_finished(race_id: str) -> None:
    state = store.read_run(race_id)
    assert state.status == "finished"
    assert state.finished is not None
    ended = runs(race_id)
    assert set(ended) == set(STRATEGIES)
    assert len(store.list_runs()) == 1 + len(STRATEGIES)
    for run in ended.values():
        assert run.status == "finished"
        assert [epoch["epoch"] for epoch in run.epochs] == list(range(len(run.epochs)))
    result = results.race_result(state)
    assert set(result) >= {"runs", "ranking", "verdict"}
    assert {row["strategy"] for row in result["ranking"]} == set(STRATEGIES)
    for row in result["ranking"]:
        assert set(row) >= {"strategy", "accuracy", "minutes", "p_vs_best"}
        assert set(row["accuracy"]) == {"value", "low", "high", "n"}
        assert row["bytes"] > 0
        assert row["trainable_parameters"] > 0


def test_a_race_keeps_to_its_time_and_goes_on_where_it_broke_off(dataset: str) -> None:
    race_id = store.new_run(asked(dataset))

    class Killed(BaseException):
        """The process is gone."""

    standings = itertools.count(1)

    def kill(kind: str) -> None:
        if kind == "standing" and next(standings) == 3:
            raise Killed

    with pytest.raises(Killed):
        hold(race_id, kill)
    assert store.read_run(race_id).status == "interrupted"
    before = {name: run.epochs for name, run in runs(race_id).items()}
    assert any(before.values())
    result = hold(race_id)
    check_finished(race_id)
    assert result["seconds"] <= SLACK * 60 * MINUTES
    for name, run in runs(race_id).items():
        # Whoever had an epoch has it still; what came after the last checkpoint is done again.
        kept = [e for e in run.epochs if e in before[name]]
        assert len(kept) >= len(before[name]) - 1


def test_a_race_whose_worker_was_killed_resumes_to_its_verdict(
    dataset: str, eventually: Eventually
) -> None:
    race_id = launch.start(asked(dataset))
    eventually(lambda: epochs(race_id) >= 3)
    told = events.read_events(store.run_dir(race_id) / events.FILE)[0]
    os.kill([e["pid"] for e in told if e["kind"] == "started"][-1], signal.SIGKILL)
    eventually(lambda: store.read_run(race_id).status == "interrupted")
    assert {run.status for run in runs(race_id).values()} <= {"interrupted", "finished"}
    before = epochs(race_id)
    launch.resume(race_id)
    eventually(lambda: not store.read_run(race_id).is_active)
    check_finished(race_id)
    assert epochs(race_id) >= before - 1


def test_a_person_s_stop_ends_all_with_their_best(dataset: str, eventually: Eventually) -> None:
    race_id = launch.start(asked(dataset, LONG_MINUTES))
    eventually(lambda: len({name for name, run in runs(race_id).items() if run.epochs}) >= 2)
    launch.stop(race_id)
    eventually(lambda: not store.read_run(race_id).is_active)
    state = store.read_run(race_id)
    assert state.status == "stopped"
    assert state.stop_reason == "person"
    assert {run.status for run in runs(race_id).values()} <= {"stopped", "finished"}
    result = results.race_result(state)
    assert len(result["ranking"]) >= 2
    for row in result["ranking"]:
        assert (store.run_dir(row["run"]) / race.WEIGHTS_FILE).is_file()
