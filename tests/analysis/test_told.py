"""What the analysis says: which sentence for which finding, with its numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.analysis.handmade import CLASSES, answers_of, overconfident
from tl_core.analysis import calibration, mistakes, told


@pytest.mark.parametrize(("modality", "things"), [("picture", "pictures"), ("text", "texts")])
def test_counts_of_a_hundred_new_ones(modality: str, things: str) -> None:
    found = answers_of([(0, 0)] * 46 + [(0, 1)] * 2)
    words = told.expected(found, modality)
    assert words == f"Of 100 new {things} like these expect 86 to 100 right."
    assert f"48 {things}" in told.judged_on(found, modality)


def test_the_validation_part_is_called_a_little_kind_and_the_test_part_not() -> None:
    found = answers_of([(0, 0)] * 9 + [(0, 1)])
    assert "a little kind" in told.judged_on(found, "picture")
    test = told.judged_on(replace(found, part="test"), "picture")
    assert "kind" not in test
    assert "used once" in test


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([(0, 0)], "all of them right"),
        ([(0, 1), (1, 2)], "No two classes were mixed up more than once."),
        ([(0, 1)] * 2 + [(2, 1)], "Most often it takes ant for bee."),
        ([(0, 1)] * 2 + [(1, 0)], "It mixes up ant and bee most."),
    ],
)
def test_where_it_fails(pairs: list[tuple[int, int]], words: str) -> None:
    assert words in told.where_it_fails(answers_of(pairs))


def test_pairs_are_told_in_words() -> None:
    (one,) = mistakes.mixed_up(answers_of([(0, 0)] * 3 + [(0, 2)]))
    assert told.pair(one, CLASSES) == "1 of 4 labelled ant was taken for wasp."
    (two,) = mistakes.mixed_up(answers_of([(0, 0)] * 2 + [(0, 2)] * 2))
    assert told.pair(two, CLASSES) == "2 of 4 labelled ant were taken for wasp."


def test_a_temperature_is_told_with_what_it_gains() -> None:
    fitted = calibration.fit(overconfident(1000, times=3.0))
    first, second, third = told.calibration(fitted)
    assert "chance alone would make" in first
    assert "temperature of 3" in second
    assert "each half judged with the temperature of the other" in third


def test_no_temperature_is_told_with_the_reason() -> None:
    few = told.calibration(calibration.fit(answers_of([(0, 0)] * 20 + [(0, 1)])))
    assert "It made 1 mistake on the validation part; at least 10" in few[1]
    good = told.calibration(calibration.fit(overconfident(1000, times=1.0)))
    assert "no more than chance" in good[0]
    assert "would not lower the log loss beyond chance" in good[1]
