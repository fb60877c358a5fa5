"""Folding: statuses, curves over attempts, and whatever a log may throw at it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.foretold import advice, forecast
from tl_core.runs.events import Event
from tl_core.runs.fold import START_SECONDS, Fold
from tl_core.runs.state import RunState
from tl_core.runs.store import derive_status
from tl_core.spec import RunSpec

SPEC = RunSpec(kind="train", dataset="d")


def log(*told: tuple[str, dict[str, Any]] | str, t: float = 100.0) -> list[Event]:
    """Make events one second apart; `started` begins a new attempt."""
    events: list[Event] = []
    attempt = 0
    for number, entry in enumerate(told):
        kind, fields = (entry, {}) if isinstance(entry, str) else entry
        attempt += kind == "started"
        envelope = {"v": 1, "seq": number + 1, "t": t + number, "attempt": attempt, "kind": kind}
        events.append(fields | envelope)
    return events


def epoch(number: int, **fields: Any) -> tuple[str, dict[str, Any]]:
    values = {"phase": "head", "val_loss": 1 / (number + 1), "improved": True, "thawed": []}
    return "epoch", values | {"epoch": number} | fields


def state(events: list[Event], status: str = "running", now: float = 0.0) -> RunState:
    return Fold.of(events).state("id", SPEC, status, now)


@pytest.mark.parametrize(
    ("told", "locked", "want", "status"),
    [
        ((), False, "run", "queued"),
        (("created",), False, "run", "queued"),
        (("created",), False, "stop", "queued"),
        (("created", "launched"), False, "run", "queued"),
        (("created", "launched"), True, "run", "queued"),
        (("created", "launched"), False, "stop", "stopping"),
        (("created", "launched", "started"), True, "run", "running"),
        (("created", "launched", "started"), True, "pause", "running"),
        (("created", "launched", "started"), True, "stop", "stopping"),
        (("created", "launched", "started"), False, "run", "interrupted"),
        (("created", "launched", "started"), False, "stop", "interrupted"),
        (("started", "waiting"), True, "run", "queued"),
        (("started", "waiting"), True, "stop", "stopping"),
        (("started", "waiting"), False, "run", "interrupted"),
        (("started", "waiting", "ready"), True, "run", "running"),
        (("started", "paused"), True, "pause", "paused"),
        (("started", "paused"), True, "stop", "stopping"),
        (("started", "paused"), False, "pause", "interrupted"),
        (("started", "paused", "resumed"), True, "run", "running"),
        (("started", "finished"), False, "run", "finished"),
        (("started", "finished"), True, "stop", "finished"),
        (("started", "stopped"), False, "stop", "stopped"),
        (("started", "failed"), False, "run", "failed"),
        (("started", "failed", "launched"), False, "run", "queued"),
        (("started", "stopped", "launched", "started"), True, "run", "running"),
        (("started", "stopped", "launched", "started"), False, "run", "interrupted"),
        (("started", "finished", "phase", "resumed"), True, "run", "finished"),
        (("started", "unheard_of"), True, "run", "running"),
    ],
)
def test_status(told: tuple[str, ...], locked: bool, want: Any, status: str) -> None:
    assert derive_status(log(*told), locked, want) == status


def test_a_launch_that_nobody_takes_up_is_interrupted_after_a_while() -> None:
    events = log("created", "launched")
    launched = events[-1]["t"]
    assert derive_status(events, False, "run", now=launched + START_SECONDS - 1) == "queued"
    assert derive_status(events, False, "run", now=launched + START_SECONDS) == "interrupted"
    assert derive_status(events[:1], False, "run", now=launched + 1e6) == "queued"


def test_batches_are_known_while_their_epoch_runs() -> None:
    def step(done: int, loss: float | None) -> tuple[str, dict[str, Any]]:
        return "step", {"what": "batches", "done": done, "total": 4, "epoch": 2, "loss": loss}

    begun = ["created", "launched", "started", epoch(0, phase="before"), epoch(1)]
    now = state(log(*begun, step(1, 0.9), step(2, 0.8), step(2, 0.7)))
    assert now.progress is not None
    assert now.progress["losses"] == ({"at": 1.25, "loss": 0.9}, {"at": 1.5, "loss": 0.7})
    untold = state(log(*begun, step(3, None)))
    assert untold.progress == {"what": "batches", "done": 3, "total": 4}
    later = "step", {"what": "batches", "done": 1, "total": 4, "epoch": 3, "loss": 0.6}
    now = state(log(*begun, step(1, 0.9), epoch(2), later))
    assert now.progress is not None
    assert now.progress["losses"] == ({"at": 2.25, "loss": 0.6},)


def test_a_curve_adds_up() -> None:
    events = log(
        ("created", {"base": "b"}),
        "launched",
        "started",
        ("phase", {"phase": "head", "what": "Training", "stages": ["a", "b"], "thawed": []}),
        epoch(0, phase="before"),
        ("step", {"what": "batches", "done": 2, "total": 5}),
        epoch(1, val_accuracy=0.5, val_low=0.4, val_high=0.6, val_n=10),
        ("phase", {"phase": "thaw:b", "what": "More", "thawed": ["b"]}),
        ("thaw", {"epoch": 1, "stage": "b"}),
        epoch(2, phase="thaw:b", improved=False, thawed=["b"]),
        ("alert", {"epoch": 2, "alert_kind": "plateau", "text": "Flat."}),
    )
    now = state(events)
    assert [e["epoch"] for e in now.epochs] == [0, 1, 2]
    assert now.epochs[1]["val_n"] == 10
    assert now.best == {
        "epoch": 1,
        "val_loss": 0.5,
        "val_accuracy": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10},
    }
    assert (now.phase, now.what, now.thawed, now.stages) == ("thaw:b", "More", ("b",), ("a", "b"))
    assert now.progress is None
    assert now.alerts == ({"epoch": 2, "kind": "plateau", "text": "Flat.", "attempt": 1},)
    assert [(m["epoch"], m["stage"]) for m in now.thaws] == [(1, "b")]
    assert (now.created, now.last_seq, now.attempt, now.bad_lines) == (100.0, 11, 1, 0)
    assert now.finished is None
    assert now.stop_reason is None


def test_a_rollback_freezes_the_stage_again() -> None:
    events = log(
        "started",
        ("phase", {"phase": "thaw:b", "thawed": ["b"], "stages": ["a", "b"]}),
        ("thaw", {"epoch": 1, "stage": "b"}),
        ("rollback", {"epoch": 2, "stage": "b"}),
    )
    assert state(events).thawed == ()
    assert [m["stage"] for m in state(events).rollbacks] == ["b"]


def test_the_end_brings_the_results() -> None:
    results = {"stop_reason": "patience", "best": {"epoch": 1}, "seconds": 9.0}
    now = state(log("started", epoch(1), ("finished", results)), "finished")
    assert now.stop_reason == "patience"
    assert now.best == {"epoch": 1}
    assert now.finished == results
    assert now.error is None


def test_a_stopped_run_has_results_only_if_it_brought_some() -> None:
    with_best = {"stop_reason": "person", "best": {"epoch": 0}}
    assert state(log("started", ("stopped", with_best)), "stopped").finished == with_best
    without = state(log("started", ("stopped", {"stop_reason": "person"})), "stopped")
    assert without.finished is None
    assert without.stop_reason == "person"


def test_a_new_launch_forgets_how_the_last_attempt_ended() -> None:
    told = {"code": "disk_full", "message": "Full.", "fix": "Free some."}
    failed = log("started", ("failed", told))
    assert state(failed, "failed").error == told
    again = state(log("started", ("failed", told), "launched"), "queued")
    assert again.error is None
    assert again.finished is None


def test_resuming_drops_what_the_checkpoint_does_not_know() -> None:
    events = log(
        "started",
        *(epoch(n) for n in range(5)),
        ("thaw", {"epoch": 1, "stage": "b"}),
        ("thaw", {"epoch": 4, "stage": "a"}),
        ("alert", {"epoch": 4, "alert_kind": "plateau", "text": "Flat."}),
        "launched",
        "started",
        ("resumed", {"epoch": 2}),
    )
    now = state(events)
    assert [e["epoch"] for e in now.epochs] == [0, 1, 2]
    assert now.best is not None
    assert now.best["epoch"] == 2
    assert [m["stage"] for m in now.thaws] == ["b"]
    assert now.alerts == ()
    more = log("started", *(epoch(n) for n in range(3)), "started", ("resumed", {"epoch": 1}))
    more += log("started", "started", epoch(2, val_loss=0.1), epoch(3))[2:]
    assert [(e["epoch"], e["attempt"]) for e in state(more).epochs] == [
        (0, 1),
        (1, 1),
        (2, 2),
        (3, 2),
    ]


def test_an_attempt_without_a_checkpoint_begins_anew() -> None:
    events = log(
        "started",
        *(epoch(n) for n in range(3)),
        ("alert", {"epoch": 2, "alert_kind": "plateau", "text": "Flat."}),
        "started",
        epoch(0),
    )
    assert [(e["epoch"], e["attempt"]) for e in state(events).epochs] == [(0, 2)]
    assert state(events).alerts == ()


def test_the_end_of_a_pause_drops_nothing() -> None:
    events = log("started", epoch(0), epoch(1), "paused", "resumed", epoch(2))
    assert [e["epoch"] for e in state(events).epochs] == [0, 1, 2]


def test_a_mark_told_twice_counts_once() -> None:
    thaw = ("thaw", {"epoch": 1, "stage": "b"})
    events = log("started", thaw, "started", ("resumed", {"epoch": 1}), thaw)
    assert [(m["epoch"], m["stage"], m["attempt"]) for m in state(events).thaws] == [(1, "b", 2)]


def test_time_counts_only_while_at_work() -> None:
    events = log("created", "launched", "started", "waiting", "ready", "paused", "resumed", "phase")
    assert state(events).seconds == pytest.approx(1 + 1 + 1)
    running = state(events, "running", now=events[-1]["t"] + 10)
    assert running.seconds == pytest.approx(13)
    assert state(events, "interrupted", now=events[-1]["t"] + 10).seconds == pytest.approx(3)


def test_time_does_not_count_while_dead() -> None:
    killed = log("started", epoch(0))
    later = log("launched", "started", epoch(1), t=10_000.0)
    ended = log(("stopped", {"stop_reason": "person", "was_dead": True}), t=20_000.0)
    assert state(killed + later).seconds == pytest.approx(2)
    assert state(killed + ended, "stopped").seconds == pytest.approx(1)


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": "epoch"},
        {"kind": "epoch", "epoch": "x", "seq": 9, "t": 1.0, "attempt": 1},
        {"kind": "epoch", "epoch": 1, "seq": None, "t": "now", "attempt": 1},
        {"kind": "thaw", "seq": 9, "t": 1.0, "attempt": 1},
        {"kind": "alert", "epoch": 1, "seq": 9, "t": 1.0, "attempt": 1},
        {"kind": "step", "seq": 9, "t": 1.0, "attempt": 1},
        {"kind": "phase", "phase": "x", "stages": 3, "seq": 9, "t": 1.0, "attempt": 1},
    ],
)
def test_a_malformed_event_is_counted_and_survived(broken: Event) -> None:
    events = [*log("started", epoch(0)), broken, *log("started", epoch(0), epoch(1))[2:]]
    now = state(events)
    assert [e["epoch"] for e in now.epochs] == [0, 1]
    assert now.bad_lines == 1


def test_folding_on_equals_folding_at_once() -> None:
    events = log("created", "started", epoch(0), epoch(1), "started", ("resumed", {"epoch": 0}))
    piecewise = Fold()
    for event in events:
        piecewise.add(event)
        piecewise.state("id", SPEC, "running", 0.0)
    assert piecewise.state("id", SPEC, "running", 0.0) == state(events)


def test_a_forecast_is_kept_with_the_seconds_before_it() -> None:
    told = forecast("lora")
    kept = state(log("created", "started", ("phase", {"phase": "probe"}), ("forecast", told)))
    assert kept.forecast == told | {"after_seconds": 2.0}
    assert state(log("created", "started")).forecast is None


def test_a_plan_is_a_forecast_and_a_damaged_one_is_passed_over() -> None:
    planned = state(log("started", ("plan", {"strategy": "lora", "advice": advice("lora")})))
    assert planned.forecast == forecast("lora") | {"after_seconds": 1.0}
    for damage in ({"minutes": 0}, {"minutes": "x"}, {"accuracy": {"value": 0.9}}):
        damaged = state(log("started", ("forecast", forecast("lora") | damage)))
        assert (damaged.forecast, damaged.bad_lines) == (None, 1)


def test_the_strategy_is_the_planned_one() -> None:
    plan = ("plan", {"strategy": "linear_probe", "advice": {"confidence": "high"}})
    assert state(log("started")).strategy == "auto"
    planned = state(log("started", plan))
    assert planned.strategy == "linear_probe"
    assert planned.plan == plan[1]
    measuring = RunSpec(kind="evidence", dataset="d")
    assert Fold.of(log("started")).state("id", measuring, "running", 0.0).strategy == ""


def test_every_prefix_of_a_log_has_a_state() -> None:
    kinds = ("created", "launched", "started", "waiting", "paused", "resumed", "failed")
    for told in itertools.product(kinds, repeat=3):
        for locked in (False, True):
            status = derive_status(log(*told), locked, "run")
            assert state(log(*told), status).status == status


def test_a_run_knows_its_race_and_a_race_how_all_stand() -> None:
    rows = [{"strategy": "lora", "run": "r", "is_racing": True}]
    told = log(
        ("created", {"race": "the-race"}),
        "started",
        ("standing", {"round": 0, "rounds": 2, "competitors": rows}),
        ("standing", {"round": 1, "rounds": 2, "competitors": rows}),
    )
    found = state(told)
    assert found.race == "the-race"
    assert found.standing == {"round": 1, "rounds": 2, "competitors": rows}
    plain = state(log("created", "started"))
    assert (plain.race, plain.standing) == ("", None)


def test_an_action_is_told_once_however_often_a_kill_has_it_done_again() -> None:
    asked = {"id": "a", "action": "lower_lr", "alarm": "", "applied": True, "text": "Slower."}
    halved = {"action": "halve_batch", "text": "Halved."}
    told = log(
        "started",
        epoch(0),
        ("action", halved),
        ("action", asked | {"epoch": 0}),
        ("action", asked | {"id": "b", "epoch": 0}),
        "started",
        ("resumed", {"epoch": 0}),
        ("action", asked | {"epoch": 1}),
    )
    found = state(told)
    assert [(a["id"], a["epoch"]) for a in found.actions] == [("b", 0), ("a", 1)]
    assert len(found.decisions) == 3


def test_what_a_person_undid_is_no_longer_the_best() -> None:
    better = [epoch(n, val_loss=1.0 - 0.1 * n, improved=True) for n in range(4)]
    back = {"epoch": 3, "stage": "7", "thawed": [], "kept": 1}
    assert state(log("started", *better)).best["epoch"] == 3  # type: ignore[index]
    undone = state(log("started", *better, ("rollback", back)))
    assert undone.best["epoch"] == 1  # type: ignore[index]
    later = epoch(4, val_loss=0.85, improved=True)
    assert state(log("started", *better, ("rollback", back), later)).best["epoch"] == 4  # type: ignore[index]


def test_a_first_look_is_kept_as_it_was_told() -> None:
    seen = {"n": 32, "distance": "far", "source_confidence": 0.3}
    assert state(log("started")).first_look is None
    assert state(log("started", ("first_look", seen))).first_look == seen


def test_what_speaks_against_the_base_is_kept_from_either_event() -> None:
    grounds = {"linear_probe": 0.5, "least_lead": 0.02}
    plan = {"strategy": "lora", "advice": advice() | {"grounds": grounds}}
    assert state(log("started")).grounds is None
    assert state(log("started", ("grounds", grounds))).grounds == grounds
    assert state(log("started", ("plan", plan))).grounds == grounds


def test_a_verdict_counts_until_its_run_goes_on() -> None:
    told = {"run": "other", "verdict": "hurts"}
    alarm = {"epoch": 0, "alert_kind": "negative_transfer", "text": "…"}
    events = log(
        "started", ("alert", alarm), ("finished", {"stop_reason": "done"}), ("control", told),
        ("alert", alarm | {"epoch": 3, "control": "other"}),
    )  # fmt: skip
    kept = state(events)
    assert (kept.control, len(kept.alerts), kept.finished is not None) == (told, 2, True)
    again = log("launched", "started", t=500.0)
    gone = state([*events, *again])
    assert gone.control is None
    assert [alert["epoch"] for alert in gone.alerts] == [0]
