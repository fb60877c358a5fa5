"""Epochs as tidy tables."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tl_core.watch import curves


def test_one_row_per_epoch_curve_and_measure(epochs: Callable[..., Any]) -> None:
    table = curves.frame(epochs([2.0, 1.0, 0.5]))

    assert list(table.columns) == list(curves.COLUMNS)
    assert len(table) == 3 * 4
    wide = table[table.measure == "loss"].pivot(index="epoch", columns="curve", values="value")
    assert wide.validation.tolist() == [2.0, 1.0, 0.5]


def test_only_validation_accuracy_has_an_interval(epochs: Callable[..., Any]) -> None:
    table = curves.frame(epochs([2.0, 1.0]))

    known = table[table.low.notna()]
    assert set(zip(known.curve, known.measure, strict=True)) == {("validation", "accuracy")}
    assert (known.low <= known.value).all()
    assert (known.value <= known.high).all()


def test_what_is_missing_is_left_out() -> None:
    table = curves.frame([{"epoch": 0, "phase": "before", "train_loss": None, "val_loss": 2.3}])

    assert table[["curve", "measure", "value"]].values.tolist() == [["validation", "loss", 2.3]]
    assert math.isnan(table.low[0])


def test_no_epochs_give_an_empty_table_with_its_columns() -> None:
    table = curves.frame([])

    assert table.empty
    assert list(table.columns) == list(curves.COLUMNS)
