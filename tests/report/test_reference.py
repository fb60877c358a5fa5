"""The line to beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.report import reference
from tl_core.report.reference import Reference
from tl_core.report.theme import LIGHT

Make = Callable[..., Any]


def test_the_head_alone_is_the_line_once_more_than_it_learns(run: Make) -> None:
    epochs, _thaws, _best = run([2.0, 0.8, 0.9, 0.7])
    epochs[1]["phase"] = epochs[2]["phase"] = "head"

    assert reference.of_the_head(epochs[:3]) is None
    assert reference.of_the_head(epochs) == Reference(0.44, "the new last layer alone, epoch 1")
    assert reference.of_the_head([]) is None


def test_the_line_crosses_all_epochs_and_tells_its_source() -> None:
    (trace,) = reference.line(Reference(0.8, "<b>"), 3, LIGHT)

    assert (trace["x"], trace["y"]) == ([0, 1, 2, 3], [0.8] * 4)
    assert "&lt;b&gt;" in trace["hovertemplate"]
    assert reference.line(None, 3, LIGHT) == reference.name(None, [], 3, LIGHT) == []
    assert reference.said(None) == []


def test_its_name_makes_room_for_the_curve() -> None:
    (below,) = reference.name(Reference(0.8, "s"), [(3, 0.85)], 3, LIGHT)
    (above,) = reference.name(Reference(0.8, "s"), [(3, 0.5)], 3, LIGHT)

    assert below["text"] == "linear probe 80 %"
    assert below["yanchor"] == "top"
    assert above["yanchor"] == "bottom"


def test_the_name_stands_where_the_curves_ends_are_not() -> None:
    (late,) = reference.name(Reference(0.8, "s"), [(3, 0.85)], 4, LIGHT)
    (early,) = reference.name(Reference(0.8, "s"), [(3, 0.85)], 40, LIGHT)
    assert (late["x"], early["x"]) == (0.3, 1)


@pytest.mark.parametrize(
    ("epoch", "x", "side"),
    [(0, 0.3, "left"), (4, 0.46, "left"), (5, 0.44, "right"), (9, 0.7, "right")],
)
def test_the_name_stands_beside_the_star(epoch: int, x: float, side: str) -> None:
    at = (epoch, 0.8)
    (name,) = reference.name(Reference(0.8, "s"), [(10, 0.9)], 10, LIGHT, star=at)
    assert (name["x"], name["xanchor"]) == (pytest.approx(x), side)
