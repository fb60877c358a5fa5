"""What charts share."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from tl_core.report import theme


@pytest.mark.parametrize("dark", [False, True])
def test_an_empty_layout_is_valid_and_stands_still(dark: bool) -> None:
    layout = theme.layout(theme.theme(dark=dark), height=200)

    go.Figure({"data": [], "layout": layout})
    assert layout["height"] == 200
    assert layout["uirevision"] == theme.UIREVISION
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == theme.CLEAR
    assert layout["showlegend"] is False


def test_light_and_dark_differ() -> None:
    assert theme.theme(dark=False) != theme.theme(dark=True)


def test_a_note_keeps_its_colour_when_its_size_changes() -> None:
    found = theme.note("x", "#123456", font={"size": 20})

    assert found["font"] == {"color": "#123456", "size": 20}
    assert found["showarrow"] is False


def test_markup_is_ours_or_escaped() -> None:
    assert theme.bold(theme.safe("<i>a & b</i>")) == "<b>&lt;i&gt;a &amp; b&lt;/i&gt;</b>"


@pytest.mark.parametrize(
    ("value", "end"), [(1, 1), (1.2, 1.5), (31, 40), (70, 70), (71, 100), (0.024, 0.03)]
)
def test_a_growing_axis_ends_at_a_round_number(value: float, end: float) -> None:
    assert theme.rounded_up(value) == pytest.approx(end)


@pytest.mark.parametrize(("until", "apart"), [(10, 1), (400, 50), (50_000, 1000)])
def test_few_numbers_stand_on_an_axis(until: int, apart: int) -> None:
    assert theme.tick(until) == apart


def test_an_axis_takes_what_it_is_given() -> None:
    assert theme.axis(theme.LIGHT, range=[0, 1])["range"] == [0, 1]
