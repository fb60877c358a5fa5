"""The verdict of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tl_core.watch.ending import verdict, what_learned, why_it_ended

Make = Callable[..., Any]


def test_the_verdict_has_its_interval(state: Make, epochs: Make) -> None:
    told = epochs([2.0, 0.5], accuracy=[0.1, 0.95])

    assert verdict(state(epochs=told)) == (
        "It is right on 95 % of the validation examples (90 to 99)."
    )


def test_test_pictures_are_told_where_there_are_any(state: Make, epochs: Make) -> None:
    test = {"value": 0.94, "low": 0.9, "high": 0.965, "n": 200}

    told = verdict(state(epochs=epochs([2.0, 0.5]), finished={"test_accuracy": test}))

    assert told == (
        "It is right on 90 % of the validation examples (85 to 94), and on 94 % of the test "
        "examples (90 to 97) that took no part in training."
    )


def test_without_a_best_there_is_no_verdict(state: Make) -> None:
    assert verdict(state()) == ""
    assert why_it_ended(state(stop_reason="done")) == ""


def test_patience_counts_in_epochs_of_the_curve(state: Make, epochs: Make) -> None:
    told = epochs([2.0, 0.5, 0.6])
    told[-1]["patience_used"] = 1

    assert why_it_ended(state(epochs=told, stop_reason="patience")) == (
        "nothing had improved for 1 epoch"
    )
    told[-1].update(patience_used=None, patience=None)
    assert why_it_ended(state(epochs=told, stop_reason="patience")) == (
        "nothing had improved since epoch 1"
    )


def test_what_learned_is_told_with_its_share_and_sizes(state: Make, epochs: Make) -> None:
    sizes = {"learned_bytes": 305_000, "whole_bytes": 90_900_000}
    end = {"trainable_parameters": 74_498, "parameters": 22_713_986, "sizes": sizes}

    told = what_learned(state(epochs=epochs([2.0, 0.5]), finished=end))

    assert told == (
        "0.3 % of the network learned: 74,498 of 22,713,986 numbers (parameters). That part "
        "alone takes 305 kB; merged with the base it is 91 MB."
    )
    head = {**end, "trainable_parameters": 1_540}
    assert what_learned(state(finished=head)).startswith("Less than 0.1 % of the network learned")
    everything = {**end, "trainable_parameters": 22_713_000}
    assert "The whole network learned" in what_learned(state(finished=everything))


def test_runs_that_did_not_tell_sizes_say_nothing_of_them(state: Make) -> None:
    assert what_learned(state()) == ""
    assert what_learned(state(finished={"trainable_parameters": 5})) == ""
