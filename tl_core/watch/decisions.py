"""What a run has decided on its way, one sentence each: what was found, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tl_core import wording
from tl_core.actions import ACTIONS
from tl_core.i18n import _

Decision = Mapping[str, Any]


def sentences(decision: Decision) -> tuple[str, ...]:
    """Return a decision in words; nothing for a kind that is not known.

    Args:
        decision: an entry of `RunState.decisions`: `what`, and the fields of that event.
    """
    tell = _TELLERS.get(str(decision.get("what")))
    return tell(decision) if tell else ()


def _ladder(decision: Decision) -> tuple[str, ...]:
    probes = decision["stage_probes"]
    best = max(probes, key=lambda probe: probe["accuracy"])
    return (
        _(
            "A simple classifier on each stage alone is right most often after stage {best} "
            "({share}); after the last stage, {last}. Thawing begins with stage {first} and all "
            "later ones."
        ).format(
            best=best["stage"],
            share=wording.percent(best["accuracy"]),
            last=wording.percent(probes[-1]["accuracy"]),
            first=decision["rungs"][0],
        ),
    )


def _augmentation(decision: Decision) -> tuple[str, ...]:
    return tuple(_trial(trial) for trial in decision["trials"])


def _trial(trial: Decision) -> str:
    """Say what one change of the pictures did, and whether it is used (data augmentation)."""
    name = {
        "mirror": _("Mirrored"),
        "light": _("Made lighter or darker"),
    }.get(trial["way"], str(trial["way"]))
    text = (
        _("{name}, {n} examples were as well recognised as before ({changed} against {plain}): "
          "training uses it.")
        if trial["safe"]
        else _("{name}, {n} examples were not surely as well recognised as before ({changed} "
               "against {plain}): training does without.")
    )  # fmt: skip
    return text.format(
        name=name,
        n=trial["n"],
        changed=wording.percent(trial["changed"]),
        plain=wording.percent(trial["plain"]),
    )


def _rung(decision: Decision) -> tuple[str, ...]:
    text = (
        _("Thawed from stage {stage} on, the loss on {n} held-out examples fell by {gain} each "
          "({z} standard errors, more than one is asked for): it is kept.")
        if decision["paid"]
        else _("Thawed from stage {stage} on, the loss on {n} held-out examples changed by {gain} "
               "each ({z} standard errors, a fall by more than one is asked for): it is undone.")
    )  # fmt: skip
    gain = decision["gain"] if decision["paid"] else -decision["gain"]
    return (
        text.format(
            stage=decision["stage"],
            n=decision["n"],
            gain=wording.number(gain),
            z=wording.number(decision["z"]),
        ),
    )


def _interpolation(decision: Decision) -> tuple[str, ...]:
    share = float(decision["share"])
    if share == 1:
        return (_("Weights between those before and after were tried; none did better."),)
    return (
        _("Weights {share} of the way from before to after did best on held-out examples.").format(
            share=wording.percent(share)
        ),
    )


def _action(decision: Decision) -> tuple[str, ...]:
    """Tell what Thaw did by itself, or what a person asked for and what came of it."""
    told = str(decision["text"])
    if not decision.get("id"):
        return (told,)
    text = (
        _("You asked after epoch {n}: {action}. {told}")
        if decision.get("applied")
        else _("You asked after epoch {n}: {action}. It was not done: {told}")
    )
    name = str(decision["action"])
    shown = _(ACTIONS[name]) if name in ACTIONS else name
    return (text.format(n=decision["epoch"], action=shown, told=told),)


_TELLERS: Mapping[str, Callable[[Decision], tuple[str, ...]]] = {
    "ladder": _ladder,
    "augmentation": _augmentation,
    "rung": _rung,
    "interpolation": _interpolation,
    "action": _action,
}
