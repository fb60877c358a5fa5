"""Alerts follow the epochs that give rise to them, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.watch.test_inheritance import grounds
from tl_core.runs import events
from tl_core.runs.alarms import LOSSES_FILE, watched
from tl_core.spec import RunSpec

N_VAL = 200


def _tell_epochs(
    folder: Path,
    val_losses: list[float],
    *,
    keep_losses: bool = True,
    ignored_at: int = -1,
    grounds: dict[str, Any] | None = None,
    strategy: str = "full_fine_tune",
) -> list[Any]:
    rng = np.random.default_rng(0)
    (folder / "artifacts").mkdir()
    rows: list[Any] = []
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        tell = watched(writer.emit, RunSpec("train", dataset="d", strategy=strategy), folder)
        if grounds:
            writer.emit("grounds", **grounds)
        for number, loss in enumerate(val_losses):
            rows.append(loss + rng.normal(0, 0.05, N_VAL))
            if keep_losses:
                np.save(folder / LOSSES_FILE, np.array(rows, dtype=np.float32))
            tell(
                "epoch",
                epoch=number,
                phase="full",
                train_loss=1.0 / (number + 1),
                train_accuracy=0.9,
                val_loss=float(np.mean(rows[-1])),
                val_accuracy=max(0.3, 0.9 - 0.05 * max(0, number - 4)),
                lr=0.1,
                seconds=float(number),
            )
            if number == ignored_at:
                writer.emit("action", id="a", action="ignore", alarm="", epoch=number, applied=True)
    return [e for e in events.read_events(folder / events.FILE)[0] if e["kind"] == "alert"]


FALLING = [1.0, 0.8, 0.6, 0.5, 0.4, 0.35, 0.3, 0.26, 0.23, 0.2]
RISING = [1.0, 0.8, 0.6, 0.5, 0.55, 0.65, 0.8, 0.95, 1.1, 1.3]


def test_a_curve_that_turns_up_is_called_overfitting_once(tmp_path: Path) -> None:
    alerts = _tell_epochs(tmp_path, RISING)
    kinds = [alert["alert_kind"] for alert in alerts]
    assert kinds.count("overfitting") == 1
    assert alerts[kinds.index("overfitting")]["text"]


def test_a_falling_curve_is_left_alone(tmp_path: Path) -> None:
    assert _tell_epochs(tmp_path, FALLING) == []


def test_lost_losses_do_not_stop_the_run(tmp_path: Path) -> None:
    assert isinstance(_tell_epochs(tmp_path, FALLING, keep_losses=False), list)
    assert len(events.read_events(tmp_path / events.FILE)[0]) >= len(FALLING)


def test_what_somebody_ignores_stays_untold_for_five_epochs(tmp_path: Path) -> None:
    for name in ("heard", "ignored"):
        (tmp_path / name).mkdir()
    heard = _tell_epochs(tmp_path / "heard", RISING)
    first = next(alert["epoch"] for alert in heard if alert["alert_kind"] == "overfitting")
    rising = [*RISING, 1.5, 1.7, 1.9]
    later = _tell_epochs(tmp_path / "ignored", rising, ignored_at=first - 1)
    told = [alert["epoch"] for alert in later if alert["alert_kind"] == "overfitting"]
    assert told == [first + 5]


def test_what_speaks_against_the_base_is_told_at_the_start_of_what_inherits(tmp_path: Path) -> None:
    for name in ("inherits", "scratch"):
        (tmp_path / name).mkdir()
    told = grounds(shift_late=0.5, source_confidence=0.3)
    alerts = _tell_epochs(tmp_path / "inherits", FALLING, grounds=told)
    assert [(one["epoch"], one["alert_kind"]) for one in alerts] == [(0, "domain_mismatch")]
    scratch = tmp_path / "scratch"
    assert _tell_epochs(scratch, FALLING, grounds=told, strategy="from_scratch") == []


def test_a_leak_is_told_at_the_start_of_every_run(tmp_path: Path) -> None:
    told = grounds(shift_late=0.5, source_confidence=0.3, leak_pairs=4)
    for strategy, kinds in (
        ("full_fine_tune", ["leak", "domain_mismatch"]),
        ("from_scratch", ["leak"]),
    ):
        (tmp_path / strategy).mkdir()
        alerts = _tell_epochs(tmp_path / strategy, FALLING, grounds=told, strategy=strategy)
        assert [(one["epoch"], one["alert_kind"]) for one in alerts] == [(0, k) for k in kinds]
