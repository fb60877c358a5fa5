"""Time left and giving up are told in plain numbers and words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tl_core.engine import record
from tl_core.engine.checkpoint import Progress
from tl_core.engine.strategies import Phase
from tl_core.spec import RunSpec


def _run(progress: Progress, minutes: float | None = None) -> tuple[Any, list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []

    def emit(event: str, /, **fields: Any) -> None:
        told.append({"event": event, **fields})

    run = record.Run(
        spec=RunSpec("train", dataset="d", minutes=minutes),
        bench=SimpleNamespace(),  # type: ignore[arg-type]
        plan=(Phase("head", 4), Phase("full", 6)),
        folder=Path(),
        emit=emit,
        should_continue=lambda: True,
        progress=progress,
        frozen=None,
        strategy="full_fine_tune",
        accelerator=SimpleNamespace(),  # type: ignore[arg-type]
        source=SimpleNamespace(),  # type: ignore[arg-type]
    )
    return run, told


def test_time_left_follows_the_pace_over_the_phases_to_come() -> None:
    run, _ = _run(Progress(phase=1, phase_epoch=2, epoch=6))
    assert record._time_left(run, seconds=12.0) == pytest.approx(4 * 2.0)
    run, _ = _run(Progress(phase=0, phase_epoch=1, epoch=1))
    assert record._time_left(run, seconds=3.0) == pytest.approx(9 * 3.0)


def test_time_left_is_unknown_before_the_first_epoch_and_bounded_by_the_limit() -> None:
    run, _ = _run(Progress(epoch=0))
    assert record._time_left(run, seconds=1.0) is None
    run, _ = _run(Progress(epoch=5, phase_epoch=1), minutes=1.0)
    assert record._time_left(run, seconds=59.0) == pytest.approx(1.0)


def test_a_run_that_ran_away_says_so() -> None:
    run, told = _run(Progress(epoch=3))
    record.give_up(run)
    assert run.progress.stop_reason == "nan"
    assert (told[0]["event"], told[0]["kind"], told[0]["epoch"]) == ("alert", "nan", 4)


def test_a_pause_is_not_training_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 160.0, 165.0, 170.0])
    monkeypatch.setattr(record.time, "monotonic", lambda: next(clock))
    run, _ = _run(Progress(seconds=2.0))
    run.began = 97.0
    assert run.halt() == ""  # asked at 100, answered at 160
    assert run.seconds() == pytest.approx(2.0 + 170.0 - 97.0 - 60.0)


def test_a_run_halts_for_a_person_first_then_for_time_then_for_its_turn() -> None:
    run, _ = _run(Progress(seconds=30.0), minutes=1.0)
    run.began = record.time.monotonic()
    assert run.halt() == ""
    run.deadline = 29.0
    assert run.halt() == ""  # a turn goes on by a step at least
    run.progress.step = 1
    assert run.halt() == "turn"
    run.progress.seconds = 61.0
    assert run.halt() == "time"
    run.should_continue = lambda: False
    assert run.halt() == "person"


def test_speed_is_told_of_batches_and_not_of_kept_features() -> None:
    run, _ = _run(Progress(phase=1, step_examples=300, step_seconds=2.0))
    assert record._speed(run) == pytest.approx(150.0)
    run, _ = _run(Progress(phase=1))
    assert record._speed(run) is None
    run.plan = (Phase("head", 4, head_steps=(5,)),)
    run.progress = Progress(step_examples=300, step_seconds=2.0)
    assert record._speed(run) is None
