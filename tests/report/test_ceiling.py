"""Ceilings as a picture, in words, as a table."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go

from tests.made_benefit import LARGER, made_benefit, part
from tl_core.report import ceiling

NAMES = {LARGER: "<b>Larger</b>"}


def test_every_way_and_base_has_a_row_and_names_are_escaped() -> None:
    figure = ceiling.ceiling_figure(made_benefit(), NAMES, dark=False)
    go.Figure(figure)
    assert [trace["x"] for trace in figure["data"]] == [[0.9], [0.7], [0.92]]
    assert [trace["marker"]["symbol"] for trace in figure["data"]] == [
        "circle",
        "diamond",
        "circle",
    ]
    assert "&lt;b&gt;Larger" in figure["layout"]["annotations"][2]["text"]


def test_the_words_tell_each_share() -> None:
    alt = ceiling.ceiling_alt(made_benefit(), NAMES)
    assert "from scratch 70 % (60 to 78)" in alt
    empty = replace(made_benefit(), parts=())
    assert "nothing has been measured" in ceiling.ceiling_alt(empty, NAMES)
    go.Figure(ceiling.ceiling_figure(empty, NAMES, dark=True))


def test_the_table_tells_tests_and_what_was_cut() -> None:
    found = made_benefit(
        parts=(made_benefit().parts[2], part("scratch", 80, 0.7, cut="time")),
    )
    table = ceiling.ceiling_table(found, {})
    assert list(table["p against transferred"]) == ["–", "0.0020"]
    assert list(table["ended"]) == ["by itself", "its share of the time was up"]
    assert list(table["took"]) == ["3 s", "25 s"]
