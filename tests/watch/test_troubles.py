"""What is said of a run that goes badly, held word for word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.watch.troubles import trouble

Make = Callable[..., Any]
VAL = [2.3, 1.2, 0.8, 0.62, 0.53, 0.5]
RISING = [*VAL, 0.54, 0.6, 0.67, 0.73]
TRAIN = [2.2, 1.1, 0.7, 0.5, 0.4, 0.33, 0.27, 0.22, 0.18, 0.15]
FEWER = [0.1, 0.7, 0.8, 0.9, 0.92, 0.92, 0.9, 0.84, 0.8, 0.78]
MEMORISING = (
    "It has stopped getting better since epoch 5 (validation loss 0.50, now {now}): it is "
    "beginning to memorise the training examples."
)


def test_a_healthy_run_is_no_trouble(state: Make, epochs: Make) -> None:
    assert trouble(state(epochs=epochs(VAL))) is None


def test_memorising_by_an_alert_or_by_the_curves_alone(state: Make, epochs: Make) -> None:
    told = epochs([*VAL, 0.51, 0.52, 0.53])
    alert = {"epoch": 8, "kind": "overfitting", "text": "…"}

    assert trouble(state(epochs=told, alerts=[alert])) == MEMORISING.format(now="0.53")
    assert trouble(state(epochs=epochs(RISING, TRAIN, FEWER))) == MEMORISING.format(now="0.73")


def test_an_alert_from_before_the_best_is_history(state: Make, epochs: Make) -> None:
    alert = {"epoch": 3, "kind": "overfitting", "text": "…"}

    assert trouble(state(epochs=epochs(VAL), alerts=[alert])) is None


def test_as_many_right_but_surer(state: Make, epochs: Make) -> None:
    assert trouble(state(epochs=epochs(RISING, TRAIN))) == (
        "Since epoch 5 it only gets surer of itself (validation loss 0.50, now 0.73): about as "
        "many are right as before, but its mistakes become more confident (calibration)."
    )


def test_running_away(state: Make, epochs: Make) -> None:
    assert trouble(state(epochs=epochs([*VAL, 0.6, 0.8, 1.1]))) == (
        "The learning rate is too high: since epoch 5 even the training examples fit worse (loss "
        "0.45, now 0.99); smaller steps would settle."
    )
    lost = [{"epoch": 6, "kind": "nan", "text": "…"}]
    assert trouble(state(epochs=epochs(VAL), alerts=lost)) == (
        "Training has run away: in epoch 6 the loss is no longer a number, after epoch 5 it was "
        "0.50. The best, epoch 5, is kept; it is right on 90 % of the validation examples (85 to "
        "94)."
    )


def test_an_unstable_run(state: Make, epochs: Make) -> None:
    jumping = [2.0, 0.5, 0.3, 1.9, 0.3, 1.9, 0.4]

    assert trouble(state(epochs=epochs([2.0, 0.6, 0.5, 0.6, 0.55, 0.6, 0.55], jumping))) == (
        "It is unstable: the training loss jumps from epoch to epoch (it was 0.30 at epoch 2 and "
        "is 0.40); smaller steps, a lower learning rate, would calm it."
    )


def test_validation_noisier_than_what_was_gained(state: Make, epochs: Make) -> None:
    train = [0.69, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2]
    told = epochs([0.69, 0.68, 0.69, 0.7, 0.69, 0.68, 0.69], train, [0.5] * 7, n=20)

    assert trouble(state(epochs=told)) == (
        "Validation is noisier than what was gained: after 6 epochs the 20 held-out examples "
        "cannot tell it from a network that has learned nothing. More of them would."
    )


def test_underfitting_needs_the_alert(state: Make, epochs: Make) -> None:
    told = epochs([*VAL, 0.51], accuracy=[0.7] * 7)
    alert = {"epoch": 6, "kind": "underfitting", "text": "…"}

    assert trouble(state(epochs=told)) is None
    assert trouble(state(epochs=told, alerts=[alert])) == (
        "It cannot fit even what it learns from: 72 % of the training examples are right; the "
        "best, epoch 5, is right on 70 % of the validation examples (65 to 74). Thawing more of it "
        "may help (underfitting)."
    )


@pytest.mark.parametrize("kind", ["plateau", "leak", "unheard-of"])
def test_what_is_no_trouble_is_not_told_as_one(state: Make, epochs: Make, kind: str) -> None:
    alert = {"epoch": 6, "kind": kind, "text": "…"}

    assert trouble(state(epochs=epochs([*VAL, 0.51]), alerts=[alert])) is None
