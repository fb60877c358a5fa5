"""What a trial thaw showed, in one sentence that says no more than its interval allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings import pilot
from tl_core.report.pilot import pilot_sentence

FOUND = pilot()


def test_a_gain_is_told_with_its_interval() -> None:
    assert pilot_sentence(FOUND, "picture") == (
        "A short trial thaw got 4 points more than the frozen base (1 to 7), on 300 pictures."
    )


@pytest.mark.parametrize(
    ("gain", "low", "high", "words"),
    [
        (-0.05, -0.08, -0.02, "5 points less than the frozen base (−8 to −2)"),
        (0.01, -0.021, 0.04, "too close to call: the difference is 1 point (−2 to 4)"),
        (-0.02, -0.05, 0.0, "too close to call: the difference is −2 points (−5 to 0)"),
    ],
)
def test_what_lies_within_chance_is_too_close_to_call(
    gain: float, low: float, high: float, words: str
) -> None:
    assert words in pilot_sentence(replace(FOUND, gain=gain, low=low, high=high), "text")


def test_a_trial_that_was_cut_short_says_so() -> None:
    assert "Its time was short" in pilot_sentence(replace(FOUND, stopped_early=True), "picture")
    assert "Its time was short" not in pilot_sentence(FOUND, "picture")
