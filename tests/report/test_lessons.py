"""Pictures of lessons: bars with names, words and a table."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import pytest

from tl_core.lessons import course, scene
from tl_core.report import lessons

SHARES = [
    {"name": "guessing", "value": 0.1},
    {"name": "linear_probe", "value": 0.78, "low": 0.74, "high": 0.81, "n": 500},
]
GAINS = {
    "bars": [
        {"name": "set:ants_bees", "value": -0.0065, "low": -0.03, "high": 0.02},
        {"name": "set:sign_digits", "value": 0.17, "low": 0.13, "high": 0.2},
    ],
    "chosen": "set:sign_digits",
}
COUNTS = [{"name": "pretraining", "value": 1.3e9}, {"name": "linear_probe", "value": 1600}]
PICTURES: dict[str, Any] = {"bars": SHARES, "gains": GAINS, "counts": COUNTS}


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("dark", [False, True])
def test_a_figure_is_one_that_plotly_takes(kind: str, dark: bool) -> None:
    figure = lessons.bars_figure(kind, PICTURES[kind], "named right", dark=dark)
    drawn = go.Figure(figure)
    assert len(drawn.data[0].x) == len(drawn.layout.annotations) == 2
    low, high = drawn.layout.xaxis.range
    assert low < high
    assert drawn.layout.xaxis.title.text == "named right"


def test_what_does_without_the_base_is_hollow_and_what_is_chosen_is_bold() -> None:
    colours = lessons.bars_figure("bars", SHARES, "", dark=False)["data"][0]["marker"]["color"]
    assert colours[0] == "rgba(0,0,0,0)" != colours[1]
    names = lessons.bars_figure("gains", GAINS, "", dark=False)["layout"]["annotations"]
    assert [name["text"].startswith("<b>") for name in names] == [False, True]


def test_the_words_name_every_bar_with_its_value() -> None:
    assert lessons.bars_alt("bars", SHARES) == (
        "always the most frequent class: 10 %; Feature extraction: 78 % (74 to 81)."
    )
    assert lessons.bars_alt("gains", GAINS) == (
        "ants and bees: −0.7 points (−3 to 2); hand signs: 17 points (13 to 20)."
    )
    assert lessons.bars_alt("counts", COUNTS).startswith("pretraining, inherited: 1,300,000,000;")
    table = lessons.bars_table("bars", SHARES)
    assert list(table["value"]) == ["10 %", "78 % (74 to 81)"]


def test_curves_have_a_row_for_each_epoch() -> None:
    epochs = [
        {"epoch": 0, "val_loss": 2.3, "val_accuracy": 0.1},
        {"epoch": 1, "train_loss": 0.5, "val_loss": 0.68, "val_accuracy": 0.78},
    ]
    table = lessons.curves_table({"epochs": epochs})
    assert list(table["training loss"]) == ["–", "0.50"]
    assert list(table["right"]) == ["10 %", "78 %"]


def test_every_bar_of_every_lesson_has_a_name() -> None:
    for one in course():
        for option in one.options:
            shown = scene(one.id, option.id)
            if shown is not None and shown.kind != "curves":
                assert lessons.bars_alt(shown.kind, shown.picture)
