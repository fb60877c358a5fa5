"""What programs read: the same numbers as people see, as plain JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.analysis.handmade import answers_of, overconfident
from tl_core.analysis import calibration
from tl_core.analysis.summary import summary
from tl_core.shares import wilson

PAIRS = [(0, 0)] * 5 + [(0, 1)] * 2 + [(1, 1)] * 3


def test_a_part_is_told_whole() -> None:
    val = answers_of(PAIRS)
    told = summary({"val": val, "test": replace(val, part="test")}, None)
    json.dumps(told, allow_nan=False)
    assert (told["score_on"], told["calibration"]) == ("test", None)
    part = told["parts"]["val"]
    span = wilson(0.8, 10)
    assert part["accuracy"] == {"value": 0.8, "low": span.low, "high": span.high, "n": 10}
    assert part["confusion"] == [[5, 2, 0], [0, 3, 0], [0, 0, 0]]
    assert part["confused"] == [{"labelled": "ant", "given": "bee", "count": 2, "of": 7}]
    assert [m["row"] for m in part["mistakes"]] == [105, 106]
    ant, bee, wasp = part["per_class"]
    assert (ant["labelled"], ant["named"], ant["right"]) == (7, 5, 5)
    assert bee["precision"]["value"] == 0.6
    assert wasp["recall"] is wasp["precision"] is None


def test_probabilities_are_told_with_the_temperature() -> None:
    val = overconfident(400, times=3.0)
    fitted = calibration.fit(val)
    assert fitted.is_kept
    told = summary({"val": val}, fitted)
    assert told["calibration"]["temperature"] == fitted.temperature
    plain = summary({"val": val}, None)["parts"]["val"]["mistakes"]
    mended = told["parts"]["val"]["mistakes"]
    assert mended[0]["probability"] < plain[0]["probability"]
    for name in ("accuracy", "of_100_new"):
        assert told["parts"]["val"][name] == summary({"val": val}, None)["parts"]["val"][name]
    assert calibration.applied(val, None).sure == pytest.approx(val.sure)
