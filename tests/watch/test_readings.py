"""How accuracies are read and said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tl_core.watch import readings


def test_an_accuracy_without_interval_is_its_own_interval() -> None:
    assert readings.share_of({"value": 0.9, "low": None}) == readings.Share(0.9, 0.9, 0.9)
    assert readings.share_of({"value": None}) is None
    assert readings.share_of(None) is None


def test_an_accuracy_is_said_as_a_count() -> None:
    told = readings.right_on(readings.Share(0.95, 0.908, 0.971))

    assert told == "95 % of the validation examples (91 to 97)"


def test_the_best_is_that_of_the_state(
    state: Callable[..., Any], epochs: Callable[..., Any]
) -> None:
    run = state(epochs=epochs([2.0, 0.5, 0.7], accuracy=[0.1, 0.9, 0.95]))

    best = readings.best_share(run)

    assert best is not None
    assert best.value == 0.9
    assert readings.share_at(run.epochs[2]).value == 0.95


def test_when_a_loss_was_lost(state: Callable[..., Any], epochs: Callable[..., Any]) -> None:
    told = epochs([2.0, 0.5, 0.7])
    alert = {"epoch": 3, "kind": "nan", "text": "…"}
    wanted = {"now": "3", "last": "2", "loss": "0.70"}
    assert readings.when_lost(state(epochs=told, alerts=[alert])) == wanted
    assert readings.when_lost(state(epochs=told)) == wanted
    told[-1]["val_loss"] = float("inf")
    assert readings.when_lost(state(epochs=told)) == {"now": "2", "last": "1", "loss": "0.50"}
    assert readings.when_lost(state()) == {"now": "1", "last": "0", "loss": "–"}
