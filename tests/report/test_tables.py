"""The tables behind the charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tl_core.advisor.advice import Candidate, Range
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


def test_no_epochs_give_the_columns_alone() -> None:
    table = tables.epochs([])

    assert table.empty
    assert "validation loss" in table.columns


def test_class_counts_the_largest_first() -> None:
    table = tables.class_counts({"bees": 2, "ants": 30})

    assert table.to_dict("list") == {"class": ["ants", "bees"], "examples": [30, 2]}
