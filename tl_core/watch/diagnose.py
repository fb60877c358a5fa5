"""Detectors that read the curves: overfitting, instability, plateau, a loss that is no number.

Patience rules cry wolf: on a mere plateau, three epochs without improvement happen in most runs.
Overfitting is therefore told by a windowed paired test on the per-example validation losses,
which knows both kinds of noise: which examples happen to be held out, and the jitter of
checkpoints from epoch to epoch. An alarm is advice; it never stops a run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from tl_core.i18n import _

Kind = Literal["overfitting", "instability", "plateau", "nan"]
Epochs = Sequence[Mapping[str, Any]]
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
SETTLED_AFTER = 0.8
"""Share of its whole fall after which a curve counts as settled."""
SETTLING = 2
"""Epochs after a thaw that are not judged: a reset optimizer makes them worse than the best."""
Z_BETTER = 1.64
"""One-sided 5 %: below, two neighbouring windows count as equally good."""
MIN_RISE = 0.05
"""Share by which the loss must rise where per-example losses are not known."""
MIN_LOSSES_NET = 6
"""Without at least this many more mistakes, no exact McNemar test can say that fewer are right."""
BEFORE = "before"
"""Phase of the epoch before training: no checkpoint of the training, and no part of its jitter."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something worth knowing about a run."""

    epoch: int
    """The epoch at which it was seen."""
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Rise:
    """How the last window compares with a reference window; both are WINDOW epochs long."""

    z: float
    """Rise over its standard error; positive where the last window is worse."""
    z_settled: float
    """The same, with the jitter of the curve once it has settled."""
    by: float
    """Share of the reference loss by which it rose."""
    is_falling: bool
    """True if the loss falls again within the last window."""
    reference: tuple[int, int]
    """Positions of the reference window in the epochs: first and one past the last."""


class _Said(Protocol):
    @property
    def epoch(self) -> int: ...
    @property
    def kind(self) -> str: ...


def diagnose(epochs: Epochs, losses: Losses | None = None) -> tuple[Alert, ...]:
    """Return what is so at the last of `epochs`; an empty tuple means nothing to remark.

    Args:
        epochs: epoch events in order, with `epoch`, `phase`, `train_loss`, `val_loss`.
        losses: validation losses [epochs, examples], row by row those of `epochs`; without them
            only a marked rise is called overfitting.

    Raises:
        ValueError: if `losses` does not have one row per epoch.
    """
    if losses is not None and len(losses) != len(epochs):
        raise ValueError(f"{len(epochs)} epochs, but losses of {len(losses)}")
    if not epochs:
        return ()
    now = int(epochs[-1]["epoch"])
    if _is_lost(epochs[-1]):
        text = _("The loss is no longer a number: training has run away.")
        return (Alert(now, "nan", text),)
    sound = [i for i, epoch in enumerate(epochs) if not _is_lost(epoch)]
    kept = [epochs[i] for i in sound]
    rows = losses[sound] if losses is not None else None
    if (rise := overfitting_rise(kept, rows)) is not None and _is_alarm(rise, losses is not None):
        return (_alarm(kept, rise),)
    is_falling = best_epoch(kept) == now  # a new best, however slight, would contradict "flat"
    change = None if is_falling else last_change(kept, rows)
    if change is not None and abs(change.z) < Z_BETTER:
        text = _("Flat: the last {count} epochs are no better than the {count} before.")
        return (Alert(now, "plateau", text.format(count=WINDOW)),)
    return ()


def new_alerts(
    epochs: Epochs,
    losses: Losses | None = None,
    *,
    said: Iterable[_Said | Mapping[str, Any]] = (),
) -> tuple[Alert, ...]:
    """Return what is so at the last epoch and was not said since the best epoch so far."""
    best = best_epoch(epochs)
    known = {_kind(alert) for alert in said if best is None or _epoch(alert) > best}
    return tuple(alert for alert in diagnose(epochs, losses) if alert.kind not in known)


def replay(epochs: Epochs, losses: Losses | None = None) -> tuple[Alert, ...]:
    """Return every alert that a run would have raised, epoch by epoch."""
    said: list[Alert] = []
    for end in range(1, len(epochs) + 1):
        rows = losses[:end] if losses is not None else None
        said += new_alerts(epochs[:end], rows, said=said)
    return tuple(said)


def best_epoch(epochs: Epochs) -> int | None:
    """Return the epoch with the lowest validation loss, the first of equals."""
    sound = [epoch for epoch in epochs if not _is_lost(epoch)]
    if not sound:
        return None
    return int(min(sound, key=lambda epoch: float(epoch["val_loss"]))["epoch"])


def overfitting_rise(epochs: Epochs, losses: Losses | None = None) -> Rise | None:
    """Compare the last window with the best window before it; None while there are too few epochs.

    The test: ref is the window with the lowest mean, cur the last one, and per example
    q_i = mean of its loss over cur - mean over ref. With s the jitter of checkpoints, estimated
    by s^2 = mean(second differences of the mean curve, squared) / 6,
    z = mean(q) / sqrt(var(q) / n + 2 s^2 / K).
    It joins a paired test on examples with the noise estimate of von Neumann (1941) for a curve
    that moves slowly. The epoch before training is left out, and no difference is taken across
    the border of two phases. `z_settled` leaves out the first steep fall as well.
    """
    start = _trained_from(epochs)
    means = _means(epochs, losses)
    last = len(epochs) - WINDOW
    if last < start + WINDOW or last < _judged_from(epochs):
        return None
    windows = [float(means[i : i + WINDOW].mean()) for i in range(start, last - WINDOW + 1)]
    return _compare(epochs, losses, start + int(np.argmin(windows)))


def last_change(epochs: Epochs, losses: Losses | None = None) -> Rise | None:
    """Compare the last window with the one right before; None while there are too few epochs."""
    before = len(epochs) - 2 * WINDOW
    is_one_phase = len({epoch.get("phase") for epoch in epochs[max(before, 0) :]}) == 1
    if before < _trained_from(epochs) or not is_one_phase:
        return None
    return _compare(epochs, losses, before)


def _compare(epochs: Epochs, losses: Losses | None, reference: int) -> Rise:
    means = _means(epochs, losses)
    window = slice(reference, reference + WINDOW)
    rise = float(means[-WINDOW:].mean() - means[window].mean())
    base = float(means[window].mean())
    n = epochs[-1].get("val_n")
    # Losses of single examples spread about as widely as their mean; where they are not known,
    # their changes are taken to do so as well.
    sampling = base**2 / n if n else 0.0
    if losses is not None and losses.shape[1] > 1:
        q = losses[-WINDOW:].mean(axis=0) - losses[window].mean(axis=0)
        sampling = float(q.var(ddof=1)) / q.size
    z, z_settled = (_over(rise, sampling + 2 * s2 / WINDOW) for s2 in _jitters(epochs, means))
    return Rise(
        z=z,
        z_settled=z_settled,
        by=rise / base if base else 0.0,
        is_falling=bool(means[-1] < means[-WINDOW]),
        reference=(window.start, window.stop),
    )


def _over(rise: float, variance: float) -> float:
    if variance > 0:
        return rise / math.sqrt(variance)
    return math.copysign(math.inf, rise) if rise else 0.0


def _jitters(epochs: Epochs, means: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return s^2 of the whole curve and of its settled part.

    Both come from triples of neighbouring epochs in one phase of training; the settled part
    keeps at least WINDOW of them.
    """
    phases = [epoch.get("phase") for epoch in epochs]
    inside = [
        i for i in range(len(means) - 2) if phases[i] == phases[i + 1] == phases[i + 2] != BEFORE
    ]
    squares = [float(means[i] - 2 * means[i + 1] + means[i + 2]) ** 2 for i in inside]
    if not squares:
        return 0.0, 0.0
    trained = means[_trained_from(epochs) :]
    border = trained[0] - SETTLED_AFTER * (trained[0] - trained.min())
    settled = _trained_from(epochs) + int(np.argmax(trained <= border))
    late = sum(i >= settled for i in inside)
    kept = squares[-max(late, min(WINDOW, len(squares))) :]
    return float(np.mean(squares)) / 6, float(np.mean(kept)) / 6


def _is_alarm(rise: Rise, has_examples: bool) -> bool:
    is_high = rise.z > Z_ALARM or rise.z_settled > Z_SETTLED
    return is_high and not rise.is_falling and (has_examples or rise.by >= MIN_RISE)


def _alarm(epochs: Epochs, rise: Rise) -> Alert:
    """Say what a rise of the validation loss means, by what the training loss does meanwhile."""
    now, since = int(epochs[-1]["epoch"]), best_epoch(epochs)
    window = epochs[slice(*rise.reference)]
    if _mean(epochs[-WINDOW:], "train_loss") > _mean(window, "train_loss"):
        text = _(
            "Since epoch {epoch} even the training examples fit worse: the steps are too large."
        )
        return Alert(now, "instability", text.format(epoch=since))
    if _mistakes_more(window, epochs[-WINDOW:]) < MIN_LOSSES_NET:
        text = _(
            "Since epoch {epoch} the validation loss rises while the training loss falls: it is "
            "beginning to memorise. So far about as many are right as before; it mainly gets too "
            "sure of itself."
        )
    else:
        text = _(
            "Since epoch {epoch} the validation loss rises while the training loss falls: it is "
            "beginning to memorise the training examples, and fewer others are right."
        )
    return Alert(now, "overfitting", text.format(epoch=since))


def _mistakes_more(before: Epochs, after: Epochs) -> float:
    """Return how many more validation examples are wrong, net; 0 where that is not known."""
    n = after[-1].get("val_n")
    lost = _mean(before, "val_accuracy") - _mean(after, "val_accuracy")
    return 0.0 if n is None or math.isnan(lost) else lost * float(n)


def _mean(epochs: Epochs, key: str) -> float:
    """Return the mean of what is known; not a number where nothing is, which compares false."""
    values = [float(epoch[key]) for epoch in epochs if epoch.get(key) is not None]
    return sum(values) / len(values) if values else math.nan


def _means(epochs: Epochs, losses: Losses | None) -> npt.NDArray[np.float64]:
    if losses is not None:
        return np.asarray(losses.mean(axis=1), dtype=np.float64)
    return np.array([float(epoch["val_loss"]) for epoch in epochs])


def _trained_from(epochs: Epochs) -> int:
    """Return the position of the first epoch that was trained."""
    return next((i for i, e in enumerate(epochs) if e.get("phase") != BEFORE), len(epochs))


def _judged_from(epochs: Epochs) -> int:
    """Return the first position of the last phase that may be judged."""
    phase = epochs[-1].get("phase")
    others = (i for i in range(len(epochs), 0, -1) if epochs[i - 1].get("phase") != phase)
    begin = next(others, 0)
    return begin if begin <= _trained_from(epochs) else begin + SETTLING


def _is_lost(epoch: Mapping[str, Any]) -> bool:
    val, train = epoch.get("val_loss"), epoch.get("train_loss")
    return val is None or not math.isfinite(val) or (train is not None and math.isnan(train))


def _kind(alert: _Said | Mapping[str, Any]) -> str:
    return str(alert["kind"]) if isinstance(alert, Mapping) else alert.kind


def _epoch(alert: _Said | Mapping[str, Any]) -> int:
    return int(alert["epoch"]) if isinstance(alert, Mapping) else alert.epoch
