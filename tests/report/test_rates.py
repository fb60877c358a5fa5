"""The strip of learning rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tl_core.report import rates
from tl_core.report.theme import LIGHT

Make = Callable[..., Any]


def test_rates_are_steps_over_their_epochs(run: Make) -> None:
    epochs, _thaws, _best = run([2.0, 1.0, 0.8, 0.7])
    for epoch, rate in zip(epochs[2:], [1e-3, 5e-4], strict=True):
        epoch["lr"] = rate
    epochs[1]["phase"] = "head"

    (trace,) = rates.steps(epochs, LIGHT)

    assert trace["line"]["shape"] == "vh"
    assert (trace["x"], trace["y"]) == ([1, 2, 3], [1e-3, 1e-3, 5e-4])
    assert rates.said(epochs) == ["The learning rate began at 0.001 and is 0.0005 now."]


def test_the_axis_stays_while_rates_fall(run: Make) -> None:
    epochs, _thaws, _best = run([2.0, 1.0, 0.8, 0.7])
    early = rates.axes(epochs[:2], LIGHT)
    epochs[3]["lr"] = 1e-9

    assert rates.axes(epochs, LIGHT) == early
    assert early["yaxis2"]["range"] == [-6, -3]


def test_where_there_is_no_rate_it_says_why(run: Make) -> None:
    epochs, _thaws, _best = run([2.0, 1.0])
    epochs[1]["phase"] = "head"

    (empty,) = rates.steps(epochs, LIGHT)
    assert (empty["x"], empty["yaxis"]) == ([None], "y2"), "it keeps the axis below it"
    assert rates.said(epochs) == []
    words = [note["text"] for note in rates.names(epochs, LIGHT)]
    assert words == ["learning rate", "none: the last layer finds its own steps"]
