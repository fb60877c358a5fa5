"""The story of a run that has ended, sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tl_core.watch.story import story

Make = Callable[..., Any]
VAL = [2.3, 0.8, 0.6, 0.5, 0.4, 0.45, 0.5, 0.55]
RIGHT = [0.1, 0.7, 0.8, 0.82, 0.9, 0.9, 0.89, 0.88]
RUNG: Mapping[str, Any] = {
    "stage": "7",
    "paid": False,
    "gain": 0.01,
    "z": 0.3,
    "accuracy_after": 0.85,
}


@pytest.fixture
def ended(state: Make, epochs: Make) -> Make:
    """Make an ended run: two epochs of the head, then the phases that are given."""

    def make(*phases: str, **changes: Any) -> Any:
        told = epochs(VAL[: 3 + len(phases)], accuracy=RIGHT[: 3 + len(phases)])
        for epoch, phase in zip(told[1:], ("head", "head", *phases), strict=True):
            epoch["phase"] = phase
        fields = {"status": "finished", "stop_reason": "patience", "epochs": told, "finished": {}}
        return state(**{**fields, **changes})

    return make


def test_what_was_tried_is_told_in_order(ended: Make) -> None:
    assert story(ended("full"))[0] == (
        "In 3 minutes it trained the new last layer alone for 2 epochs, then the whole network "
        "for 1 epoch."
    )
    assert story(ended("thaw:7", "thaw:7"))[0].endswith(
        "then stage 7 and all later ones for 2 epochs."
    )
    assert story(ended("thaw:7", "thaw:6", "thaw:4"))[0].endswith(
        "then stage 7 and all later ones, step by step back to stage 4, for 3 epochs."
    )


def test_a_head_alone_is_held_against_the_start(ended: Make) -> None:
    assert story(ended())[1] == (
        "Before training it was right on 10 %, at its best on 80 % (75 to 84)."
    )


def test_more_than_the_head_is_held_against_the_head(ended: Make) -> None:
    assert story(ended("full", "full"))[1] == (
        "The last layer alone came to 80 %; with the rest it is 90 % (85 to 94), more than chance "
        "explains."
    )
    near = ended("full", "full")
    near.epochs[2]["val_accuracy"] = 0.88
    assert "which may be chance" in story(near)[1]


def test_a_rung_is_told_with_what_it_changed_and_what_was_forgotten(ended: Make) -> None:
    run = ended("thaw:7", "thaw:7", finished={"retention": {"agreement": 0.43}})

    assert story(run, [RUNG])[1] == (
        "The last layer alone came to 80 %; thawing from stage 7 on did not pay (right on 85 %, "
        "the loss fell by 0.010, too little to tell from chance) and was undone; the base's own "
        "classifier still gives 43 % of its old answers (that the rest is forgotten matters only "
        "if the model must still do its old work)."
    )
    paid = {**RUNG, "paid": True, "gain": 0.2, "z": 4.0}
    assert "stage 7 on paid (right on 85 %, the loss fell by 0.20)" in story(run, [paid])[1]
    worse = {**RUNG, "gain": -0.02}
    assert (
        "did not pay (right on 85 %, the loss rose by 0.020) and was undone"
        in story(run, [worse])[1]
    )


def test_what_follows_depends_on_how_it_ended(ended: Make) -> None:
    late = ended("full", "full", stop_reason="time")
    assert "still getting better at the end" in story(late)[2]
    run = ended(*["full"] * 5)
    assert story(run)[2].startswith("It does as well on new examples")
    run.epochs[4]["train_accuracy"] = 1.0
    assert story(run)[2] == (
        "It knows its training examples (100 %) better than others (90 %): more examples are "
        "likelier to help than longer training."
    )
    alert = {"epoch": 6, "kind": "instability", "text": "…"}
    assert "lower learning rate" in story(ended(*["full"] * 5, alerts=[alert]))[2]


def test_nothing_trained_is_no_story(state: Make, epochs: Make) -> None:
    assert story(state()) == ()
    assert story(state(epochs=epochs([2.0]))) == ()


def test_a_base_that_hurts_decides_what_to_do_next(ended: Make) -> None:
    begun = {"epoch": 0, "kind": "negative_transfer", "text": "…"}
    proven = begun | {"epoch": 5, "control": "r2"}
    advice = "From scratch it does better: take another base, or what learned without one."
    assert story(ended("full", "full", alerts=[begun]))[2] != advice
    assert story(ended("full", "full", alerts=[begun, proven]))[2] == advice


def test_a_leak_is_said_before_anything_is_made_of_the_score(ended: Make) -> None:
    leak = {"epoch": 0, "kind": "leak", "text": "…"}
    hurts = {"epoch": 5, "kind": "negative_transfer", "text": "…", "control": "r2"}
    jumps = {"epoch": 9, "kind": "jumps", "text": "…"}
    for alerts in ([leak], [leak, hurts], [leak, jumps]):
        assert "not to be believed yet" in story(ended("full", "full", alerts=alerts))[2]
    assert "not to be believed" not in " ".join(story(ended("full", "full", alerts=[hurts])))
