"""Forecasts in words: one run, the record, what is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.foretold import outcome
from tl_core.spec import Accuracy
from tl_core.watch import foretold
from tl_core.watch.calibration import calibrate


@pytest.mark.parametrize(
    ("reached", "words"),
    [
        (0.92, "Expected 86 to 94 %, reached 92 %;"),
        (0.86, "Expected 86 to 94 %, reached 86 %;"),
        (0.84, "reached a little less: 84 %, which may be chance;"),
        (0.7, "reached only 70 %, beyond what chance explains;"),
        (0.96, "reached a little more: 96 %, which may be chance;"),
        (0.995, "reached more: 99.5 %, beyond what chance explains;"),
    ],
)
def test_a_run_is_told_in_one_sentence(reached: float, words: str) -> None:
    said = foretold.sentence(outcome(reached))
    assert words in said
    assert said.endswith("expected to take 3 minutes, took 3 minutes.")


def test_a_measured_expectation_is_called_that() -> None:
    said = foretold.sentence(outcome(0.92, known="measured"))
    assert said.startswith("Measured beforehand at 86 to 94 %, reached 92 %")


def test_another_time_is_told_as_a_ratio() -> None:
    assert "took 6 minutes (2.0 times as long)" in foretold.sentence(outcome(minutes=6.0))
    assert "took 90 s (0.50 times as long)" in foretold.sentence(outcome(minutes=1.5))


def test_remarks_tell_what_else_to_know() -> None:
    assert foretold.remarks(outcome()) == []
    told = foretold.remarks(outcome(recommended="linear_probe", cut="time", blocked=True))
    assert told[0] == "Recommended was: Feature extraction."
    assert "Its time was limited" in told[1]
    assert "leak" in told[2]
    for cut in ("person", "epochs"):
        assert len(foretold.remarks(outcome(cut=cut))) == 1


def test_the_answer_names_the_verdict() -> None:
    assert foretold.answer([]) == "Nobody can tell yet."
    assert foretold.answer([outcome()]) == "Too few to tell: 1 of 1 held."
    assert foretold.answer([outcome(0.3)] * 9).startswith("Too sure of themselves: 0 of 9 held.")
    told = [outcome(n=400, dataset=f"d{n}") for n in range(60)]
    assert foretold.answer(told).startswith("Better than they promised")
    good = told[:24] + [replace(o, reached=Accuracy(0.3, 0.2, 0.4, 400)) for o in told[24:30]]
    assert foretold.answer(good) == "About as good as promised: 24 of 30 held."
    assert foretold.answer([outcome(known="measured")]) == "Too few to tell: 1 of 1 held."


def said(*reached: float, **changes: object) -> str:
    told = [outcome(value, dataset=f"d{n}", **changes) for n, value in enumerate(reached)]
    found = calibrate(told)
    assert found is not None
    return " ".join(foretold.record(found))


def test_a_record_of_one_claims_nothing() -> None:
    words = said(0.92)
    assert "1 of 1 interval held what was reached: 100 % (21 to 100)." in words
    assert "cannot tell good forecasts from ones that hold every second time" in words
    assert "In the mean, what was reached lay 2 points from what was expected;" in words
    assert "It took 1.0 times as long" in words
    assert "share what was measured" not in words


def test_a_record_tells_misses_and_bias() -> None:
    words = said(*[0.97, 0.98, 0.97, 0.96, 0.98, 0.93], minutes=6.0)
    assert "1 of 6 intervals held" in words
    assert "Reached less than the interval: 0; reached more: 5." in words
    assert "Each should hold with 80 % chance." in words
    assert "the forecasts were too low" in words
    assert "They took 2.0 times as long as expected in the middle (median)" in words
    assert "the forecasts were too high" in said(*[0.8, 0.82, 0.81, 0.8, 0.83])
    assert "to neither side for certain" in said(*[0.88, 0.92, 0.87, 0.93, 0.9])


def test_runs_of_the_same_data_are_said_to_count_for_less() -> None:
    found = calibrate([outcome(), outcome(), outcome(dataset="other")])
    assert found is not None
    assert "They are of 2 data sets; runs" in foretold.record(found)[-1]
    alone = calibrate([outcome(), outcome()])
    assert alone is not None
    assert "All are of one data set, so" in foretold.record(alone)[-1]


def test_what_is_left_out_is_counted_with_its_reason() -> None:
    assert foretold.left_out({}) == []
    lines = foretold.left_out({"person": 1, "failed": 2, "unforetold": 1, "time": 3, "epochs": 1})
    assert lines[0].startswith("1 run had no forecast")
    assert "2 runs failed." in lines
    assert "1 run was stopped by a person." in lines
    assert len(lines) == 5
