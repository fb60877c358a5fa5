"""One word for the distance: borders between places that were measured."""

from __future__ import annotations

import pytest

from tl_core.evidence.distance import distance_word


@pytest.mark.parametrize(
    ("late", "leep", "word"),
    [
        (0.065, -0.23, "near"),
        (0.135, -0.63, "middling"),
        (0.242, -0.90, "far"),
        (0.577, -0.91, "far"),
        (0.05, -0.95, "far"),
        (None, -0.2, "middling"),
        (None, None, "middling"),
        (0.10, None, "near"),
        (0.20, None, "far"),
    ],
)
def test_the_word_for_the_distance(late: float | None, leep: float | None, word: str) -> None:
    assert distance_word(late, leep, "picture") == word


@pytest.mark.parametrize(
    ("late", "word"), [(0.02, "near"), (0.04, "middling"), (0.07, "far"), (None, "middling")]
)
def test_the_word_for_the_distance_of_texts(late: float | None, word: str) -> None:
    assert distance_word(late, None, "text") == word
    assert distance_word(late, None, "a new kind") == "middling"
