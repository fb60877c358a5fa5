"""Detectors: right on made curves, silent where nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.watch.conftest import spread
from tl_core.watch import detectors as d

Make = Callable[..., Any]
FALLING = [2.3, 1.2, 0.8, 0.62, 0.53, 0.5]
RISING = [0.54, 0.6, 0.67, 0.73]
TRAIN_FALLING = [2.2, 1.1, 0.7, 0.5, 0.4, 0.33, 0.27, 0.22, 0.18, 0.15]
LOSING = [0.1, 0.7, 0.8, 0.9, 0.92, 0.92, 0.9, 0.84, 0.8, 0.78]
"""Shares of right answers that fall while validation rises."""


def test_memorising_is_a_rise_with_fewer_right_while_training_goes_on_falling(epochs: Make) -> None:
    means = FALLING + RISING

    alert = d.rising(epochs(means, TRAIN_FALLING, LOSING), spread(means))

    assert alert is not None
    assert (alert.kind, alert.epoch) == ("overfitting", 9)
    assert "Since epoch 5" in alert.text
    assert "memorise" in alert.text
    assert "fewer others are right" in alert.text


def test_a_rise_with_as_many_right_is_drift_of_the_calibration(epochs: Make) -> None:
    means = FALLING + RISING

    alert = d.rising(epochs(means, TRAIN_FALLING), spread(means))

    assert alert is not None
    assert alert.kind == "calibration"
    assert "too sure of itself" in alert.text
    assert "rises (by 27 %)" in alert.text


def test_a_head_that_only_gets_surer_is_told_before_patience_would(epochs: Make) -> None:
    """Few wrong examples grow without end: the mean rises much, but its spread as much."""
    means = [0.7, 0.67, 0.85, 1.02, 1.25, 1.34, 1.5]
    wrong = np.zeros((7, 100))
    wrong[:, :5] = np.array(means)[:, None] * 20

    told = epochs(means, [0.69, 0.56, 0.2, 0.1, 0.05, 0.02, 0.01])
    assert d.rising(told[:5], wrong[:5]) is None
    alert = d.rising(told[:6], wrong[:6])
    assert alert is not None
    assert (alert.epoch, alert.kind) == (5, "calibration")
    little = [0.7, 0.67, 0.68, 0.7, 0.72, 0.74]
    assert d.rising(epochs(little, [0.69, 0.5, 0.4, 0.3, 0.2, 0.1]), spread(little)) is None


def test_a_rise_of_unknown_mistakes_is_not_called_harmless(epochs: Make) -> None:
    told = epochs(FALLING + RISING, TRAIN_FALLING)
    for epoch in told:
        epoch["val_n"] = None

    alert = d.rising(told, spread(FALLING + RISING))

    assert alert is not None
    assert alert.kind == "overfitting"


def test_a_rise_of_training_too_means_steps_too_large(epochs: Make) -> None:
    means = FALLING + RISING

    alert = d.rising(epochs(means, train=means), spread(means))

    assert alert is not None
    assert alert.kind == "instability"
    assert "steps are too large" in alert.text


def test_without_examples_only_a_marked_rise_counts(epochs: Make) -> None:
    slight = [*FALLING, 0.5, 0.505, 0.51, 0.512]

    assert d.rising(epochs(FALLING + RISING, TRAIN_FALLING), None) is not None
    assert d.rising(epochs(slight, TRAIN_FALLING), None) is None


def test_a_training_loss_that_jumps_is_unstable(epochs: Make) -> None:
    jumping = [2.0, 0.5, 0.3, 1.9, 0.3, 1.9, 0.4]
    calm = [2.0, 0.5, 0.3, 0.35, 0.3, 0.32, 0.3]

    alert = d.jumping(epochs(jumping, jumping))

    assert alert is not None
    assert alert.kind == "jumps"
    assert "rose by 3.2 in all, and before any training it was 2.0" in alert.text
    assert d.jumping(epochs(calm, calm)) is None
    assert d.jumping(epochs(jumping[:3], jumping[:3])) is None


def test_a_thaw_is_no_jump(epochs: Make) -> None:
    """What a new phase begins with stands beside the last of the phase before, not after it."""
    curve = [2.0, 0.4, 0.3, 0.2, 0.1, 1.6, 0.9, 0.5]
    told = epochs(curve, curve)
    for epoch in told[5:]:
        epoch["phase"] = "thaw:7"

    assert d.jumping(told) is None


@pytest.mark.parametrize("known", [None, {}, {"leak_pairs": None}])
def test_where_no_leak_is_known_nothing_is_told(known: dict[str, Any] | None) -> None:
    assert d.held_twice(known, 0) == ()


def test_a_leak_that_is_known_is_told_with_its_number() -> None:
    (alert,) = d.held_twice({"leak_pairs": 12}, 0)
    assert (alert.kind, alert.epoch) == ("leak", 0)
    assert "(12 of them: a leak)" in alert.text


def test_validation_clearly_above_training_looks_like_a_leak(epochs: Make) -> None:
    told = epochs(FALLING)
    for epoch in told:
        epoch.update(train_accuracy=0.7, val_low=0.85)

    alert = d.too_good(told)

    assert alert is not None
    assert alert.kind == "leak"
    assert "(90 %)" in alert.text
    assert "(70 %)" in alert.text
    told[-2]["val_low"] = 0.69
    assert d.too_good(told) is None, "once within the interval is chance"
    assert d.too_good(epochs(FALLING)) is None


def test_flat_is_a_plateau_only_after_a_window_without_a_new_best(epochs: Make) -> None:
    means = [*FALLING, 0.49, 0.5, 0.485, 0.495, 0.5, 0.49]
    falling = [*FALLING, 0.49, 0.5, 0.485, 0.495, 0.5, 0.48]

    told, improved = (epochs(m, accuracy=[0.2, *[0.95] * (len(m) - 1)]) for m in (means, falling))

    alert = d.standing(told, spread(means))

    assert alert is not None
    assert alert.kind == "plateau"
    assert d.standing(told[:-1], spread(means[:-1])) is None
    assert d.standing(improved, spread(falling)) is None


def test_flat_training_with_many_mistakes_is_underfitting(epochs: Make) -> None:
    means = [1.2, 0.8, 0.62, 0.6, 0.59, 0.585, 0.59, 0.588, 0.59]
    told = epochs(means, accuracy=[0.3, 0.6, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7])

    alert = d.standing(told, spread(means))

    assert alert is not None
    assert alert.kind == "underfitting"
    assert "only 72 % are right" in alert.text
    told[-1]["train_accuracy"] = 0.96
    other = d.standing(told, spread(means))
    assert other is None or other.kind == "plateau"


def test_a_gain_within_chance_is_noise(epochs: Make) -> None:
    curve = [0.69, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2]
    told = epochs([0.69, 0.68, 0.69, 0.7, 0.69, 0.68, 0.69], curve, [0.5] * 7, n=20)

    alert = d.standing(told, None)

    assert alert is not None
    assert alert.kind == "noise"
    assert "of 20 held-out examples" in alert.text
    for epoch in told[1:]:
        epoch["val_low"] = 0.55
    assert d.standing(told, None) is None or d.standing(told, None).kind != "noise"


@pytest.mark.parametrize("lost", [None, float("nan"), float("inf")])
def test_a_loss_that_is_no_number(epochs: Make, lost: float | None) -> None:
    told = epochs([2.3, 1.0, 0.9])
    told[-1]["val_loss"] = lost

    alert = d.lost(told)

    assert alert is not None
    assert alert.kind == "nan"
