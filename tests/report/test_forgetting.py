"""What is left of the base, as charts, tables and words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import pytest

from tl_core.report import forgetting as report

Make = Callable[..., Any]
LOSSES = [2.3, 1.2, 0.8, 0.62]


def left(value: float | None, source: float | None = None) -> dict[str, Any]:
    ends = {} if value is None else {"low": value - 0.1, "high": min(1.0, value + 0.1)}
    drift = [{"stage": "1", "cka": 1.0}, {"stage": "2", "cka": None}, {"stage": "3", "cka": 0.6}]
    told = {"agreement": value, "low": None, "high": None, "n": 90, "drift": drift} | ends
    return told | {"source": None if source is None else left(source)}


@pytest.fixture
def epochs(run: Make) -> list[dict[str, Any]]:
    made, _thaws, _best = run(LOSSES)
    for one, value in zip(made, (1.0, 0.8, 0.5, 0.6), strict=True):
        one["retention"] = left(value, value + 0.05 if value < 1 else 1.0)
    return made


def sound(figure: dict[str, Any]) -> None:
    go.Figure(figure)
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_plotly_takes_it_at_every_moment(
    epochs: list[dict[str, Any]], dark: bool, count: int
) -> None:
    figure = report.retention_figure(epochs[:count], [{"epoch": 1, "stage": "7"}], dark=dark)
    sound(figure)
    assert figure["layout"]["yaxis"]["range"][0] == 0


def test_both_measures_are_drawn_apart_without_colour(epochs: list[dict[str, Any]]) -> None:
    traces = report.retention_figure(epochs, [], dark=False)["data"]
    dashes = {t["name"]: t["line"]["dash"] for t in traces if t.get("name")}
    assert dashes == {"your examples": "dash", "its own kind": "solid"}
    for one in epochs:
        one["retention"]["source"] = None
    traces = report.retention_figure(epochs, [], dark=False)["data"]
    assert {t["line"]["dash"] for t in traces if t.get("name")} == {"solid"}


def test_the_words_tell_now_and_the_worst(epochs: list[dict[str, Any]]) -> None:
    said = report.retention_alt(epochs)
    assert "60 % (50 to 70) are left after epoch 3" in said
    assert "the fewest were 50 %, after epoch 2" in said
    assert "On examples of its own kind, 65 %" in said
    assert "none yet" in report.retention_alt([])


def test_the_table_has_a_row_per_epoch_and_a_column_per_stage(epochs: list[dict[str, Any]]) -> None:
    table = report.retention_table(epochs)
    assert list(table["epoch"]) == [3, 2, 1, 0]
    assert list(table["stage 3"]) == ["60 %"] * 4
    assert list(table["stage 2"]) == ["–"] * 4
    assert table["on your examples"][0] == "60 % (50 to 70)"


def test_a_base_without_a_classifier_has_stages_only() -> None:
    epochs = [{"epoch": 0, "retention": left(None)}]
    assert report.retained(epochs) == []
    assert list(report.retention_table(epochs)["on your examples"]) == ["–"]


MEASURED = [
    {
        "share": share,
        "val_loss": 0.4,
        "val_accuracy": {"value": 0.8 + share / 10, "low": 0.7, "high": 0.95, "n": 90},
        "retention": left(1 - share / 2),
        "p": 0.4,
    }
    for share in (0.0, 0.5, 1.0)
]


@pytest.mark.parametrize("share", [None, 0.5])
@pytest.mark.parametrize("dark", [False, True])
def test_mixtures_are_drawn_with_the_place_of_the_slider(share: float | None, dark: bool) -> None:
    figure = report.mixes_figure(MEASURED, share, dark=dark)
    sound(figure)
    assert [s["x0"] for s in figure["layout"]["shapes"]] == ([] if share is None else [share])
    lines = {t["name"]: t for t in figure["data"] if t.get("name")}
    assert lines["new task"]["y"] == pytest.approx([0.8, 0.85, 0.9])
    assert lines["old answers"]["y"] == pytest.approx([1.0, 0.75, 0.5])


def test_mixtures_in_words_and_as_a_table() -> None:
    said = report.mixes_alt(MEASURED)
    assert (
        "At 50 %: right on 85 % of new examples, 75 % (65 to 85) of the old answers left." in said
    )
    table = report.mixes_table(MEASURED)
    assert list(table["share of what was learned"]) == ["0 %", "50 %", "100 %"]
