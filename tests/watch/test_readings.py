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
