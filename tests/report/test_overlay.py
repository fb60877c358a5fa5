"""Curves over one another: told apart without colour, kept in place, safe to show."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from tests.pages.handmade import best_of, epoch
from tl_core.report.overlay import overlay_figure
from tl_core.report.overlay_scale import AXES, LETTERS, MEASURES, MOST, SHOWN, Curve, View
from tl_core.report.theme import Figure


def curves(count: int, epochs: int = 6, name: str = "one") -> list[Curve]:
    return [
        Curve(
            f"run{n}",
            LETTERS[n],
            name,
            [epoch(e, seconds=(n + 1.0) * e) for e in range(epochs)],
            best_of(epoch(epochs - 2)) if epochs > 2 else None,
        )
        for n in range(count)
    ]


def named(figure: Figure, uid: str) -> dict[str, object]:
    return next(trace for trace in figure["data"] if trace.get("uid") == uid)


@pytest.mark.parametrize("by", AXES)
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("shown", SHOWN)
def test_every_view_is_a_figure_that_plotly_accepts(by: str, measure: str, shown: str) -> None:
    for count in (0, 1, 2, MOST):
        for dark in (False, True):
            figure = overlay_figure(curves(count), View(by, measure, shown), dark=dark)
            assert count <= len(go.Figure(figure).data) == len(figure["data"])
    nothing_yet = overlay_figure(curves(1, epochs=0), View(by, measure, shown), dark=False)
    assert len(go.Figure(nothing_yet).data) == len(nothing_yet["data"])


def test_no_two_runs_look_alike_even_without_colour() -> None:
    figure = overlay_figure(curves(MOST), View(), dark=False)
    looks = {
        (trace["line"]["dash"], trace["marker"]["symbol"])
        for trace in figure["data"]
        if trace["mode"] == "lines+markers"
    }
    assert len(looks) == MOST
    assert len({trace["textfont"]["color"] for trace in figure["data"] if "textfont" in trace}) == (
        MOST
    )


def test_time_puts_the_same_epochs_at_other_places() -> None:
    figure = overlay_figure(curves(2), View(by="time"), dark=False)
    assert named(figure, "run0.val_accuracy")["x"] == [0, 1, 2, 3, 4, 5]
    assert named(figure, "run1.val_accuracy")["x"] == [0, 2, 4, 6, 8, 10]
    assert named(figure, "run1.best")["x"] == [8]


def test_intervals_are_bands_of_two_and_bars_of_more() -> None:
    two = overlay_figure(curves(2), View(), dark=False)
    assert [t["legendgroup"] for t in two["data"] if t.get("fill")] == ["run0", "run1"]
    three = overlay_figure(curves(3), View(), dark=False)
    assert not [t for t in three["data"] if t.get("fill")]
    bar = named(three, "run1.best")["error_y"]
    assert (bar["array"], bar["arrayminus"]) == ([pytest.approx(0.1)], [pytest.approx(0.1)])
    training = overlay_figure(curves(2), View(shown="training"), dark=False)
    assert not [t for t in training["data"] if t.get("fill") or t.get("uid", "").endswith("best")]


def test_a_run_hides_with_all_that_is_its_own() -> None:
    figure = overlay_figure(curves(2), View(shown="both"), dark=False)
    mine = [trace for trace in figure["data"] if trace["legendgroup"] == "run0"]
    assert len(mine) == 5  # band, two lines, star and letter
    assert sum(trace.get("showlegend", True) for trace in mine) == 1


def test_zoom_is_kept_while_data_arrive_and_given_up_with_another_axis() -> None:
    def kept(view: View, epochs: int = 6) -> tuple[str, ...]:
        layout = overlay_figure(curves(2, epochs), view, dark=False)["layout"]
        return layout["uirevision"], layout["xaxis"]["uirevision"], layout["yaxis"]["uirevision"]

    assert kept(View()) == kept(View(), epochs=9)
    whole, x, y = kept(View())
    assert kept(View(by="time"))[0] == whole
    assert kept(View(by="time"))[1] != x
    assert kept(View(measure="loss"))[2] != y


def test_letters_at_the_same_end_stand_apart() -> None:
    figure = overlay_figure(curves(4), View(), dark=False)
    heights = [trace["y"][0] for trace in figure["data"] if trace["mode"] == "text"]
    assert min(b - a for a, b in zip(sorted(heights), sorted(heights)[1:], strict=False)) > 0.04


def test_names_are_shown_letter_by_letter() -> None:
    figure = overlay_figure(curves(1, name="<b>x</b>"), View(), dark=False)
    assert "&lt;b&gt;" in str(named(figure, "run0.val_accuracy")["hovertemplate"])


@pytest.mark.parametrize(("epochs", "apart"), [(2, 1), (6, 1), (31, 5)])
def test_epochs_are_written_as_whole_numbers_each_once(epochs: int, apart: int) -> None:
    axis = overlay_figure(curves(2, epochs), View(), dark=False)["layout"]["xaxis"]
    assert axis["dtick"] == apart
    assert "dtick" not in overlay_figure(curves(2), View(by="time"), dark=False)["layout"]["xaxis"]
