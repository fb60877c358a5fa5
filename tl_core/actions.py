"""What a person may change about a run while it goes on: the actions, and when each makes sense."""

from __future__ import annotations

from dataclasses import dataclass

from tl_core.i18n import N_, _

ACTIONS: dict[str, str] = {
    "stop_keep_best": N_("Stop and keep the best"),
    "thaw_next": N_("Thaw the next stages now"),
    "rollback": N_("Undo the last thaw"),
    "lower_lr": N_("Divide the learning rate by ten"),
    "more_augmentation": N_("Vary the examples more (augmentation)"),
    "more_regularisation": N_("Hold the weights nearer to the base (L2-SP)"),
    "ignore": N_("Ignore for five epochs"),
}
"""Every action: id and shown name."""

EFFECTS: dict[str, str] = {
    "stop_keep_best": N_("Training ends; the weights of the best epoch are the result."),
    "thaw_next": N_("The next, earlier stages learn along, beginning from the best epoch so far."),
    "rollback": N_(
        "The best weights from before the last thaw come back, and its stages are frozen again."
    ),
    "lower_lr": N_("Every step becomes ten times smaller, now and in all that follows."),
    "more_augmentation": N_("From the next epoch on pictures are cropped more tightly."),
    "more_regularisation": N_("What the base knew is let go of less easily."),
    "ignore": N_("No alarm is raised meanwhile; nothing else changes."),
}
"""What each action does, in one sentence."""

IGNORED_EPOCHS = 5
MOST_AUGMENTATION = 2
"""Steps by which examples may be varied more than at first."""
MOST_PULL = 2
"""Steps by which weights may be held nearer to the base: the second reaches the largest weight of
L2-SP that Li, Grandvalet and Davoine 2018 tried, 1e-1."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One action that somebody has asked for."""

    id: str
    """Unique, so that none is applied twice."""
    action: str
    """One of `ACTIONS`."""
    alarm: str = ""
    """Only for `ignore`: the kind of alarm; empty for all."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What of a run decides which actions make sense; where it is unknown, that they do."""

    thaws: bool = True
    """Whether its strategy thaws step by step."""
    has_next: bool = True
    """Whether there is something left to thaw."""
    can_undo: bool = True
    """Whether something has thawed, and what was before is kept."""
    moves: bool = True
    """Whether anything but the last layer learns, now or later."""
    inherits: bool = True
    """Whether it began with a base."""
    varies: bool = True
    """Whether examples of this kind can be varied."""
    augmentation: int = 0
    """Steps by which examples are varied more already."""
    pull: int = 0
    """Steps by which weights are held near the base already."""


def refusal(action: str, situation: Situation) -> str:
    """Return why an action makes no sense for a run, in one sentence; empty if it does.

    Args:
        action: one of `ACTIONS`.
        situation: of the run, as far as it is known.
    """
    find = {
        "thaw_next": _no_thaw,
        "rollback": _no_rollback,
        "lower_lr": _no_lower_rate,
        "more_augmentation": _no_augmentation,
        "more_regularisation": _no_pull,
    }.get(action)
    return find(situation) if find else ""


def _no_thaw(situation: Situation) -> str:
    if not situation.thaws:
        return _("This strategy does not thaw step by step; start a gradual thaw instead.")
    return "" if situation.has_next else _("There is nothing left to thaw.")


def _no_rollback(situation: Situation) -> str:
    if situation.can_undo:
        return ""
    return _("Nothing has thawed that could be frozen again.")


def _no_lower_rate(situation: Situation) -> str:
    if situation.moves:
        return ""
    return _(
        "Only the last layer learns, and it has no learning rate: the length of each of its steps "
        "is searched for (L-BFGS)."
    )


def _no_augmentation(situation: Situation) -> str:
    if not situation.varies:
        return _(
            "Examples of this kind are not varied: a changed word can change what a text says."
        )
    if not situation.moves:
        return _("The last layer learns from what the base made of the examples as they are.")
    if situation.augmentation >= MOST_AUGMENTATION:
        return _("The examples are varied as much as Thaw varies any.")
    return ""


def _no_pull(situation: Situation) -> str:
    if not situation.inherits:
        return _("This run began without a base: there is nothing to hold it near to.")
    if not situation.moves:
        return _("The base does not move: there is nothing to hold back.")
    if situation.pull >= MOST_PULL:
        return _("The weights are held as near to the base as Thaw holds any.")
    return ""
