"""Detectors: each reads the curves and says one thing, or nothing.

False alarms are worse than late ones: `benchmarks/alarms.py` counts them on recorded runs, and each
border below was kept only if at most 5 % of healthy runs raise an alarm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from tl_core import wording
from tl_core.i18n import _
from tl_core.watch import windows
from tl_core.watch.windows import MIN_RISE, WINDOW, Z_BETTER, Epochs, Losses, Rise

Kind = Literal[
    "nan",
    "instability",
    "jumps",
    "overfitting",
    "calibration",
    "noise",
    "underfitting",
    "plateau",
    "leak",
    "forgetting",
    "domain_mismatch",
    "negative_transfer",
]

MIN_LOSSES_NET = 6
"""Without at least this many more mistakes, no exact McNemar test can say that fewer are right."""
JUMP = 1.25
"""Share of the untrained loss to which the rises of the training loss within a window and the one
before add up, where training is called unstable. Of 198 recorded runs that inherit a base, 8 jump
so far (fresh adapters and thaws on few examples), of 28 from scratch 4 (`benchmarks/alarms.json`).
At 0.5, set on the first 101 of them, 11 of the 97 recorded later raised an alarm."""
MIN_MISTAKES = 0.05
"""Share of training examples that must be wrong before a network counts as too small for its task:
what is less than a loss may rise unremarked (`MIN_RISE`) leaves nothing to gain."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something worth knowing about a run."""

    epoch: int
    """The epoch at which it was seen."""
    kind: Kind
    text: str


def lost(epochs: Epochs) -> Alert | None:
    """Tell of a loss that is no number."""
    if not windows.is_lost(epochs[-1]):
        return None
    text = _("The loss is no longer a number: training has run away.")
    return Alert(_now(epochs), "nan", text)


def rising(epochs: Epochs, losses: Losses | None) -> Alert | None:
    """Tell of a rise of the validation loss, by what the training loss does meanwhile."""
    rise = _alarming(epochs, losses)
    if rise is None:
        return None
    since, window = windows.best_epoch(epochs), epochs[slice(*rise.reference)]
    told = {"epoch": since, "by": wording.percent(rise.by)}
    if windows.mean(epochs[-WINDOW:], "train_loss") > windows.mean(window, "train_loss"):
        text = _(
            "Since epoch {epoch} even the training examples fit worse: the steps are too large."
        )
        return Alert(_now(epochs), "instability", text.format(**told))
    if _mistakes_more(window, epochs[-WINDOW:]) < MIN_LOSSES_NET:
        text = _(
            "Since epoch {epoch} the validation loss rises (by {by}) while about as many are right "
            "as before: it mainly gets too sure of itself (its calibration drifts)."
        )
        return Alert(_now(epochs), "calibration", text.format(**told))
    text = _(
        "Since epoch {epoch} the validation loss rises (by {by}) while the training loss falls: it "
        "is beginning to memorise the training examples, and fewer others are right."
    )
    return Alert(_now(epochs), "overfitting", text.format(**told))


def jumping(epochs: Epochs) -> Alert | None:
    """Tell of a training loss that jumps up again and again: training is unstable.

    It is judged in eval mode on the same examples each time, so that only the weights move it.
    """
    start = windows.trained_from(epochs)
    untrained = windows.mean(epochs[:start], "train_loss")
    recent = epochs[max(start, len(epochs) - 2 * WINDOW - 1) :]
    phase = epochs[-1].get("phase")
    told = [epoch.get("train_loss") for epoch in recent if epoch.get("phase") == phase]
    curve = [float(loss) for loss in told if loss is not None]
    if len(curve) <= WINDOW or math.isnan(untrained):
        return None
    back = sum(max(0.0, after - before) for before, after in pairwise(curve))
    if back < JUMP * untrained:
        return None
    text = _(
        "The training loss jumps: within {count} epochs it rose by {back} in all, and before any "
        "training it was {untrained}. Training is unstable."
    )
    told_text = text.format(
        count=len(curve) - 1, back=wording.number(back), untrained=wording.number(untrained)
    )
    return Alert(_now(epochs), "jumps", told_text)


def too_good(epochs: Epochs) -> Alert | None:
    """Tell of validation that goes clearly better than training does, window-long: a likely leak.

    What a network learns from it knows best, unless the held-out examples are easier or copies.
    """
    window = epochs[-WINDOW:]
    is_trained = len(epochs) - windows.trained_from(epochs) >= WINDOW
    if not is_trained or not all(_is_above(epoch) for epoch in window):
        return None
    text = _(
        "Suspiciously good: for {count} epochs more of the validation examples have been right "
        "({val}) than of those it learns from ({train}). They may be easier, or copies of training "
        "examples (a leak); Data can look for copies."
    )
    last = epochs[-1]
    told = text.format(
        count=WINDOW,
        val=wording.percent(last["val_accuracy"]),
        train=wording.percent(last["train_accuracy"]),
    )
    return Alert(_now(epochs), "leak", told)


def held_twice(grounds: Mapping[str, Any] | None, epoch: int) -> tuple[Alert, ...]:
    """Tell of held-out examples that training holds too, as the data said before the run began.

    A few of them leave no mark on a curve.
    """
    count = (grounds or {}).get("leak_pairs")
    if not count:
        return ()
    text = _(
        "Known before it began: training also holds examples that are to judge it, as copies or "
        "near twins ({count} of them: a leak). Every accuracy of this run flatters; Data can keep "
        "such examples out of training."
    )
    return (Alert(epoch, "leak", text.format(count=count)),)


def standing(epochs: Epochs, losses: Losses | None) -> Alert | None:
    """Tell of curves that stand still, and why: nothing held, nothing left to fit, or just flat."""
    if (found := _unseen(epochs)) is not None:
        return found
    change = windows.last_change(epochs, losses)
    if change is None or abs(change.z) >= Z_BETTER or windows.best_epoch(epochs) == _now(epochs):
        return None  # a new best, however slight, would contradict "flat"
    if _is_underfitting(epochs):
        text = _(
            "Underfitting: even of the examples it learns from only {train} are right, and neither "
            "loss falls any more. Too little of the network may learn: thaw more of it."
        )
        told = text.format(train=wording.percent(epochs[-1]["train_accuracy"]))
        return Alert(_now(epochs), "underfitting", told)
    if change.z < 0 or windows.waited(epochs) < WINDOW:
        return None
    text = _("Flat: the last {count} epochs are no better than the {count} before.")
    return Alert(_now(epochs), "plateau", text.format(count=WINDOW))


def _unseen(epochs: Epochs) -> Alert | None:
    """Tell of a gain on validation that stays within chance while the training loss has fallen."""
    start = windows.trained_from(epochs)
    before = epochs[start - 1] if start else {}
    if len(epochs) - start < 2 * WINDOW or before.get("val_accuracy") is None:
        return None
    reached = [epoch.get("val_low") for epoch in epochs[-WINDOW:]]
    is_within = all(low is not None and low <= before["val_accuracy"] for low in reached)
    if not is_within or _has_fallen(epochs, "val_loss") or not _has_fallen(epochs, "train_loss"):
        return None
    text = _(
        "Validation is noisier than what was gained: of {n} held-out examples not surely more are "
        "right than before training ({before}), and their loss is no lower, though the training "
        "loss has fallen."
    )
    share = wording.percent(before["val_accuracy"])
    told = text.format(n=epochs[-1].get("val_n"), before=share)
    return Alert(_now(epochs), "noise", told)


def _has_fallen(epochs: Epochs, key: str) -> bool:
    """Tell whether a loss lies clearly below that before training."""
    untrained = windows.mean(epochs[: windows.trained_from(epochs)], key)
    return windows.mean(epochs[-WINDOW:], key) < (1 - MIN_RISE) * untrained


def _is_underfitting(epochs: Epochs) -> bool:
    """Tell whether training too stands still, within the validation interval and far from all."""
    last, before = epochs[-WINDOW:], epochs[-2 * WINDOW : -WINDOW]
    now = windows.mean(last, "train_loss")
    train, high = epochs[-1].get("train_accuracy"), epochs[-1].get("val_high")
    if train is None or high is None:
        return False
    return (
        abs(now / windows.mean(before, "train_loss") - 1) < MIN_RISE
        and 1 - train >= MIN_MISTAKES
        and train <= high
    )


def _is_above(epoch: windows.Epoch) -> bool:
    low, train = epoch.get("val_low"), epoch.get("train_accuracy")
    return low is not None and train is not None and low > train


def _alarming(epochs: Epochs, losses: Losses | None) -> Rise | None:
    """Return a rise beyond noise: of windows, or of one epoch after the other."""
    rise = windows.overfitting_rise(epochs, losses)
    if rise is not None and _is_alarm(rise, has_examples=losses is not None):
        return rise
    steady = windows.steady_rise(epochs, losses)
    if steady is None or steady.by < windows.CLEAR_RISE or steady.z <= windows.Z_STEADY:
        return None
    return steady


def _is_alarm(rise: Rise, *, has_examples: bool) -> bool:
    is_clear = rise.by >= windows.CLEAR_RISE and rise.z_recent > windows.Z_RECENT
    is_high = rise.z > windows.Z_ALARM or rise.z_settled > windows.Z_SETTLED or is_clear
    return is_high and not rise.is_falling and (has_examples or rise.by >= MIN_RISE)


def _mistakes_more(before: Epochs, after: Epochs) -> float:
    """Return how many more validation examples are wrong, net; infinite where that is not known."""
    n = after[-1].get("val_n")
    missing = windows.mean(before, "val_accuracy") - windows.mean(after, "val_accuracy")
    return math.inf if n is None or math.isnan(missing) else missing * float(n)


def _now(epochs: Epochs) -> int:
    return int(epochs[-1]["epoch"])
