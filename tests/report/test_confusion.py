"""The confusion matrix as a picture, in words and as a table."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from tl_core.report import confusion

COUNTS = np.array([[8, 2, 0], [0, 5, 0], [1, 3, 6]])
NAMES = ["ant", "<b>bee</b>", "wasp"]


@pytest.mark.parametrize("dark", [False, True])
def test_right_and_wrong_cells_have_colours_of_their_own(dark: bool) -> None:
    figure = confusion.confusion_figure(COUNTS, NAMES, shares=False, dark=dark)
    go.Figure(figure)
    right, wrong = figure["data"]
    for row in range(3):
        for column in range(3):
            own, other = (right, wrong) if row == column else (wrong, right)
            assert own["z"][row][column] is not None
            assert other["z"][row][column] is None
    assert right["colorscale"] != wrong["colorscale"]
    assert wrong["z"][0][2] == 0.0
    assert wrong["z"][2][1] > wrong["z"][2][0] > 0


def test_a_cell_says_which_it_is_and_what_is_in_it() -> None:
    figure = confusion.confusion_figure(COUNTS, NAMES, shares=False, dark=False)
    cells = figure["data"][1]
    assert cells["customdata"][2][1] == [2, 1]
    assert cells["text"][2] == ["1", "3", "6"]
    assert cells["text"][0][2] == ""
    assert "3 of 10 labelled wasp were taken for &lt;b&gt;bee" in cells["hovertext"][2][1]
    assert figure["layout"]["xaxis"]["ticktext"][1].startswith("&lt;b&gt;")


def test_cells_can_tell_shares_of_their_row() -> None:
    figure = confusion.confusion_figure(COUNTS, NAMES, shares=True, dark=False)
    assert figure["data"][0]["text"][0] == ["80 %", "20 %", ""]


def test_of_many_classes_those_with_most_mistakes_are_shown() -> None:
    many = np.diag(np.full(40, 5))
    many[39, 3] = 2
    many[17, 35] = 1
    shown = confusion.shown_classes(many)
    assert len(shown) == confusion.MOST_CLASSES
    assert shown == sorted(shown)
    assert {39, 3, 17, 35} <= set(shown)
    figure = confusion.confusion_figure(many, [str(n) for n in range(40)], shares=False, dark=False)
    assert figure["data"][0]["texttemplate"] == ""
    assert figure["data"][0]["customdata"][-1][-1] == [shown[-1], shown[-1]]


def test_it_is_told_in_words() -> None:
    told = confusion.confusion_alt(COUNTS, NAMES)
    assert "19 of 25 right" in told
    assert "3 of wasp taken for <b>bee</b>" in told
    assert "commonest" not in confusion.confusion_alt(np.diag([2, 3]), NAMES[:2])


def test_the_table_has_every_number() -> None:
    table = confusion.confusion_table(COUNTS, NAMES, shares=False)
    assert table.iloc[:, 1:].to_numpy().tolist() == COUNTS.tolist()
    assert table.iloc[:, 0].tolist() == NAMES
    shares = confusion.confusion_table(COUNTS, NAMES, shares=True)
    assert shares.iloc[2, 1:].tolist() == ["10 %", "30 %", "60 %"]
