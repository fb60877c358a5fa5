"""Bars of class counts."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from tl_core.report import charts, counts


@pytest.mark.parametrize("dark", [False, True])
def test_the_largest_class_comes_first(dark: bool) -> None:
    made = charts.class_counts_figure({"bees": 20, "ants": 30}, dark=dark)

    go.Figure(made)
    (bars,) = made["data"]
    assert bars["x"] == [30, 20]
    assert made["layout"]["yaxis"]["ticktext"] == ["ants", "bees"]
    assert made["layout"]["xaxis"]["range"][0] == 0


def test_names_are_shown_as_they_are() -> None:
    made = charts.class_counts_figure({'<a href="x">bees</a>': 2}, dark=False)

    assert made["layout"]["yaxis"]["ticktext"] == ['&lt;a href="x"&gt;bees&lt;/a&gt;']
    assert "<a" not in made["data"][0]["customdata"][0]


def test_long_names_are_cut_before_they_are_escaped() -> None:
    (name,) = charts.class_counts_figure({"&" * 40: 2}, dark=False)["layout"]["yaxis"]["ticktext"]

    assert name == "&amp;" * 23 + "…"


def test_of_many_classes_the_ends_are_shown() -> None:
    many = {f"c{i}": 1000 - i for i in range(100)}

    made = charts.class_counts_figure(many, dark=False)

    assert len(made["data"][0]["x"]) == counts.MOST_CLASSES
    assert made["data"][0]["x"][0] == 1000
    assert made["data"][0]["x"][-1] == 901


def test_no_classes_are_no_fault() -> None:
    go.Figure(charts.class_counts_figure({}, dark=False))
    assert charts.class_counts_alt({}) == "Examples per class; there are no classes."


def test_the_bars_in_words() -> None:
    assert charts.class_counts_alt({"bees": 1200, "ants": 30}) == (
        "Examples in 2 classes, from bees (1,200) to ants (30)."
    )
