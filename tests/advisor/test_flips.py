"""What would change the advice, found by asking again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.advisor.choose import choose
from tl_core.advisor.declared import Facts
from tl_core.advisor.facts import facts_from
from tl_core.advisor.flips import SHOWN, flips

Measured = Callable[[str], Any]


def test_a_near_task_flips_where_the_shift_grows(measured: Measured) -> None:
    found = flips(facts_from(*measured("ants and bees")))

    assert found[0].text == (
        "If the late shift rose to 0.15 or more (now 0.065), "
        "the choice would be: Start frozen, then thaw."
    )


def test_more_pictures_flip_a_far_task(measured: Measured) -> None:
    texts = [flip.text for flip in flips(facts_from(*measured("hand signs")))]

    assert (
        "If the number of training examples rose to 3,000 or more (now 1,650), "
        "the choice would be: Full fine-tuning."
    ) in texts


def test_a_flip_really_flips(cases: list[dict[str, Any]], build: Callable[..., Any]) -> None:
    for case in cases:
        facts = facts_from(*build(case), priority=case.get("priority", "accuracy"))
        now = choose(facts).strategy
        found = flips(facts)
        assert len(found) <= SHOWN
        assert [f.steps for f in found] == sorted(f.steps for f in found)
        assert len({f.fact for f in found}) == len(found)
        assert all(flip.strategy != now for flip in found)


def test_the_distance_follows_the_shift(measured: Measured) -> None:
    """Crossing 0.10 turns a middling task near, which changes the rule of thumb."""
    found = flips(facts_from(*measured("small photographs, a few thousand")))

    assert found[0].fact == "shift_late"
    assert found[0].strategy == "linear_probe"
    assert "fell to 0.10 or less (now 0.14)" in found[0].text
    assert "distance" not in {flip.fact for flip in found}


def test_the_distance_is_asked_for_where_nothing_else_gives_it(measured: Measured) -> None:
    found = flips(facts_from(*measured("a base without batch statistics")))

    texts = [flip.text for flip in found]
    assert (
        "If the distance of your task were near (now middling), "
        "the choice would be: Feature extraction." in texts
    )


@pytest.mark.parametrize(
    ("leak", "sentence"),
    [(True, "Once it is no longer so that"), (False, "If it turned out that")],
)
def test_a_leak_can_flip(measured: Measured, leak: bool, sentence: str) -> None:
    facts: Facts = {
        **facts_from(*measured("many pictures that look near, and yet the base is of no use")),
        "leak_suspected": leak,
        "leak_pairs": 30,
    }

    texts = [flip.text for flip in flips(facts) if flip.fact == "leak_suspected"]

    assert len(texts) == 1
    assert texts[0].startswith(sentence)
