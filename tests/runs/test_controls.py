"""The control arm: what is asked for, who its partner is, and the verdict in both logs."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.runs.telling import tell
from tl_core.engine.compare import PREDICTIONS_FILE
from tl_core.errors import InputError
from tl_core.runs import controls, events, launch, locks, results, store
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

SPEC = RunSpec(
    kind="train",
    dataset="d",
    strategy="full_fine_tune",
    size=64,
    seed=7,
    epochs=9,
    patience=3,
    minutes=2.0,
    val_fraction=0.3,
    revision=4,
    retention="l2_sp",
)
N = 40
RAW = {"value": 0.3, "low": 0.2, "high": 0.42, "n": 60}

pytestmark = pytest.mark.usefixtures("thaw_home")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """Start no process; remember what was asked for."""
    asked: list[RunSpec] = []

    def start(spec: RunSpec, **_more: Any) -> str:
        asked.append(spec)
        return store.new_run(spec)

    monkeypatch.setattr(launch, "start", start)
    return asked


def predict(run_id: str, right: int, *, first: str = "a") -> None:
    """Have a run be right on the first so many validation examples."""
    path = store.run_dir(run_id) / PREDICTIONS_FILE
    path.parent.mkdir(exist_ok=True)
    rows = [f"{first}{i},{i}.png,cat,{'cat' if i < right else 'dog'},0.9" for i in range(N)]
    path.write_text("\n".join(["key,name,label,predicted,probability", *rows]) + "\n")


def end(run_id: str, reason: str = "patience", kind: str = "finished") -> None:
    accuracy = {"value": 0.5, "low": 0.4, "high": 0.6, "n": N}
    best = {"epoch": 1, "val_loss": 0.4, "val_accuracy": accuracy}
    tell(run_id, (kind, {"stop_reason": reason, "best": best}), new_attempt=False)


def begin(spec: RunSpec = SPEC, *more: tuple[str, dict[str, Any]]) -> str:
    run_id = store.new_run(spec)
    epochs = [
        ("epoch", {"epoch": n, "phase": "full", "val_loss": 1 / (n + 1), "thawed": []})
        for n in range(3)
    ]
    tell(run_id, "launched", "started", *more, *epochs)
    return run_id


def judged(run_id: str, reason: str = "patience") -> RunState:
    """Let a run come to its end as its worker does."""
    folder = store.run_dir(run_id)
    with locks.hold(folder), events.EventWriter(folder / events.FILE) as writer:
        controls.judge(run_id, {"stop_reason": reason, "best": {"epoch": 2}}, writer.emit)
    end(run_id, reason, "stopped" if reason == "person" else "finished")
    return store.read_run(run_id)


def pair(*, base: int, scratch: int, grounds: dict[str, Any] | None = None) -> tuple[str, str]:
    """Return an ended run and its control, which is about to end."""
    run = begin(SPEC, *([("grounds", grounds)] if grounds else []))
    predict(run, base)
    end(run)
    control = begin(controls.request(store.read_run(run)))
    predict(control, scratch)
    return run, control


def test_a_control_differs_in_what_it_inherits_alone(started: list[RunSpec]) -> None:
    run = begin()
    control = store.read_run(controls.start(run))
    assert started == [control.spec]
    assert control.spec == dataclasses.replace(
        SPEC, strategy="from_scratch", control_of=run, retention="none"
    )
    assert controls.partner(store.read_run(run)) == control
    assert controls.partner(control) == store.read_run(run)


def test_asked_for_again_it_is_the_same_while_it_goes_on_or_has_ended_well(
    started: list[RunSpec],
) -> None:
    run = begin()
    first = controls.start(run)
    assert controls.start(run) == first
    tell(first, "started")
    end(first)
    assert controls.start(run) == first
    tell(first, "launched", "started", ("failed", {"code": "x", "message": "", "fix": ""}))
    second = controls.start(run)
    assert second != first
    assert len(started) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strategy": "from_scratch"}, "inherits nothing"),
        ({"strategy": "from_scratch", "control_of": "other"}, "inherits nothing"),
        ({"kind": "evidence"}, "Only a training run"),
    ],
)
def test_what_can_have_no_control_is_refused(
    started: list[RunSpec], changes: dict[str, Any], words: str
) -> None:
    run = store.new_run(dataclasses.replace(SPEC, **changes))
    with pytest.raises(InputError, match=words):
        controls.start(run)
    assert not started


def test_a_race_has_its_own_control(started: list[RunSpec]) -> None:
    run = store.new_run(SPEC, race="20260101-000000-d-0000")
    with pytest.raises(InputError, match="takes part in a race"):
        controls.start(run)
    with pytest.raises(InputError, match="no run"):
        controls.start("20260101-000000-d-0000")


def test_a_base_that_hurts_is_an_alarm_in_both_logs() -> None:
    run, control = pair(base=20, scratch=38)
    for state, other in ((judged(control), run), (store.read_run(run), control)):
        found = state.control or {}
        assert state.status == "finished"
        assert (found["run"], found["verdict"]) == (other, "hurts")
        assert (found["only_base"], found["only_scratch"]) == (0, 18)
        assert found["p"] == pytest.approx(2 / 2**18)
        assert found["difference"]["value"] == pytest.approx(-0.45)
        assert found["difference"]["low"] < -0.45 < found["difference"]["high"] < 0
        assert found["base"]["value"] == 0.5
        assert found["raw"] is None
        assert not found["is_cut"]
        (alert,) = state.alerts
        assert (alert["kind"], alert["epoch"]) == ("negative_transfer", 2)
        assert alert["text"].startswith("What the base brings hurts here")
        assert found["text"] == alert["text"]
        told = results.result(state)
        assert told["control"]["verdict"] == "hurts"
        assert [one["kind"] for one in told["alerts"]] == ["negative_transfer"]
    assert results.result(store.read_run(control))["control_of"] == run


def test_whoever_ends_last_compares() -> None:
    run, control = begin(), ""
    predict(run, 38)
    control = begin(controls.request(store.read_run(run)))
    predict(control, 20)
    assert judged(control).control is None
    assert judged(run).control is not None
    found = store.read_run(control).control or {}
    assert (found["verdict"], found["run"]) == ("helps", run)
    assert store.read_run(control).alerts == ()


@pytest.mark.parametrize(("scratch", "verdict"), [(35, "not_proven"), (34, "helps")])
def test_six_answers_more_prove_it_and_five_do_not(scratch: int, verdict: str) -> None:
    """Of the exact McNemar test: 2 / 2^5 = 0.0625 and 2 / 2^6 = 0.031."""
    _run, control = pair(base=40, scratch=scratch)
    assert (judged(control).control or {})["verdict"] == verdict


def test_raw_pixels_and_a_stop_by_hand_are_named() -> None:
    grounds = {"raw": RAW, "raw_name": "pixels"}
    _run, control = pair(base=38, scratch=36, grounds=grounds)
    state = judged(control, "person")
    found = state.control or {}
    assert state.status == "stopped"
    assert found["is_cut"]
    assert (found["raw"]["verdict"], found["raw"]["accuracy"]) == ("helps", RAW)
    assert "By raw pixels alone 30 % of the training examples" in found["text"]
    assert "stopped by hand" in found["text"]


def test_nothing_is_compared_that_was_judged_on_other_examples() -> None:
    run, control = pair(base=20, scratch=38)
    predict(control, 38, first="b")
    assert judged(control).control is None
    assert store.read_run(run).control is None


def test_what_cannot_be_read_costs_nobody_the_run(caplog: pytest.LogCaptureFixture) -> None:
    run, control = pair(base=20, scratch=38)
    (store.run_dir(run) / PREDICTIONS_FILE).unlink()
    assert judged(control).status == "finished"
    assert "could not be compared" in caplog.text


def test_a_run_that_goes_on_forgets_the_verdict() -> None:
    run, control = pair(base=20, scratch=38)
    judged(control)
    tell(run, "launched", "started")
    state = store.read_run(run)
    assert state.control is None
    assert state.alerts == ()
    assert controls.told(state) == {"run": control, "status": "finished", "verdict": None}


def test_a_later_verdict_takes_the_place_of_an_earlier_one() -> None:
    run, control = pair(base=20, scratch=38)
    judged(control)
    tell(control, "launched", "started")
    predict(control, 20)
    judged(control)
    state = store.read_run(run)
    assert (state.control or {})["verdict"] == "not_proven"
    assert state.alerts == ()


def test_who_is_deleted_is_no_partner() -> None:
    run, control = pair(base=20, scratch=38)
    end(control)
    store.delete_run(run)
    assert controls.partner(store.read_run(control)) is None
    assert controls.told(store.read_run(control)) is None


def test_a_run_being_worked_on_again_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controls, "LOCK_SECONDS", 0.0)
    run, control = pair(base=20, scratch=38)
    with locks.hold(store.run_dir(run)):
        assert judged(control).control is not None
    assert store.read_run(run).control is None
