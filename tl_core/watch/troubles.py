"""The sentence for a run that goes badly: what the detectors raised since the best epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from tl_core import wording
from tl_core.i18n import N_, _
from tl_core.watch.diagnose import diagnose
from tl_core.watch.forgetting import left, share
from tl_core.watch.readings import Fields, State, best_share, right_on, when_lost

_NEEDS_NO_EXAMPLES = frozenset(
    {"nan", "instability", "jumps", "overfitting", "calibration", "noise", "forgetting"}
)
"""Kinds that the curves alone tell as surely; the others stand only where the run raised them."""


def trouble(state: State) -> str | None:
    """Return the sentence of the worst alarm that still stands; None if there is none.

    Args:
        state: a run with at least one epoch.
    """
    best = int(state.best["epoch"]) if state.best else -1
    raised = {str(a.get("kind")) for a in state.alerts if int(a.get("epoch") or 0) > best}
    raised |= {alert.kind for alert in diagnose(state.epochs)} & _NEEDS_NO_EXAMPLES
    tell = next((tell for kind, tell in _TELLERS.items() if kind in raised), None)
    return tell(state, best) if tell else None


def _nan(state: State, best: int) -> str:
    share = best_share(state)
    text = _(
        "Training has run away: in epoch {now} the loss is no longer a number, after epoch {last} "
        "it was {loss}. The best, epoch {epoch}, is kept; it is right on {right}."
    )
    return text.format(**when_lost(state), epoch=best, right=right_on(share) if share else "–")


def _noise(state: State, _best: int) -> str:
    last = state.epochs[-1]
    return _(
        "Validation is noisier than what was gained: after {epoch} epochs the {n} held-out "
        "examples cannot tell it from a network that has learned nothing. More of them would."
    ).format(epoch=last["epoch"], n=last.get("val_n"))


def _underfitting(state: State, best: int) -> str:
    share = best_share(state)
    text = _(
        "It cannot fit even what it learns from: {train} of the training examples are right; the "
        "best, epoch {epoch}, is right on {right}. Thawing more of it may help (underfitting)."
    )
    return text.format(
        train=wording.percent(float(state.epochs[-1].get("train_accuracy") or 0.0)),
        epoch=best,
        right=right_on(share) if share else "–",
    )


def _forgetting(state: State, best: int) -> str:
    """Say that the base forgets; last of all, since it is no trouble for the new task."""
    now, right = left(state.epochs[-1].get("retention")), best_share(state)
    text = _(
        "It forgets while it learns: the best so far, epoch {epoch}, is right on {right}, but of "
        "the base's old answers {share} are left. That matters only if it must still do its old "
        "work."
    )
    return text.format(
        epoch=best, right=right_on(right) if right else "–", share=share(now) if now else "–"
    )


def _moved(kind: str, state: State, best: int) -> str:
    """Say how a loss stood at the best epoch and stands now, and what that means."""
    text, key = _MOVED[kind]
    then: Fields = next((e for e in state.epochs if e.get("epoch") == best), {})
    now = state.epochs[-1]
    return _(text).format(epoch=best, then=_said(then.get(key)), now=_said(now.get(key)))


def _said(loss: float | None) -> str:
    return "–" if loss is None else wording.number(float(loss))


_MOVED: Mapping[str, tuple[str, str]] = {
    "instability": (
        N_("The learning rate is too high: since epoch {epoch} even the training examples fit "
           "worse (loss {then}, now {now}); smaller steps would settle."),
        "train_loss",
    ),
    "jumps": (
        N_("It is unstable: the training loss jumps from epoch to epoch (it was {then} at epoch "
           "{epoch} and is {now}); smaller steps, a lower learning rate, would calm it."),
        "train_loss",
    ),
    "overfitting": (
        N_("It has stopped getting better since epoch {epoch} (validation loss {then}, now {now}): "
           "it is beginning to memorise the training examples."),
        "val_loss",
    ),
    "calibration": (
        N_("Since epoch {epoch} it only gets surer of itself (validation loss {then}, now {now}): "
           "about as many are right as before, but its mistakes become more confident "
           "(calibration)."),
        "val_loss",
    ),
}  # fmt: skip
"""What a loss that has moved means, and which loss; the worst first."""

_TELLERS: Mapping[str, Callable[[State, int], str]] = {
    "nan": _nan,
    **{kind: partial(_moved, kind) for kind in _MOVED},
    "noise": _noise,
    "underfitting": _underfitting,
    "forgetting": _forgetting,
}
"""The worst first."""
