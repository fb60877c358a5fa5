"""Loss and accuracy charts, and what they show in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import pytest

from tl_core.report import charts
from tl_core.report.learning import HEIGHT

Make = Callable[..., Any]
LOSSES = [2.3, 1.2, 0.8, 0.62, 0.7, 0.75]
FIGURES = (charts.loss_figure, charts.accuracy_figure)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2, 6])
def test_plotly_takes_it_at_every_moment(run: Make, figure: Any, dark: bool, count: int) -> None:
    made = figure(*run(LOSSES[:count]), dark=dark)

    go.Figure(made)
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert made["layout"]["height"] == HEIGHT


@pytest.mark.parametrize("figure", FIGURES)
def test_it_stands_still_while_epochs_arrive(run: Make, figure: Any) -> None:
    """Zoom and room for the epochs to come stay as they are from epoch to epoch."""
    few, many = (figure(*run(LOSSES[:n]), dark=False)["layout"] for n in (2, 6))

    assert few["uirevision"] == many["uirevision"]
    assert few["xaxis"]["range"] == many["xaxis"]["range"]
    assert few["margin"] == many["margin"]


@pytest.mark.parametrize(
    ("most", "count", "until"),
    [(30, 2, 30), (400, 2, 30), (400, 30, 30), (400, 31, 40), (400, 200, 200), (35, 31, 35)],
)
def test_a_far_end_leaves_the_curve_its_room(run: Make, most: int, count: int, until: int) -> None:
    figure = charts.accuracy_figure(*run([0.5] * count, most=most), dark=False)
    assert figure["layout"]["xaxis"]["range"][1] == until


def test_loss_begins_at_zero_and_holds_every_point(run: Make) -> None:
    low, high = charts.loss_figure(*run(LOSSES), dark=False)["layout"]["yaxis"]["range"]

    assert low == 0
    assert high > max(LOSSES)


def test_validation_is_heavy_and_the_best_is_starred(run: Make) -> None:
    made = charts.loss_figure(*run(LOSSES), dark=False)

    _gap, training, validation, star, before, _batches, _rates = made["data"]
    assert training["line"]["dash"] == "dash"
    assert validation["line"]["width"] > training["line"]["width"]
    assert validation["y"] == LOSSES
    assert (star["x"], star["y"]) == ([3], [0.62])
    assert (before["x"], before["y"]) == ([0], [2.3])
    assert before["marker"]["symbol"] != star["marker"]["symbol"], "told apart without colour"
    words = [note["text"] for note in made["layout"]["annotations"]]
    assert "<b>best, epoch 3</b>" in words
    assert "<b>validation</b><br><b>0.75</b>" in words
    assert {"thaw 7", "thaw 6"} <= set(words)
    assert len(made["layout"]["shapes"]) == 2


def test_a_best_last_epoch_is_told_at_the_end_of_the_curve(run: Make) -> None:
    made = charts.loss_figure(*run(LOSSES[:4]), dark=False)

    words = [note["text"] for note in made["layout"]["annotations"]]
    assert "<b>validation, best</b><br><b>0.62</b>" in words
    assert not any("best, epoch" in text for text in words)


def test_accuracy_shows_its_interval(run: Make) -> None:
    epochs, thaws, best = run(LOSSES)
    band = charts.accuracy_figure(epochs, thaws, best, dark=False)["data"][0]

    assert band["fill"] == "toself"
    assert band["y"] == [e["val_high"] for e in epochs] + [e["val_low"] for e in epochs[::-1]]


def test_before_the_first_epoch_it_says_so(run: Make) -> None:
    words = [
        note["text"] for note in charts.loss_figure(*run([]), dark=True)["layout"]["annotations"]
    ]

    assert "The curve begins with the first epoch." in words


def test_a_loss_that_is_no_number_is_left_out(run: Make) -> None:
    epochs, thaws, best = run(LOSSES)
    epochs[-1]["val_loss"] = None
    epochs[-1]["train_loss"] = float("nan")

    made = charts.loss_figure(epochs, thaws, best, dark=False)

    json.dumps(made, allow_nan=False)
    assert made["data"][2]["x"] == [0, 1, 2, 3, 4]


def test_the_loss_in_words(run: Make) -> None:
    assert charts.loss_alt(*run(LOSSES)) == (
        "Loss by epoch, 0 to 5. Validation loss began at 2.3 and is 0.75 now. Its lowest is 0.62, "
        "at epoch 3. Training loss is 0.52. The learning rate began at 0.001 and is 0.001 now. "
        "Stage 7 was thawed at epoch 1. Stage 6 was thawed at epoch 3."
    )
    assert charts.loss_alt(*run([])) == "Loss by epoch; there is no epoch yet."


def test_the_accuracy_in_words(run: Make) -> None:
    epochs, _thaws, best = run(LOSSES)
    assert charts.accuracy_alt(epochs, [{"epoch": 2, "stage": "all"}], best) == (
        "Accuracy by epoch, 0 to 5. Validation accuracy is 60 % (55 to 65) now. At the best epoch, "
        "3, it is 52 %. Training accuracy is 75 %. Everything was thawed at epoch 2."
    )
    assert charts.accuracy_alt(*run([])) == "Accuracy by epoch; there is no epoch yet."


def test_what_was_before_training_and_the_probe_are_named(run: Make) -> None:
    epochs, thaws, best = run(LOSSES)
    probe = charts.Reference(0.8, "cross-validated before training")

    made = charts.accuracy_figure(epochs, thaws, best, dark=False, compared=probe)

    words = [note["text"] for note in made["layout"]["annotations"]]
    assert {"before training", "linear probe 80 %"} <= set(words)
    assert [trace["y"] for trace in made["data"] if trace["y"][0] == 0.8] == [[0.8] * 21]
    assert (
        "A linear probe on the frozen base is right on 80 % (cross-validated before training)."
        in (charts.accuracy_alt(epochs, thaws, best, compared=probe))
    )
    epochs[0]["phase"] = "full"
    bare = charts.accuracy_figure(epochs, thaws, best, dark=False)["layout"]["annotations"]
    assert not {"before training", "linear probe 80 %"} & {note["text"] for note in bare}


def test_batches_of_the_running_epoch_are_drawn_and_move_nothing(run: Make) -> None:
    steps = [{"at": 5.2, "loss": 0.9}, {"at": 5.4, "loss": 9.9}]

    still, moving = (charts.loss_figure(*run(LOSSES), dark=False, steps=s) for s in ((), steps))

    (drawn,) = [trace for trace in moving["data"] if trace["x"] == [5.2, 5.4]]
    assert drawn["y"] == [0.9, 9.9]
    assert still["layout"] == moving["layout"]
    assert len(still["data"]) == len(moving["data"])


def test_rates_stand_below_the_loss_on_the_same_epochs(run: Make) -> None:
    layout = charts.loss_figure(*run(LOSSES), dark=False)["layout"]

    assert layout["yaxis2"]["domain"][1] < layout["yaxis"]["domain"][0]
    assert layout["yaxis2"]["type"] == "log"
    assert "xaxis2" not in layout


def test_accuracy_without_an_interval_is_told_plainly(run: Make) -> None:
    epochs, thaws, best = run(LOSSES[:1])
    epochs[0].update(val_low=None, val_high=None, train_accuracy=None)

    assert "Validation accuracy is 40 % now." in charts.accuracy_alt(epochs, thaws, best)


@pytest.mark.parametrize(("most", "tick"), [(10, 1), (12, 2), (30, 5), (400, 5)])
def test_few_numbers_stand_on_the_epoch_axis(run: Make, most: int, tick: int) -> None:
    made = charts.loss_figure(*run(LOSSES, most=most), dark=False)

    assert made["layout"]["xaxis"]["dtick"] == tick


def test_what_a_person_did_is_drawn_and_said_beside_the_loss(run: Make) -> None:
    told = run(LOSSES)
    asked = [{"action": "lower_lr", "epoch": 3, "applied": True}]
    plain = charts.loss_figure(*told, dark=False)["layout"]
    drawn = charts.loss_figure(*told, asked, dark=False)["layout"]
    assert len(drawn["shapes"]) == len(plain["shapes"]) + 1
    assert drawn["annotations"][-1]["text"] == "◆ rate ÷ 10"
    assert charts.loss_alt(*told, asked).endswith("At epoch 3 you steered it: rate ÷ 10.")
