"""Points by class, mistakes ringed, each to be chosen by its row."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from tl_core.report import feature_map

POINTS = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]])
LABELS, IS_VAL, ROWS = [0, 1, 0, 1], [True, True, False, False], [10, 11, 12, 13]


@pytest.mark.parametrize("dark", [False, True])
def test_classes_differ_in_colour_and_shape_and_mistakes_are_ringed(dark: bool) -> None:
    figure = feature_map.feature_map_figure(
        *(POINTS, LABELS, IS_VAL, ROWS, {11}, ["ant", "<i>bee</i>"]), dark=dark
    )
    go.Figure(figure)
    ant_train, ant_val, _bee_train, bee_val, ring = figure["data"]
    assert (ant_val["customdata"], bee_val["customdata"]) == ([10], [11])
    assert ant_train["customdata"] == [12]
    assert ant_train["marker"]["size"] < ant_val["marker"]["size"]
    for key in ("color", "symbol"):
        assert ant_val["marker"][key] != bee_val["marker"][key]
    assert ring["customdata"] == [11]
    assert ring["marker"]["symbol"] == "circle-open"
    assert "<i>" not in bee_val["hovertemplate"]
    assert [n["text"] for n in figure["layout"]["annotations"]][
        1
    ] == "<b>&lt;i&gt;bee&lt;/i&gt;</b>"


def test_many_classes_are_not_named() -> None:
    names = [str(n) for n in range(20)]
    figure = feature_map.feature_map_figure(POINTS, LABELS, IS_VAL, ROWS, (), names, dark=False)
    assert figure["layout"]["annotations"] == []


def test_it_is_told_in_words() -> None:
    told = feature_map.feature_map_alt("After", IS_VAL, ROWS, {11, 99})
    assert told.startswith("After: 2 held-out examples and 2")
    assert "1 named wrongly" in told
