"""Decisions in words: each quotes what was measured and says what follows."""

from __future__ import annotations

from typing import Any

import pytest

from tl_core.watch.decisions import sentences

PROBES = [{"stage": "stem", "accuracy": 0.3}, {"stage": "1", "accuracy": 0.9},
          {"stage": "2", "accuracy": 0.8}]  # fmt: skip
TRIAL = {"way": "mirror", "safe": True, "plain": 0.93, "changed": 0.94, "lost": 1, "won": 2,
         "n": 200}  # fmt: skip
RUNG = {"what": "rung", "stage": "5", "paid": True, "gain": 0.38, "z": 7.77, "n": 300}


def one(decision: dict[str, Any]) -> str:
    (words,) = sentences(decision)
    return words


def test_the_ladder_names_the_best_stage_and_the_first_to_thaw() -> None:
    words = one({"what": "ladder", "stage_probes": PROBES, "rungs": ["2", "stem"]})
    assert "after stage 1 (90 %)" in words
    assert "last stage, 80 %" in words
    assert "begins with stage 2" in words


@pytest.mark.parametrize(("safe", "follows"), [(True, "uses it"), (False, "does without")])
def test_each_change_of_the_pictures_is_told_with_its_numbers(safe: bool, follows: str) -> None:
    light = TRIAL | {"way": "light", "safe": safe}
    first, second = sentences({"what": "augmentation", "trials": [TRIAL, light]})
    assert first.startswith("Mirrored, 200 examples")
    assert "94 % against 93 %" in first
    assert second.startswith("Made lighter or darker")
    assert second.endswith(f"{follows}.")


def test_a_rung_that_paid_is_kept_and_one_that_did_not_is_undone() -> None:
    paid = one(RUNG)
    assert "fell by 0.38" in paid
    assert "7.8 standard errors" in paid
    assert paid.endswith("kept.")
    undone = one(RUNG | {"paid": False, "gain": -0.2, "z": -1.5})
    assert "changed by 0.2" in undone
    assert undone.endswith("undone.")


def test_a_mixture_is_told_by_its_share() -> None:
    assert "50 % of the way" in one({"what": "interpolation", "share": 0.5, "tried": []})
    assert "none did better" in one({"what": "interpolation", "share": 1.0, "tried": []})


def test_an_action_speaks_for_itself_and_strangers_are_silent() -> None:
    assert one({"what": "action", "text": "Halved."}) == "Halved."
    assert sentences({"what": "dance"}) == ()


def test_what_a_person_asked_for_is_told_with_what_came_of_it() -> None:
    asked = {"what": "action", "id": "a", "action": "lower_lr", "epoch": 4, "applied": True,
             "text": "Every rate is a tenth."}  # fmt: skip
    assert one(asked) == (
        "You asked after epoch 4: Divide the learning rate by ten. Every rate is a tenth."
    )
    refused = one(asked | {"applied": False, "text": "It has none."})
    assert refused.endswith("It was not done: It has none.")
    assert "after epoch 4: dance" in one(asked | {"action": "dance"})
