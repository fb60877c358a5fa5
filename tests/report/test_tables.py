"""The tables behind the charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tl_core.advisor.advice import Candidate, Range
from tl_core.analysis.mistakes import ClassScore
from tl_core.report import tables


def test_candidates_in_words() -> None:
    rows = [
        Candidate("gradual_unfreezing", Range(0.93, 0.88, 0.96), 4.0, 1000, 0.31),
        Candidate("linear_probe", Range(0.84, 0.79, 0.88), 0.1, 10, 0.001),
    ]

    table = tables.candidates(rows)

    assert table.to_dict("records")[0] == {
        "strategy": "Start frozen, then thaw",
        "expected accuracy": "93 % (88 to 96)",
        "time": "4 minutes",
        "of the network trained": "31 %",
    }
    assert table["time"].tolist() == ["4 minutes", "6 s"]
    assert table["of the network trained"].tolist() == ["31 %", "0.1 %"]


def test_epochs_the_newest_first(run: Callable[..., Any]) -> None:
    epochs, _thaws, _best = run([2.0, 1.0])
    del epochs[0]["lr"]

    table = tables.epochs(epochs)

    assert table["epoch"].tolist() == [1, 0]
    assert table["validation loss"].tolist() == [1.0, 2.0]
    assert table["learning rate"].isna().tolist() == [False, True]


def test_what_learns_is_said_in_words() -> None:
    phases = ["before", "head", "thaw:5", "full", "fastai:all"]
    table = tables.epochs([{"epoch": n, "phase": phase} for n, phase in enumerate(phases)])
    said = ["nothing yet", "the last layer", "stage 5 and later", "everything", "fastai:all"]
    assert table["what learns"].tolist() == said[::-1]
    assert set(tables.epoch_formats()) < set(table.columns)


def test_no_epochs_give_the_columns_alone() -> None:
    table = tables.epochs([])

    assert table.empty
    assert "validation loss" in table.columns


def test_class_counts_the_largest_first() -> None:
    table = tables.class_counts({"bees": 2, "ants": 30})

    assert table.to_dict("list") == {"class": ["ants", "bees"], "examples": [30, 2]}


def test_classes_in_words() -> None:
    rows = [ClassScore("ant", 10, 8, 8), ClassScore("bee", 5, 0, 0)]
    table = tables.class_scores(rows)
    assert table.iloc[0].tolist() == ["ant", "10", "80 % (49 to 94)", "8", "100 % (68 to 100)"]
    assert table.iloc[1].tolist() == ["bee", "5", "0 % (0 to 43)", "0", "–"]
