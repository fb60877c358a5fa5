"""What curves say, epoch by epoch: silent on noise, quick on what is real, each thing once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.watch.conftest import spread
from tests.watch.test_inheritance import grounds
from tl_core.watch import diagnose as d
from tl_core.watch.detectors import Alert

Make = Callable[..., Any]
FALLING = [2.3, 1.2, 0.8, 0.62, 0.53, 0.5]
RISING = [0.54, 0.6, 0.67, 0.73]
TRAIN_FALLING = [2.2, 1.1, 0.7, 0.5, 0.4, 0.33, 0.27, 0.22, 0.18, 0.15]


def kinds(alerts: tuple[Alert, ...]) -> list[str]:
    return [alert.kind for alert in alerts]


def test_the_epoch_before_training_is_no_jitter(epochs: Make) -> None:
    """A new head drops from chance at once; that drop must not hide a later rise."""
    means = [9.0, 0.5, 0.49, 0.5, 0.53, 0.57, 0.61, 0.66]

    assert kinds(d.diagnose(epochs(means, TRAIN_FALLING[:8]), spread(means))) == ["calibration"]


def test_a_log_without_the_epoch_before_training_can_be_read(epochs: Make) -> None:
    means = FALLING + RISING
    told = epochs(means, TRAIN_FALLING)
    for epoch in told:
        epoch["phase"] = "full"

    assert kinds(d.diagnose(told, spread(means))) == ["calibration"]


def test_the_first_epochs_after_a_thaw_are_not_judged(epochs: Make) -> None:
    """A thaw begins worse than the best was, in training too: no instability."""
    told = epochs([2.3, 0.6, 0.5, 0.45, 0.44, 0.43, 1.5, 1.2, 0.9, 0.7, 0.6])
    for epoch in told[6:]:
        epoch["phase"] = "thaw:7"

    assert d.replay(told) == ()


def test_still_falling_is_nothing_to_remark(epochs: Make) -> None:
    means = list(2.0 * np.exp(-np.arange(10) / 4) + 0.1)

    for end in range(1, 11):
        assert d.diagnose(epochs(means[:end]), spread(means[:end])) == ()


@pytest.mark.parametrize("lost", [None, float("nan"), float("inf")])
def test_a_loss_that_is_no_number(epochs: Make, lost: float | None) -> None:
    told = epochs([2.3, 1.0, 0.9])
    told[-1]["val_loss"] = lost

    assert kinds(d.diagnose(told)) == ["nan"]


def test_a_training_loss_that_is_not_told_is_no_fault(epochs: Make) -> None:
    told = epochs([2.3])
    told[0]["train_loss"] = None

    assert d.diagnose(told) == ()


def test_nothing_to_read_nothing_to_say() -> None:
    assert d.diagnose([]) == ()


def test_losses_must_fit_the_epochs(epochs: Make) -> None:
    with pytest.raises(ValueError, match="2 epochs, but losses of 3"):
        d.diagnose(epochs([1.0, 0.9]), np.zeros((3, 5)))


def test_an_alarm_is_told_once_until_there_is_a_new_best(epochs: Make) -> None:
    means = FALLING + RISING
    told = epochs([*means, 0.76], [*TRAIN_FALLING, 0.13])
    said = d.new_alerts(told[:10], spread(means))

    assert kinds(said) == ["calibration"]
    assert d.new_alerts(told, spread([*means, 0.76]), said=said) == ()
    as_events = [{"epoch": a.epoch, "kind": a.kind, "text": a.text} for a in said]
    assert d.new_alerts(told, spread([*means, 0.76]), said=as_events) == ()
    stale = [{"epoch": 3, "kind": "calibration", "text": ""}]
    assert kinds(d.new_alerts(told, spread([*means, 0.76]), said=stale)) == ["calibration"]


def test_replay_gives_what_would_have_been_told(epochs: Make) -> None:
    means = FALLING + RISING

    alerts = d.replay(epochs(means, TRAIN_FALLING), spread(means))

    assert kinds(alerts).count("calibration") == 1
    assert alerts[-1].epoch <= 9


def test_a_leak_is_told_once_whatever_gets_better(epochs: Make) -> None:
    told = epochs(FALLING)
    for epoch in told:
        epoch.update(train_accuracy=0.7, val_low=0.85)

    assert kinds(d.replay(told)) == ["leak"]


def test_what_the_evidence_says_of_the_base_is_told_once_at_the_start(epochs: Make) -> None:
    told, far = epochs(FALLING), grounds(shift_late=0.5, source_confidence=0.3)
    first = d.new_alerts(told[:1], None, far)

    assert [(alert.epoch, alert.kind) for alert in first] == [(0, "domain_mismatch")]
    assert d.new_alerts(told, None, far, said=first) == ()
    assert d.new_alerts(told, None, grounds()) == ()


def simulated(
    seed: int, *, n: int, jitter: float, slope: float, steep: float
) -> tuple[list[float], list[float], npt.NDArray[np.float64]]:
    """Simulate 20 epochs that fall to a plateau or, from epoch 8 on, rise by `slope` a piece."""
    rng = np.random.default_rng(seed)
    t = np.arange(21)
    level = 0.4 + 1.6 * np.exp(-t / steep) + slope * np.maximum(0, t - 8)
    shaken = level * (1 + jitter * rng.standard_normal(21))
    hardness = rng.exponential(1, n)
    own = 1 + 0.1 * rng.standard_normal((21, n))
    losses = shaken[:, None] * hardness * own
    train = 0.3 + 1.6 * np.exp(-t / 2) - 0.01 * t
    return list(losses.mean(axis=1)), list(train), losses


@pytest.mark.parametrize("steep", [0.5, 2.0])
@pytest.mark.parametrize("n", [60, 400])
@pytest.mark.parametrize("jitter", [0.015, 0.05])
def test_false_alarms_are_rare_and_real_rises_are_found(
    epochs: Make, n: int, jitter: float, steep: float
) -> None:
    runs = 40
    alarms = {0.0: 0, 0.03: 0}
    patience = 0
    for slope in alarms:
        for seed in range(runs):
            means, train, losses = simulated(seed, n=n, jitter=jitter, slope=slope, steep=steep)
            found = kinds(d.replay(epochs(means, train), losses))
            alarms[slope] += bool({"overfitting", "calibration"} & set(found))
            if not slope:
                best = np.minimum.accumulate(means)
                since = [i - int(np.argmin(means[: i + 1])) for i in range(len(best))]
                patience += max(since) >= 3

    assert alarms[0.0] <= 0.125 * runs  # 8 % at most, and the luck of 40 runs
    assert patience >= 0.6 * runs
    assert alarms[0.03] >= 0.95 * runs
