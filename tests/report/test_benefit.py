"""Labels and pace as pictures."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from tests.made_benefit import made_benefit
from tl_core.report import benefit


@pytest.mark.parametrize("dark", [False, True])
def test_plotly_takes_every_figure(dark: bool) -> None:
    found = made_benefit()
    empty = replace(found, parts=(), levels=(), versus=())
    for one in (found, empty):
        drawn = go.Figure(benefit.labels_figure(one, dark=dark))
        assert bool(drawn.data) == bool(one.levels)
        for by_seconds in (False, True):
            drawn = go.Figure(benefit.pace_figure(one, by_seconds=by_seconds, dark=dark))
            assert bool(drawn.data) == bool(one.parts)


def test_both_ways_are_drawn_with_bands_draws_and_means() -> None:
    figure = benefit.labels_figure(made_benefit(), dark=False)
    assert len(figure["data"]) == 8
    means = [trace for trace in figure["data"] if trace["mode"] == "lines+markers"]
    assert [trace["y"] for trace in means] == [[0.3, 0.5, 0.7], [0.7, 0.8, 0.9]]
    assert {trace["line"]["dash"] for trace in means} == {"solid", "dash"}
    assert len({trace["marker"]["symbol"] for trace in means}) == 2
    names = [note["text"] for note in figure["layout"]["annotations"]]
    assert names[1:] == ["from scratch", "transferred"]


def test_the_pace_is_drawn_by_epoch_or_second_up_to_where_both_have_come() -> None:
    figure = benefit.pace_figure(made_benefit(), by_seconds=False, dark=False)
    scratch, transferred, target = figure["data"]
    assert (scratch["x"][-1], transferred["x"][-1]) == (6.0, 2.0)
    assert target["y"] == pytest.approx([0.7, 0.7])
    seconds = benefit.pace_figure(made_benefit(), by_seconds=True, dark=False)["data"][0]
    assert seconds["x"][-1] == 25.0


def test_the_words_name_both_ends() -> None:
    alt = benefit.labels_alt(made_benefit())
    assert "transferred: 70 % (60 to 78) right with 20 labels, 90 % (80 to 98) with 80" in alt
    assert "nothing has been measured" in benefit.labels_alt(replace(made_benefit(), levels=()))


def test_the_table_has_a_row_for_each_number_of_labels() -> None:
    table = benefit.labels_table(replace(made_benefit(), levels=made_benefit().levels[:4]))
    assert list(table.iloc[0]) == ["20", "70 % (60 to 78)", "70 %", "30 % (20 to 38)", "30 %"]
    assert list(table.iloc[2])[3:] == ["–", "–"]
