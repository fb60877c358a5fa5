"""What one can do about an alarm: the actions that fit its kind, each with its reason.

Pure data; whether an action makes sense for a run at this moment is for `tl_core.actions` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tl_core.i18n import N_, _

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remedy:
    """An action that may help, and why, in one sentence."""

    action: str
    """One of `actions.ACTIONS`, or of `BEYOND`."""
    reason: str


BEYOND: dict[str, str] = {
    "train_control": N_("Train the control"),
    "another_base": N_("Try another base"),
}
"""What is no action on the run itself, but may help besides: id and shown name."""
LASTING = frozenset({"domain_mismatch", "forgetting", "leak", "negative_transfer"})
"""Kinds of alarm that a better epoch does not answer: they are told once in a run, and stay."""


_STOP = ("stop_keep_best", N_("The weights of the best epoch are kept whatever comes after it."))
_IGNORE = ("ignore", N_("It may pass by itself, and looking on costs nothing but time."))

_REMEDIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "overfitting": (
        ("stop_keep_best", N_("The best epoch is behind it, and its weights are kept.")),
        ("rollback", N_("With fewer stages learning, less can be learned by heart.")),
        (
            "more_augmentation",
            N_("An example that looks different each time is harder to learn by heart."),
        ),
        (
            "more_regularisation",
            N_("Weights that stay near the base's can learn less by heart."),
        ),
        _IGNORE,
    ),
    "instability": (
        ("lower_lr", N_("The steps are too large for what learns now; smaller ones settle.")),
        ("rollback", N_("It may be what thawed last that does not settle.")),
        _STOP,
        _IGNORE,
    ),
    "plateau": (
        ("thaw_next", N_("What learns now has given what it can; earlier stages may give more.")),
        ("lower_lr", N_("Smaller steps may reach what larger ones jump over.")),
        ("stop_keep_best", N_("More epochs of the same are unlikely to bring more.")),
        _IGNORE,
    ),
    "jumps": (
        ("lower_lr", N_("Smaller steps jump less, and what they reach is kept.")),
        ("rollback", N_("It may be what thawed last that does not settle.")),
        _STOP,
        _IGNORE,
    ),
    "calibration": (
        ("stop_keep_best", N_("It grows surer of what it gets wrong, and gets no more right.")),
        (
            "more_regularisation",
            N_("Weights that stay near the base's do not grow so sure of themselves."),
        ),
        _IGNORE,
    ),
    "underfitting": (
        ("thaw_next", N_("What learns now is too little for the task; more of it may do.")),
        ("stop_keep_best", N_("More epochs of the same are unlikely to bring more.")),
        _IGNORE,
    ),
    "noise": (
        ("stop_keep_best", N_("What moves now is less than these validation examples can show.")),
        _IGNORE,
    ),
    "leak": (
        (
            "stop_keep_best",
            N_("No accuracy of this run can be trusted before the data are mended."),
        ),
        ("ignore", N_("Its accuracy stays too good; only this message goes for a while.")),
    ),
    "forgetting": (
        (
            "more_regularisation",
            N_("Weights that stay near the base's keep more of what it knew."),
        ),
        ("lower_lr", N_("Smaller steps lead less far away from the base.")),
        ("rollback", N_("What is frozen again forgets nothing more, and what it was is put back.")),
        (
            "stop_keep_best",
            N_("At the end it can be mixed with its base, which may keep more of the old."),
        ),
        ("ignore", N_("If the model need not do its old work any more, nothing is lost.")),
    ),
    "domain_mismatch": (
        ("thaw_next", N_("What is frozen cannot learn what is new to it; more of it may.")),
        ("another_base", N_("A base that has seen such data has less to unlearn.")),
        (
            "train_control",
            N_("The same from scratch shows whether the base helps at all."),
        ),
        _STOP,
        _IGNORE,
    ),
    "negative_transfer": (
        (
            "train_control",
            N_("The same from scratch shows whether the base helps at all."),
        ),
        ("another_base", N_("A base that has seen such data may help where this one does not.")),
        ("thaw_next", N_("What stands in the way can only change once it is thawed.")),
        _STOP,
        _IGNORE,
    ),
    "nan": (
        ("lower_lr", N_("Steps this large lead nowhere; smaller ones may settle.")),
        _STOP,
    ),
}
"""For each kind of alarm what fits it, the most helpful first."""

_OTHERWISE = (_STOP, _IGNORE)


def remedies(alarm: str) -> tuple[Remedy, ...]:
    """Return what fits a kind of alarm, the most helpful first; for an unknown kind little."""
    return tuple(Remedy(action, _(why)) for action, why in _REMEDIES.get(alarm, _OTHERWISE))


def standing(
    alerts: Sequence[Fields],
    best: Fields | None,
    *,
    is_ignored: Callable[[str], bool] = lambda kind: False,
) -> tuple[Fields, ...]:
    """Return the alarms that still stand, the last of each kind.

    These are the ones raised since the best epoch, and those that last.

    Args:
        alerts: the alarms of a run in order (`epoch`, `kind`, `text`).
        best: its best epoch (`epoch`), once there is one.
        is_ignored: tells whether somebody wants a kind ignored now.
    """
    since = int(best["epoch"]) if best else -1
    last = {
        str(alert["kind"]): alert
        for alert in alerts
        if int(alert["epoch"]) > since or alert["kind"] in LASTING
    }
    return tuple(alert for kind, alert in last.items() if not is_ignored(kind))
