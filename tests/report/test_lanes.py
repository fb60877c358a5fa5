"""Lanes of a race: who runs where, who is out, and places that are shared where chance may be."""

from __future__ import annotations

import itertools
from typing import Any

import plotly.graph_objects as go
import pytest

from tests.pages.handmade import epoch
from tl_core.report.lanes import Lane, lanes_alt, lanes_figure, lanes_table, places
from tl_core.report.race import Row
from tl_core.spec import STRATEGIES, Accuracy


def row(strategy: str, value: float | None, **more: Any) -> Row:
    known = None if value is None else Accuracy(value, value - 0.05, value + 0.04, 100)
    return Row(strategy, strategy, known, 1.0, **more)


def lane(strategy: str, value: float | None = 0.8, epochs: int = 4, **more: Any) -> Lane:
    dropped = more.pop("dropped", None)
    told = [epoch(n) for n in range(epochs)]
    return Lane(row(strategy, value, dropped=dropped), told, **more)


RACE = [
    lane("linear_probe", 0.8, best=2, is_at_work=True, until=9.0),
    lane("lora", 0.6, epochs=3, dropped=1),
    lane("full_fine_tune", None, epochs=0, until=9.0),
]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0.9, 0.7, 0.5], ["1", "2", "3"]),
        ([0.9, 0.88, 0.5], ["1=", "1=", "3"]),
        ([0.7, None, 0.9], ["2", "", "1"]),
        ([0.9, 0.83, 0.76], ["1=", "1=", "2"]),  # the last touches the second, not the first
        ([None, None], ["", ""]),
    ],
)
def test_places_are_shared_where_intervals_overlap(
    values: list[float | None], told: list[str]
) -> None:
    assert list(places([row("lora", value) for value in values])) == told


@pytest.mark.parametrize("dark", [False, True])
def test_lanes_are_a_figure_that_plotly_accepts(dark: bool) -> None:
    for count in (0, 1, 3):
        go.Figure(lanes_figure(RACE[:count], dark=dark))
    six = [lane(strategy) for strategy in STRATEGIES]
    layout = go.Figure(lanes_figure(six, dark=dark)).layout
    domains = [layout[f"yaxis{n if n > 1 else ''}"].domain for n in range(1, 7)]
    assert all(low < high for low, high in domains)
    assert all(below[1] < above[0] for above, below in itertools.pairwise(domains))


def test_every_lane_has_its_axis_though_it_has_not_begun() -> None:
    figure = lanes_figure(RACE, dark=False)
    assert {trace["yaxis"] for trace in figure["data"]} == {"y", "y2", "y3"}
    assert figure["layout"]["xaxis"]["anchor"] == "y3"


def test_who_is_out_ends_in_a_cross_and_who_trains_in_a_disc() -> None:
    figure = lanes_figure(RACE, dark=False)
    ends = {
        t["yaxis"]: t["marker"]["symbol"] for t in figure["data"] if t.get("cliponaxis") is False
    }
    assert ends == {"y": "circle", "y2": "x"}
    stars = [t for t in figure["data"] if t.get("marker", {}).get("symbol") == "star"]
    assert [(t["x"], t["yaxis"]) for t in stars] == [([4.0], "y")]
    names = [note["text"] for note in figure["layout"]["annotations"]]
    assert "trains now" in names[0]
    assert "out after round 1" in names[1]
    assert "not judged yet" in names[2]
    turns = figure["layout"]["shapes"]
    assert [(line["x0"], line["yref"]) for line in turns] == [(9.0, "y domain"), (9.0, "y3 domain")]


def test_long_races_are_told_in_minutes() -> None:
    long = Lane(row("lora", 0.8), [epoch(n, seconds=100.0 * n) for n in range(4)])
    figure = lanes_figure([long], dark=False)
    assert figure["layout"]["xaxis"]["title"]["text"] == "minutes of training"
    assert figure["data"][1]["x"][-1] == 5.0


def test_lanes_in_words_and_as_a_table() -> None:
    said = lanes_alt(RACE)
    assert "Feature extraction: place 1 with 80 % (75 to 84) after 6 s, trains now." in said
    assert "Parameter-efficient (LoRA): place 2 with 60 % (55 to 64) after 4 s, out after" in said
    assert said.endswith("Full fine-tuning: not judged yet.")
    table = lanes_table(RACE)
    assert len(table) == 7
    assert list(table["validation accuracy, %"])[:3] == [50.0, 53.0, 56.0]
