"""The reliability curve: points with intervals, a diagonal, words and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
import pytest

from tl_core.report import reliability
from tl_core.shares import Span


@dataclass(frozen=True)
class Bin:
    n: int
    sure: float
    right: Span


BEFORE = (Bin(5, 0.55, Span(0.4, 0.1, 0.8)), Bin(80, 0.97, Span(0.8, 0.7, 0.88)))
AFTER = (Bin(85, 0.8, Span(0.78, 0.68, 0.85)),)


@pytest.mark.parametrize("dark", [False, True])
def test_points_stand_where_they_should(dark: bool) -> None:
    figure = reliability.reliability_figure(BEFORE, AFTER, dark=dark)
    go.Figure(figure)
    diagonal, before, after = figure["data"]
    assert diagonal["x"] == diagonal["y"]
    assert (before["x"], before["y"]) == ([0.55, 0.97], [0.4, 0.8])
    assert before["error_y"]["array"] == pytest.approx([0.4, 0.08])
    assert before["marker"]["size"][0] < before["marker"]["size"][1]
    assert before["marker"]["symbol"] != after["marker"]["symbol"]


def test_without_a_temperature_there_is_one_curve() -> None:
    figure = reliability.reliability_figure(BEFORE, None, dark=False)
    assert len(figure["data"]) == 2
    assert len(reliability.reliability_table(BEFORE, None)) == 2


def test_it_is_told_in_words_and_numbers() -> None:
    assert "97 % sure: right on 80 % (70 to 88), of 80" in reliability.reliability_alt(BEFORE)
    table = reliability.reliability_table(BEFORE, AFTER)
    assert table.iloc[:, 0].tolist() == ["as trained", "as trained", "with the temperature"]
    assert table.iloc[2, 1:].tolist() == ["80 %", "78 % (68 to 85)", "85"]
