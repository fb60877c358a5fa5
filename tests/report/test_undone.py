"""Thaws that were undone, drawn and said; what a person undid is drawn as their action."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go

from tests.report.conftest import Run
from tl_core.report import charts
from tl_core.report.undone import rollbacks_said, with_rollbacks

UNDONE = [
    {"epoch": 3, "stage": "6"},
    {"epoch": 4, "stage": "all"},
    {"epoch": 5, "stage": "5", "kept": 2},
]


def test_lines_are_named_and_told_from_thaws_without_colour(run: Callable[..., Run]) -> None:
    plain = charts.loss_figure(*run([1.0, 0.8, 0.7, 0.6, 0.7]), dark=False)
    figure = with_rollbacks(plain, UNDONE, dark=False)
    go.Figure(figure)
    added = figure["layout"]["shapes"][len(plain["layout"]["shapes"]) :]
    assert [(line["x0"], line["line"]["dash"]) for line in added] == [
        (3, "dashdot"), (4, "dashdot")
    ]  # fmt: skip
    names = [note["text"] for note in figure["layout"]["annotations"]]
    assert names[-2:] == ["6 frozen again", "all frozen again"]
    assert with_rollbacks(plain, [], dark=True) == plain


def test_they_are_said() -> None:
    assert rollbacks_said(UNDONE) == (
        "At epoch 3 stage 6 was frozen again. At epoch 4 everything was frozen again."
    )
    assert rollbacks_said([]) == ""
