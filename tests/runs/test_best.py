"""The best epoch: the last that improved, unless it was undone."""

from __future__ import annotations

from typing import Any

from tl_core.runs.best import best_of


def epoch(number: int, *, improved: bool) -> dict[str, Any]:
    return {"epoch": number, "improved": improved, "val_loss": 1 / (number + 1), "val_n": 10}


def test_the_last_epoch_that_improved_is_the_best() -> None:
    told = [epoch(0, improved=True), epoch(1, improved=True), epoch(2, improved=False)]
    best = best_of(told, ())
    assert best is not None
    assert (best["epoch"], best["val_loss"], best["val_accuracy"]["n"]) == (1, 0.5, 10)
    assert best_of([epoch(0, improved=False)], ()) is None


def test_what_was_rolled_back_does_not_count() -> None:
    told = [epoch(n, improved=True) for n in range(5)]
    best = best_of(told, [{"kept": 1, "epoch": 3, "stage": "5"}, {"epoch": 4}])
    assert best is not None
    assert best["epoch"] == 4
    undone = best_of(told[:4], [{"kept": 1, "epoch": 3}])
    assert undone is not None
    assert undone["epoch"] == 1
