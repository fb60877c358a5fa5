"""A first look in words: how far, on how many, and that it may change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tl_core.report.first_look import first_look_sentences
from tl_core.spec import Distance, FirstLook, Shift

SEEN = FirstLook(32, "far", Shift(0.1, 0.2, 0.31), Shift(0.01, 0.01, 0.018), 0.34)


def test_it_says_on_how_many_it_rests_and_that_it_may_change() -> None:
    told = first_look_sentences(SEEN, "picture", "Lite0")
    assert told[0] == "A first look at 32 pictures: they look far from what Lite0 was trained on."
    assert "0.31" in told[1]
    assert "0.018" in told[1]
    assert "34 %" in told[2]
    assert "may still change" in told[-1]


@pytest.mark.parametrize("word", ["near", "middling", "far"])
@pytest.mark.parametrize("modality", ["picture", "text"])
def test_there_are_words_for_every_distance(modality: str, word: Distance) -> None:
    (said, *_rest) = first_look_sentences(replace(SEEN, distance=word), modality, "B")
    assert word in said
    assert ("English" in said) == (modality == "text")


def test_a_base_without_statistics_claims_no_distance() -> None:
    blind = FirstLook(32, None, None, None, 0.5)
    told = first_look_sentences(blind, "picture", "B")
    assert "is not measured" in told[0]
    assert "50 %" in told[1]
    assert len(told) == 3
