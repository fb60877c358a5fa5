"""The pieces of a learning chart."""

from __future__ import annotations

import math

import pytest

from tl_core.report import marks
from tl_core.report.theme import LIGHT


def test_readings_that_are_missing_or_no_numbers_are_left_out() -> None:
    epochs = [
        {"epoch": 0, "val_loss": 2.0},
        {"epoch": 1, "val_loss": None},
        {"epoch": 2, "val_loss": math.nan},
        {"epoch": 3, "val_loss": math.inf},
        {"epoch": 4},
        {"epoch": 5, "val_loss": 1},
    ]

    assert marks.points(epochs, "val_loss") == [(0, 2.0), (5, 1.0)]
    assert marks.number(None, "val_loss") is None


def test_training_is_dashed_and_lighter_than_validation() -> None:
    curve = [(0, 1.0), (1, 0.5)]
    heavy = marks.line(curve, "validation", "#000", digits=".2f", heavy=True)["line"]
    light = marks.line(curve, "training", "#888", digits=".2f", heavy=False)["line"]

    assert heavy["dash"] == "solid"
    assert light["dash"] == "dash"
    assert heavy["width"] > light["width"]


def test_one_epoch_alone_can_be_seen() -> None:
    assert marks.line([(0, 1.0)], "v", "#000", digits="", heavy=True)["mode"] == "markers"


def test_the_fill_goes_there_and_back_over_what_both_know() -> None:
    shape = marks.between([(0, 2.0), (1, 1.0), (2, 0.5)], [(1, 0.8), (2, 0.3)], "#fff")

    assert list(zip(shape["x"], shape["y"], strict=True)) == [
        (1, 1.0), (2, 0.5), (2, 0.3), (1, 0.8),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b"), [(0.5, 0.5), (0.5, 0.52), (0.0, 0.0), (1.0, 0.98), (0.9, 0.1), (0.02, 0.05)]
)
def test_names_at_the_ends_never_cover_each_other_or_leave_the_plot(a: float, b: float) -> None:
    ends = [([(3, a)], "validation", "#000"), ([(3, b)], "training", "#888")]

    first, second = marks.end_names(ends, top=1.0, said=str)

    heights = [name["y"] * marks.PLOT_PX + name["yshift"] for name in (first, second)]
    assert abs(heights[0] - heights[1]) >= 34 - 1e-9
    assert min(heights) >= 17 - 1e-9
    assert max(heights) <= marks.PLOT_PX - 17 + 1e-9
    if a != b:
        assert (heights[0] > heights[1]) == (a > b)


def test_a_curve_without_points_has_no_name() -> None:
    assert marks.end_names([([], "v", "#000")], top=1.0, said=str) == []


def test_the_star_is_named_unless_the_end_of_the_curve_says_so() -> None:
    assert marks.best_name((9, 0.5), 13, LIGHT)[0]["text"] == "<b>best, epoch 9</b>"
    assert marks.best_name((13, 0.5), 13, LIGHT) == []
    assert marks.best_name(None, 13, LIGHT) == []
    assert marks.star(None, LIGHT) == []


def test_what_was_before_training_is_marked_and_named() -> None:
    (mark,) = marks.before((0, 0.4), LIGHT)

    assert (mark["x"], mark["y"]) == ([0], [0.4])
    assert marks.before_name((0, 0.4), LIGHT)[0]["text"] == "before training"
    assert marks.before(None, LIGHT) == marks.before_name(None, LIGHT) == []


def test_thaws_are_lines_with_names_on_two_heights() -> None:
    thaws = [{"epoch": 2, "stage": "<b>"}, {"epoch": 3, "stage": "all"}]

    names = marks.thaw_names(thaws, LIGHT)

    assert [n["text"] for n in names] == ["thaw &lt;b&gt;", "thaw all"]
    assert names[0]["yshift"] != names[1]["yshift"]
    assert [marks.thaw_line(t)["x0"] for t in thaws] == [2, 3]


ACTIONS = [
    {"action": "thaw_next", "epoch": 3, "applied": True},
    {"action": "lower_lr", "epoch": 3, "applied": True},
    {"action": "rollback", "epoch": 5, "applied": False},
    {"action": "<b>", "epoch": 6, "applied": True},
]
EMPTY = {"data": [], "layout": {"shapes": [{"x0": 1}], "annotations": [{"text": "first"}]}}


def test_what_people_did_is_drawn_in_a_style_of_its_own() -> None:
    figure = marks.with_actions(EMPTY, ACTIONS, LIGHT)
    first, *lines = figure["layout"]["shapes"]
    assert first == {"x0": 1}
    assert [shape["x0"] for shape in lines] == [3, 3, 6]
    thaw = marks.thaw_line({"epoch": 3})["line"]
    assert {shape["line"]["dash"] for shape in lines}.isdisjoint({thaw["dash"]})
    _first, *names = figure["layout"]["annotations"]
    assert [name["text"] for name in names] == ["◆ thaw on, rate ÷ 10", "◆ &lt;b&gt;"]
    thaw_names = marks.thaw_names([{"epoch": 3, "stage": "5"}, {"epoch": 6, "stage": "4"}], LIGHT)
    assert max(name["yshift"] for name in names) < min(name["yshift"] for name in thaw_names) - 12
    assert {name["textangle"] for name in names} == {-90}
    assert len(EMPTY["layout"]["shapes"]) == 1


def test_what_people_did_is_said_too() -> None:
    said = marks.actions_said(ACTIONS)
    assert said[0] == "At epoch 3 you steered it: thaw on."
    assert len(said) == 3, "what was refused changed nothing"
