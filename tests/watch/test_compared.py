"""The paired verdict in words: who does best, what is too close, and who makes no pair."""

from __future__ import annotations

import pytest

from tl_core.paired import Comparison, Pair, Unlike
from tl_core.watch.compared import headline, remarks, verdict_of

NAMES = {"a": "A", "b": "B", "c": "C", "d": "D"}


def pair(first: str, second: str, won: int, lost: int, p: float) -> Pair:
    return Pair(first, second, 100, won, lost, p, p)


def of(*pairs: Pair, **more: object) -> Comparison:
    runs = tuple(dict.fromkeys(run for p in pairs for run in (p.first, p.second)))
    return Comparison(**{"groups": (runs,), "pairs": pairs} | more)  # type: ignore[arg-type]


def test_two_that_are_told_apart() -> None:
    found = of(pair("a", "b", 2, 14, 0.004))
    assert headline(found, NAMES) == "B does best: a paired test tells it from A."
    assert remarks(found, NAMES) == (
        "Of 100 validation examples, A alone is right on 2 and B alone on 14 (exact McNemar test, "
        "p 0.0040).",
    )
    assert verdict_of(found.pairs[0], NAMES) == "B does better"


def test_two_that_are_not() -> None:
    found = of(pair("a", "b", 5, 4, 1.0))
    assert headline(found, NAMES) == "Too close to call between A and B."
    assert remarks(found, NAMES)[0].endswith("Chance alone makes such a difference too easily.")
    assert verdict_of(found.pairs[0], NAMES) == "too close to call"
    same = of(pair("a", "b", 0, 0, 1.0))
    assert "right on exactly the same" in remarks(same, NAMES)[0]


def test_a_tie_ahead_of_others() -> None:
    found = of(pair("a", "b", 5, 4, 1.0), pair("a", "c", 20, 1, 0.001), pair("b", "c", 9, 5, 0.4))
    assert headline(found, NAMES) == (
        "Too close to call between A and B; C did worse than at least one of them."
    )
    assert remarks(found, NAMES) == ()


def test_the_best_of_three() -> None:
    found = of(
        pair("a", "b", 20, 1, 0.001), pair("a", "c", 20, 1, 0.001), pair("b", "c", 9, 5, 0.4)
    )
    assert headline(found, NAMES) == "A does best: a paired test tells it from B and C."


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("data", "learned from different data"),
        ("labels", "labels of the validation examples were changed"),
        ("edits", "the data were changed between the two"),
        ("split", "With the same seed and the same share held out they could be."),
        ("examples", "judged on different validation examples"),
    ],
)
def test_why_no_pair_is_told_of_whole_groups(why: str, words: str) -> None:
    groups = (("a", "b"), ("c", "d"))
    pairs = (pair("a", "b", 5, 4, 1.0), pair("c", "d", 20, 1, 0.001))
    found = of(*pairs, groups=groups, unlike=(Unlike("a", "c", why, 3),))
    told = remarks(found, NAMES)
    assert told[0] == "C does best: a paired test tells it from D."
    assert told[1].startswith("A and B cannot be compared in pairs with C and D")
    assert words in " ".join(told)


def test_nothing_to_compare_yet_or_ever() -> None:
    waiting = Comparison(training=("a", "b"))
    assert headline(waiting, NAMES) == "The verdict comes when they have ended."
    assert remarks(waiting, NAMES) == (
        "A and B are still being trained; their answers are compared at their end.",
    )
    apart = Comparison(groups=(("a",), ("b",)), unlike=(Unlike("a", "b", "data", 0),))
    assert headline(apart, NAMES) == "These cannot be compared in pairs."
    silent = Comparison(silent=("a",))
    assert headline(silent, NAMES) == "There are no answers to compare."
    assert remarks(silent, NAMES)[0].startswith("A has kept no answers")
