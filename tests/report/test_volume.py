"""The learning curve: drawn with its intervals, foretold only where it can be, told in words."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from tl_core.report.volume import forecast_sentence, gains_sentence, volume_alt, volume_figure
from tl_core.spec import Accuracy, ClassGain, Forecast, Volume

MEASURED = Volume(
    sizes=(25, 50, 100, 200),
    accuracies=tuple(Accuracy(v, v - 0.05, v + 0.04, 250) for v in (0.6, 0.7, 0.77, 0.82)),
    forecasts=(Forecast(2.0, 0.031, 0.005, 0.06), Forecast(4.0, 0.05, -0.01, 0.1)),
)
REFUSED = replace(MEASURED, forecasts=())


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("found", [MEASURED, REFUSED])
def test_the_figure_is_one_that_plotly_draws(found: Volume, dark: bool) -> None:
    figure = volume_figure(found, dark=dark)
    go.Figure(figure)
    assert figure["layout"]["height"] > 0


def test_what_is_foretold_is_dashed_and_goes_on_from_what_was_measured() -> None:
    traces = volume_figure(MEASURED, dark=False)["data"]
    measured, foretold = (t for t in traces if t["mode"] == "lines+markers")
    assert measured["x"] == [25, 50, 100, 200]
    assert foretold["x"] == [200, 400, 800]
    assert foretold["line"]["dash"] == "dash"
    assert foretold["y"][0] == measured["y"][-1] == 0.82
    assert foretold["y"][2] == pytest.approx(0.87)
    low, high = volume_figure(MEASURED, dark=False)["layout"]["yaxis"]["range"]
    assert 0 <= low < 0.55
    assert 0.92 < high <= 1


def test_without_a_forecast_nothing_is_dashed() -> None:
    traces = volume_figure(REFUSED, dark=False)["data"]
    assert len([t for t in traces if t["mode"] == "lines+markers"]) == 1


def test_the_forecast_is_told_with_its_interval() -> None:
    assert forecast_sentence(MEASURED) == (
        "2 times as many would bring about 3 points (+0.5 to +6). "
        "4 times as many would bring about 5 points (−1 to +10)."
    )


@pytest.mark.parametrize(
    ("reason", "words"), [("flat", "hardly rises"), ("few", "too few"), ("wild", "too unsteady")]
)
def test_a_refusal_says_why(reason: str, words: str) -> None:
    assert words in forecast_sentence(replace(REFUSED, refused=reason))


def test_classes_that_gained_are_named_with_their_gain() -> None:
    assert gains_sentence(MEASURED) == ""
    one = replace(MEASURED, classes=(ClassGain("crack", 0.12),))
    assert "helped one class beyond chance, in points: crack (+12)" in gains_sentence(one)
    two = replace(MEASURED, classes=(ClassGain("crack", 0.12), ClassGain("dent", 0.04)))
    assert "crack (+12), dent (+4)" in gains_sentence(two)


def test_the_chart_is_told_in_words() -> None:
    words = volume_alt(MEASURED)
    assert words.startswith("With 25 examples 60 % are right, with 200 82 %.")
    assert "2 times as many" in words
