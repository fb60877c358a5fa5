"""Detectors: right on made curves, silent on noise, quick on what is real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tl_core.watch import diagnose as d

Make = Callable[..., Any]
FALLING = [2.3, 1.2, 0.8, 0.62, 0.53, 0.5]
RISING = [0.54, 0.6, 0.67, 0.73]
TRAIN_FALLING = [2.2, 1.1, 0.7, 0.5, 0.4, 0.33, 0.27, 0.22, 0.18, 0.15]


def spread(means: list[float], n: int = 100) -> npt.NDArray[np.float64]:
    """Give each epoch's mean loss to n examples, some harder than others."""
    hardness = np.random.default_rng(1).exponential(1, n)
    return np.outer(means, hardness / hardness.mean())


def kinds(alerts: tuple[d.Alert, ...]) -> list[str]:
    return [alert.kind for alert in alerts]


def test_overfitting_is_a_rise_while_training_goes_on_falling(epochs: Make) -> None:
    means = FALLING + RISING

    (alert,) = d.diagnose(epochs(means, TRAIN_FALLING), spread(means))

    assert alert.kind == "overfitting"
    assert alert.epoch == 9
    assert "Since epoch 5" in alert.text
    assert "memorise" in alert.text


def test_a_rise_of_training_too_is_instability(epochs: Make) -> None:
    means = FALLING + RISING

    (alert,) = d.diagnose(epochs(means, train=means), spread(means))

    assert alert.kind == "instability"
    assert "steps are too large" in alert.text


def test_the_text_tells_whether_fewer_are_right(epochs: Make) -> None:
    means = FALLING + RISING
    losing = [0.1, 0.7, 0.8, 0.9, 0.92, 0.92, 0.9, 0.84, 0.8, 0.78]

    (surer,) = d.diagnose(epochs(means, TRAIN_FALLING), spread(means))
    (worse,) = d.diagnose(epochs(means, TRAIN_FALLING, losing), spread(means))

    assert "too sure of itself" in surer.text
    assert "fewer others are right" in worse.text


def test_the_statistic_is_the_published_formula(epochs: Make) -> None:
    means = FALLING + RISING
    losses = spread(means) + np.random.default_rng(0).normal(0, 0.02, (10, 100))
    rise = d.overfitting_rise(epochs(means), losses)
    assert rise is not None

    curve = losses.mean(axis=1)
    windows = [curve[i : i + 3].mean() for i in range(1, 5)]
    start = 1 + int(np.argmin(windows))
    q = losses[7:10].mean(axis=0) - losses[start : start + 3].mean(axis=0)
    s2 = np.mean(np.diff(curve[1:], 2) ** 2) / 6
    z = q.mean() / np.sqrt(q.var(ddof=1) / 100 + 2 * s2 / 3)

    assert rise.z == pytest.approx(z)
    assert rise.reference == (start, start + 3)


def test_windows_never_overlap_and_need_six_trained_epochs(epochs: Make) -> None:
    told = epochs([2.3, 0.5, 0.51, 0.52, 0.9, 1.5, 2.5])

    assert d.overfitting_rise(told[:6]) is None
    rise = d.overfitting_rise(told)
    assert rise is not None
    assert rise.reference == (1, 4)


def test_the_epoch_before_training_is_no_jitter(epochs: Make) -> None:
    """A new head drops from chance at once; that drop must not hide a later rise."""
    means = [9.0, 0.5, 0.49, 0.5, 0.53, 0.57, 0.61, 0.66]

    assert kinds(d.diagnose(epochs(means, TRAIN_FALLING[:8]), spread(means))) == ["overfitting"]


def test_a_steep_start_does_not_hide_a_rise(epochs: Make) -> None:
    """The first fall of a freshly trained head is curvature, not jitter."""
    means = [2.3, 1.8, 0.6, 0.4, 0.33, 0.34, 0.39, 0.44, 0.5, 0.57]
    rise = d.overfitting_rise(epochs(means), spread(means))

    assert rise is not None
    assert rise.z < d.Z_ALARM
    assert rise.z_settled > d.Z_SETTLED
    assert kinds(d.diagnose(epochs(means, TRAIN_FALLING), spread(means))) == ["overfitting"]


def test_a_log_without_the_epoch_before_training_can_be_read(epochs: Make) -> None:
    means = FALLING + RISING
    told = epochs(means, TRAIN_FALLING)
    for epoch in told:
        epoch["phase"] = "full"

    assert kinds(d.diagnose(told, spread(means))) == ["overfitting"]


def test_the_first_epochs_after_a_thaw_are_not_judged(epochs: Make) -> None:
    """A thaw begins worse than the best was, in training too: no instability."""
    told = epochs([2.3, 0.6, 0.5, 0.45, 0.44, 0.43, 1.5, 1.2, 0.9, 0.7, 0.6])
    for epoch in told[6:]:
        epoch["phase"] = "thaw:7"

    assert d.replay(told) == ()


def test_a_new_phase_starts_afresh(epochs: Make) -> None:
    """The reset to the best weights at a thaw is neither jitter nor a change for the worse."""
    told = epochs([2.3, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 0.5])
    told[-1]["phase"] = "thaw:7"

    assert d.overfitting_rise(told) is None
    assert d.last_change(told) is None
    assert d.diagnose(told) == ()


def test_without_examples_only_a_marked_rise_counts(epochs: Make) -> None:
    slight = [*FALLING, 0.5, 0.505, 0.51, 0.512]

    assert kinds(d.diagnose(epochs(FALLING + RISING, TRAIN_FALLING))) == ["overfitting"]
    assert "overfitting" not in kinds(d.diagnose(epochs(slight, TRAIN_FALLING)))


def test_still_falling_is_nothing_to_remark(epochs: Make) -> None:
    means = list(2.0 * np.exp(-np.arange(10) / 4) + 0.1)

    for end in range(1, 11):
        assert d.diagnose(epochs(means[:end]), spread(means[:end])) == ()


def test_flat_is_a_plateau(epochs: Make) -> None:
    means = [*FALLING, 0.49, 0.5, 0.485, 0.495, 0.5, 0.49]

    assert kinds(d.diagnose(epochs(means), spread(means))) == ["plateau"]


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
    assert d.best_epoch([]) is None


def test_losses_must_fit_the_epochs(epochs: Make) -> None:
    with pytest.raises(ValueError, match="2 epochs, but losses of 3"):
        d.diagnose(epochs([1.0, 0.9]), np.zeros((3, 5)))


def test_an_alarm_is_told_once_until_there_is_a_new_best(epochs: Make) -> None:
    means = FALLING + RISING
    told = epochs([*means, 0.76], [*TRAIN_FALLING, 0.13])
    said = d.new_alerts(told[:10], spread(means))

    assert kinds(said) == ["overfitting"]
    assert d.new_alerts(told, spread([*means, 0.76]), said=said) == ()
    as_events = [{"epoch": a.epoch, "kind": a.kind, "text": a.text} for a in said]
    assert d.new_alerts(told, spread([*means, 0.76]), said=as_events) == ()
    stale = [{"epoch": 3, "kind": "overfitting", "text": ""}]
    assert kinds(d.new_alerts(told, spread([*means, 0.76]), said=stale)) == ["overfitting"]


def test_replay_gives_what_would_have_been_told(epochs: Make) -> None:
    means = FALLING + RISING

    alerts = d.replay(epochs(means, TRAIN_FALLING), spread(means))

    assert kinds(alerts).count("overfitting") == 1
    assert alerts[-1].epoch <= 9


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
            alarms[slope] += "overfitting" in found
            if not slope:
                best = np.minimum.accumulate(means)
                since = [i - int(np.argmin(means[: i + 1])) for i in range(len(best))]
                patience += max(since) >= 3

    assert alarms[0.0] <= 0.125 * runs  # 8 % at most, and the luck of 40 runs
    assert patience >= 0.6 * runs
    assert alarms[0.03] >= 0.95 * runs
