"""Windows of epochs compared: by how much a curve rose, and whether that is more than noise.

Patience rules cry wolf: on a mere plateau, three epochs without improvement happen in most runs.
Rises are therefore told by a windowed paired test on the per-example validation losses, which knows
both kinds of noise: which examples happen to be held out, and the jitter of checkpoints from epoch
to epoch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Epoch = Mapping[str, Any]
Epochs = Sequence[Epoch]
Losses = npt.NDArray[np.floating[Any]]

WINDOW = 3
"""K: epochs that are averaged, so that one lucky epoch decides nothing."""
Z_ALARM = 2.33
"""One-sided 1 %, for the test with the jitter of the whole curve."""
Z_SETTLED = 4.0
"""For the test with the jitter of the settled curve. A steep start passes for jitter and would
hide a later rise; without it the jitter is told from few epochs, hence the higher bar.
Simulated with either bar on plateaus of 20 epochs, with 60 to 400 examples, 1.5 to 5 % jitter and
falls of any steepness: at most 8 % of runs raise a false alarm, in most settings none, and a rise
of 5 % of the loss per epoch is found in all, with the first bar alone in half of the steep ones."""
STEADY = 4
"""So many epochs in a row, each worse than the one before, are a steady rise: jitter about a level
brings them once in 120 times (1 / 5!), but 20 epochs give it many chances."""
CLEAR_RISE = 0.20
"""Share by which they, or a window by the recent jitter, must lie above the best: twice what a
jitter of 5 %, of which a best and a worst are picked, comes to in 20 epochs (simulated in
`tests/watch/test_diagnose.py`)."""
Z_STEADY = 1.28
"""One-sided 10 %: with jitter ruled out and the rise this large, the sampling of examples is all
that is left. Losses of few wrong examples that grow without end spread so widely that Z_ALARM came
at epoch 10 where patience 5 spoke at 6 (heads fitted to 15 and 50 examples without a penalty). Of
the healthy recorded runs none more raise a false alarm (`benchmarks/alarms.json`)."""
RECENT = 8
"""Differences of neighbouring epochs, ten epochs in all, that the recent jitter is told from."""
Z_RECENT = 3.0
"""For the test with it, and a clear rise. A phase that began with a leap would otherwise hide
whatever follows: on recorded runs it finds one planted rise in 17 more, and no healthy run more."""
SETTLED_AFTER = 0.8
"""Share of its whole fall after which a curve counts as settled."""
SETTLING = 2
"""Epochs after a thaw that are not judged: a reset optimizer makes them worse than the best."""
Z_BETTER = 1.64
"""One-sided 5 %: below, two neighbouring windows count as equally good."""
MIN_RISE = 0.05
"""Share by which the loss must rise where per-example losses are not known."""
BEFORE = "before"
"""Phase of the epoch before training: no checkpoint of the training, and no part of its jitter."""


@dataclass(frozen=True, slots=True)
class Rise:
    """How the last window compares with a reference window; both are WINDOW epochs long."""

    z: float
    """Rise over its standard error; positive where the last window is worse."""
    z_settled: float
    """The same, with the jitter of the curve once it has settled."""
    z_recent: float
    """The same, with the jitter of the last epochs."""
    by: float
    """Share of the reference loss by which it rose."""
    is_falling: bool
    """True if the loss falls again within the last window."""
    reference: tuple[int, int]
    """Positions of the reference window in the epochs: first and one past the last."""


def best_epoch(epochs: Epochs) -> int | None:
    """Return the epoch with the lowest validation loss, the first of equals."""
    sound = [epoch for epoch in epochs if not is_lost(epoch)]
    if not sound:
        return None
    return int(min(sound, key=lambda epoch: float(epoch["val_loss"]))["epoch"])


def waited(epochs: Epochs) -> int:
    """Return how many epochs ago the lowest validation loss of the last phase was."""
    phase = epochs[-1].get("phase")
    losses = [float(epoch["val_loss"]) for epoch in epochs if epoch.get("phase") == phase]
    return len(losses) - 1 - losses.index(min(losses))


def overfitting_rise(epochs: Epochs, losses: Losses | None = None) -> Rise | None:
    """Compare the last window with the best window before it; None while there are too few epochs.

    The test: ref is the window with the lowest mean, cur the last one, and per example
    q_i = mean of its loss over cur - mean over ref. With s the jitter of checkpoints, estimated
    by s^2 = mean(second differences of the mean curve, squared) / 6,
    z = mean(q) / sqrt(var(q) / n + 2 s^2 / K).
    It joins a paired test on examples with the noise estimate of von Neumann (1941) for a curve
    that moves slowly. The epoch before training is left out, and no difference is taken across
    the border of two phases. `z_settled` leaves out the first steep fall as well,
    `z_recent` all but the last epochs.
    """
    start = trained_from(epochs)
    means = _means(epochs, losses)
    last = len(epochs) - WINDOW
    if last < start + WINDOW or last < _judged_from(epochs):
        return None
    windows = [float(means[i : i + WINDOW].mean()) for i in range(start, last - WINDOW + 1)]
    return _compare(epochs, losses, start + int(np.argmin(windows)))


def steady_rise(epochs: Epochs, losses: Losses | None = None) -> Rise | None:
    """Compare the last epoch with the best of its phase, where all lately were worse and worse.

    None unless each of the last STEADY epochs is worse than the one before, within one phase of
    training. There is no jitter left to be told from, so that `z` knows the sampling of examples
    alone.
    """
    phase = [i for i, epoch in enumerate(epochs) if epoch.get("phase") == epochs[-1].get("phase")]
    means = _means(epochs, losses)
    recent = means[phase[-STEADY - 1 :]]
    if len(recent) <= STEADY or phase[0] < trained_from(epochs) or (np.diff(recent) <= 0).any():
        return None
    best = phase[int(np.argmin(means[phase]))]
    rise, base = float(means[-1] - means[best]), float(means[best])
    q = losses[-1] - losses[best] if losses is not None else None
    z = _over(rise, _sampling(q, base, epochs[-1].get("val_n")))
    return Rise(
        z=z,
        z_settled=z,
        z_recent=z,
        by=rise / base if base else 0.0,
        is_falling=False,
        reference=(best, best + 1),
    )


def last_change(epochs: Epochs, losses: Losses | None = None) -> Rise | None:
    """Compare the last window with the one right before; None while there are too few epochs."""
    before = len(epochs) - 2 * WINDOW
    is_one_phase = len({epoch.get("phase") for epoch in epochs[max(before, 0) :]}) == 1
    if before < trained_from(epochs) or not is_one_phase:
        return None
    return _compare(epochs, losses, before)


def _compare(epochs: Epochs, losses: Losses | None, reference: int) -> Rise:
    means = _means(epochs, losses)
    window = slice(reference, reference + WINDOW)
    rise = float(means[-WINDOW:].mean() - means[window].mean())
    base = float(means[window].mean())
    q = None
    if losses is not None:
        q = losses[-WINDOW:].mean(axis=0) - losses[window].mean(axis=0)
    sampling = _sampling(q, base, epochs[-1].get("val_n"))
    z, z_settled, z_recent = (
        _over(rise, sampling + 2 * s2 / WINDOW) for s2 in _jitters(epochs, means)
    )
    return Rise(
        z=z,
        z_settled=z_settled,
        z_recent=z_recent,
        by=rise / base if base else 0.0,
        is_falling=bool(means[-1] < means[-WINDOW]),
        reference=(window.start, window.stop),
    )


def _sampling(q: Losses | None, base: float, n: int | None) -> float:
    """Return the variance of a mean change over examples, from the change of each of them.

    Losses of single examples spread about as widely as their mean; where they are not known, their
    changes are taken to do so as well.
    """
    if q is not None and q.size > 1:
        return float(q.var(ddof=1)) / q.size
    return base**2 / n if n else 0.0


def _over(rise: float, variance: float) -> float:
    if variance > 0:
        return rise / math.sqrt(variance)
    return math.copysign(math.inf, rise) if rise else 0.0


def _jitters(epochs: Epochs, means: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Return s^2 of the whole curve, of its settled part, and of the last epochs.

    Both come from triples of neighbouring epochs in one phase of training; the settled part
    keeps at least WINDOW of them.
    """
    phases = [epoch.get("phase") for epoch in epochs]
    inside = [
        i for i in range(len(means) - 2) if phases[i] == phases[i + 1] == phases[i + 2] != BEFORE
    ]
    squares = [float(means[i] - 2 * means[i + 1] + means[i + 2]) ** 2 for i in inside]
    if not squares:
        return 0.0, 0.0, 0.0
    trained = means[trained_from(epochs) :]
    border = trained[0] - SETTLED_AFTER * (trained[0] - trained.min())
    settled = trained_from(epochs) + int(np.argmax(trained <= border))
    late = sum(i >= settled for i in inside)
    kept = squares[-max(late, min(WINDOW, len(squares))) :]
    every, settled_part, recent = (np.mean(part) / 6 for part in (squares, kept, squares[-RECENT:]))
    return float(every), float(settled_part), float(recent)


def mean(epochs: Epochs, key: str) -> float:
    """Return the mean of what is known; not a number where nothing is, which compares false."""
    values = [float(epoch[key]) for epoch in epochs if epoch.get(key) is not None]
    return sum(values) / len(values) if values else math.nan


def _means(epochs: Epochs, losses: Losses | None) -> npt.NDArray[np.float64]:
    if losses is not None:
        return np.asarray(losses.mean(axis=1), dtype=np.float64)
    return np.array([float(epoch["val_loss"]) for epoch in epochs])


def trained_from(epochs: Epochs) -> int:
    """Return the position of the first epoch that was trained."""
    return next((i for i, e in enumerate(epochs) if e.get("phase") != BEFORE), len(epochs))


def _judged_from(epochs: Epochs) -> int:
    """Return the first position of the last phase that may be judged."""
    phase = epochs[-1].get("phase")
    others = (i for i in range(len(epochs), 0, -1) if epochs[i - 1].get("phase") != phase)
    begin = next(others, 0)
    return begin if begin <= trained_from(epochs) else begin + SETTLING


def is_lost(epoch: Epoch) -> bool:
    """Tell whether a loss of the epoch is no number."""
    val, train = epoch.get("val_loss"), epoch.get("train_loss")
    return val is None or not math.isfinite(val) or (train is not None and math.isnan(train))
