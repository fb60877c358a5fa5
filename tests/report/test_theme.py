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


def test_an_axis_takes_what_it_is_given() -> None:
    assert theme.axis(theme.LIGHT, range=[0, 1])["range"] == [0, 1]
