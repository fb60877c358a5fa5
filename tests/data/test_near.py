"""Near twins among texts: found, led by the first, and cheap where there are many copies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tl_core.data import near

SAID = "The parcel came two days late and the box was open on one side when I got it."


@pytest.mark.parametrize(
    "other",
    [
        SAID.upper().replace(" ", "  "),
        SAID + " Thanks.",
        "Hello! " + SAID,
        SAID.replace("two", "too"),
    ],
)
def test_what_says_nearly_the_same_is_led_by_the_first(other: str) -> None:
    assert near.leaders([SAID, "I want my money back.", other]) == [0, 1, 0]


@pytest.mark.parametrize(
    "other",
    [
        "The parcel came two days late.",
        SAID.replace("parcel came", "train went").replace("box", "window").replace("got", "paid"),
        "",
        "?!",
    ],
)
def test_what_says_something_else_leads_itself(other: str) -> None:
    assert near.leaders([SAID, other]) == [0, 1]


def test_short_texts_are_alike_only_if_equal() -> None:
    assert near.leaders(["yes", "no", "Yes!", "yep", ""]) == [0, 1, 0, 3, 4]


def test_the_leaders_are_those_of_a_full_comparison() -> None:
    rng = np.random.default_rng(0)
    words = ["late", "box", "open", "side", "parcel", "money", "back", "lamp", "blue", "price",
             "house", "river", "seven", "quick", "letter", "paper"]  # fmt: skip
    texts = []
    for _ in range(60):
        base = rng.choice(words, 24)
        for changes in range(4):
            changed = base.copy()
            changed[rng.choice(24, changes, replace=False)] = rng.choice(words, changes)
            texts.append(" ".join(changed))
    found = near.leaders(texts)
    sets = [near.pieces(near.words_of(text)) for text in texts]
    twins = {
        (a, b)
        for a, b in itertools.combinations(range(len(texts)), 2)
        if near.overlap(sets[a], sets[b]) >= near.NEAR
    }
    assert len(twins) > 30
    led = {(leader, own) for own, leader in enumerate(found) if leader != own}
    assert all(
        pair in twins or texts[pair[0]] == texts[pair[1]] for pair in led
    )  # never a false one
    should_follow = {b for _, b in twins}
    assert len({own for _, own in led} & should_follow) >= 0.9 * len(should_follow)


def test_many_copies_cost_no_more_than_one_comparison_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = []
    plain = near.overlap
    monkeypatch.setattr(near, "overlap", lambda a, b: compared.append(1) or plain(a, b))
    texts = [f"{SAID} Number {n}." for n in range(300)]
    assert set(near.leaders(texts)) == {0}
    assert len(compared) == 299


def test_it_can_be_ended() -> None:
    def tick() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        near.leaders([SAID], tick)
