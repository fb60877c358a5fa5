"""What was foretold of a run, what came of it, and which runs say nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.foretold import Told, advice, end, forecast, share
from tl_core.runs import events, results, store
from tl_core.runs.fold import Fold
from tl_core.runs.forecast import checked, from_advice, judged, outcome, past, told
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec


def run(*events_told: Told, forecast_told: bool = True, **asked: Any) -> RunState:
    """Return a run that was foretold and then told `events_told`."""
    asked = {"kind": "train", "dataset": "d", "strategy": "lora"} | asked
    run_id = store.new_run(RunSpec(**asked))
    with events.EventWriter(store.run_dir(run_id) / events.FILE, new_attempt=True) as writer:
        writer.emit("started")
        for kind, fields in ([("forecast", forecast())] if forecast_told else []) + [*events_told]:
            writer.emit(kind, **fields)
    return store.read_run(run_id)


@pytest.fixture(autouse=True)
def _home(thaw_home: Any) -> None:
    """Each test has its own runs."""


def test_a_forecast_is_taken_from_the_advice_of_its_strategy() -> None:
    assert from_advice(advice("lora"), "lora") == forecast("lora")
    assert from_advice(advice("lora"), "linear_probe") is None
    assert from_advice({}, "lora") is None


@pytest.mark.parametrize("lacking", list(forecast()))
def test_a_forecast_that_lacks_something_is_refused(lacking: str) -> None:
    fields = forecast()
    del fields[lacking]
    with pytest.raises(KeyError):
        checked(fields)


def test_an_outcome_joins_what_was_told_and_what_was_reached() -> None:
    found = outcome(run(end(0.92, test_accuracy=share(0.9, 50))))
    assert found is not None
    assert (found.expected.low, found.reached.value, found.held) == (0.86, 0.92, True)
    assert found.test is not None
    assert found.test.n == 50
    assert (found.level, found.follows, found.cut) == (0.8, True, "")
    assert found.rules == ("r1", "r2")
    assert 0 <= found.minutes < 1


def test_a_measured_expectation_is_told_at_95_percent() -> None:
    state = run(("forecast", forecast(known="measured")), end(0.99))
    found = outcome(state)
    assert found is not None
    assert (found.level, found.held) == (0.95, False)


def test_only_time_after_the_forecast_counts() -> None:
    spec = RunSpec(kind="train", dataset="d")
    kinds: list[tuple[float, str, dict[str, Any]]] = [
        (0, "started", {}),
        (100, "plan", {"strategy": "lora", "advice": advice("lora")}),
        (220, "paused", {}),
        (500, "resumed", {}),
        (560, *end()),
    ]
    log = [
        fields | {"v": 1, "seq": n, "t": 1000.0 + t, "attempt": 1, "kind": kind}
        for n, (t, kind, fields) in enumerate(kinds, 1)
    ]
    found = outcome(Fold.of(log).state("id", spec, "finished", 0.0))
    assert found is not None
    assert found.minutes == 3.0


def test_programs_read_the_forecast_before_and_after_the_end() -> None:
    going = told(run())
    assert going is not None
    assert (going["accuracy"]["low"], going["level"], going["reached"]) == (0.86, 0.8, None)
    ended = results.result(run(end(0.8)))["forecast"]
    assert (ended["reached"]["value"], ended["held"], ended["follows"]) == (0.8, False, True)
    assert ended.keys() == going.keys()
    assert "after_seconds" not in ended
    json.dumps(ended, allow_nan=False)
    assert told(run(end(), forecast_told=False)) is None


def test_runs_that_say_nothing_are_left_out_with_the_reason() -> None:
    stopped: Told = ("stopped", end(0.9, stop_reason="person")[1])
    run(end())
    run(end(stop_reason="epochs"))
    run(end(stop_reason="epochs"), epochs=2)
    run(end(stop_reason="time"), minutes=1.0)
    run(stopped)
    run(("stopped", {"stop_reason": "person"}))
    run(("failed", {"code": "x", "message": "m", "fix": "f"}))
    run(end(), forecast_told=False)
    run()  # interrupted: it may go on
    run(end(), kind="evidence")
    found = past(j for j in map(judged, store.list_runs()) if j)
    assert len(found.outcomes) == 2
    assert found.left_out == {"epochs": 1, "time": 1, "person": 2, "failed": 1, "unforetold": 1}
