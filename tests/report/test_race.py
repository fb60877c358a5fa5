"""A race as a picture and as a table."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import pytest

from tl_core.report.race import Row, race_alt, race_figure, race_table, state_of
from tl_core.spec import Accuracy

FIRST = Row(
    "lora", "run-1", Accuracy(0.94, 0.83, 0.98, 48), 19.0, trainable_parameters=5124,
    weight_bytes=31_040,
)  # fmt: skip
OUT = Row("linear_probe", "run-2", Accuracy(0.25, 0.15, 0.39, 48), 5.0, dropped=1, p_vs_best=1e-4)
NEW = Row("from_scratch", "run-3", None, 0.0)


@pytest.mark.parametrize("dark", [False, True])
def test_each_has_its_name_and_its_interval(dark: bool) -> None:
    made = race_figure([FIRST, OUT, NEW], dark=dark)
    go.Figure(made)
    (marks,) = made["data"]
    assert marks["x"] == [0.94, 0.25]
    assert marks["y"] == [0, 1]
    assert marks["marker"]["symbol"] == ["circle", "circle-open"]
    assert marks["error_x"]["array"] == pytest.approx([0.04, 0.14])
    names = [note["text"] for note in made["layout"]["annotations"]]
    assert names == [
        "<b>Parameter-efficient (LoRA)</b>  94 % (83 to 98)",
        "<b>Feature extraction</b>  25 % (15 to 39)",
        "<b>From scratch (control)</b>  not judged yet",
    ]
    low, high = made["layout"]["xaxis"]["range"]
    assert low <= 0.15
    assert high >= 0.98


def test_nobody_yet_is_no_fault() -> None:
    go.Figure(race_figure([], dark=False))
    assert race_alt([NEW]).endswith("nobody has been judged yet.")


def test_the_picture_in_words() -> None:
    assert race_alt([FIRST, OUT, NEW]) == (
        "Right answers of each strategy, with interval: "
        "Parameter-efficient (LoRA) 94 % (83 to 98); Feature extraction 25 % (15 to 39)."
    )


def test_the_numbers() -> None:
    first, out, new = race_table([FIRST, OUT, NEW]).to_dict("records")
    assert first["right on held-out"] == "94 % (83 to 98)"
    assert first["weights"] == "31 kB"
    assert first["parameters that learn"] == "5,124"
    assert out["p against the first"] == "nearly 0"
    assert out["state"] == "out after round 1"
    assert pd.isna(new["training"])
    assert state_of(Row("lora", "r", None, 0.0, has_failed=True)) == "failed"
