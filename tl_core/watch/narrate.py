"""Say how a run is going: one plain sentence that is always current, and one line of numbers."""

from __future__ import annotations

from collections.abc import Callable

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.watch.ending import verdict, why_it_ended
from tl_core.watch.readings import Fields, State, best_share, right_on, share_at
from tl_core.watch.troubles import trouble
from tl_core.watch.windows import BEFORE, MIN_RISE, SETTLING

__all__ = ["narrate", "status_line", "verdict"]

FEW_EPOCHS = 2  # up to here a run has no history worth a verdict
USUAL_WAIT = 2  # so many epochs without a new best are nothing to remark
_PREPARING = frozenset({"prepare", "decode", "forward", "probe", "controls"})


def narrate(state: State) -> str:
    """Return one sentence that says how the run is going, for every status and moment."""
    tell = _BY_STATUS.get(state.status, _running)
    return tell(state)


def status_line(state: State) -> str:
    """Return the numbers of the moment in one line; empty before there are any."""
    last = state.epochs[-1] if state.epochs else None
    if last is None or state.phase in _PREPARING:
        return _steps(state.progress)
    parts = [_epoch_of(last)]
    if (best := best_share(state)) is not None and state.best is not None:
        parts.append(
            _("best {accuracy} at epoch {epoch}").format(
                accuracy=wording.share_interval(best), epoch=state.best["epoch"]
            )
        )
    if state.status in ("running", "paused", "stopping"):
        parts += [*_patience(last), *_times(state, last), *_speed(last)]
    elif state.seconds:
        parts.append(_("took {time}").format(time=wording.duration(state.seconds)))
    return " · ".join(parts)


def _epoch_of(last: Fields) -> str:
    if last.get("epochs_max"):
        text = _("epoch {epoch} of at most {most}")
        return text.format(epoch=last["epoch"], most=last["epochs_max"])
    return _("epoch {epoch}").format(epoch=last["epoch"])


def _patience(last: Fields) -> list[str]:
    if not last.get("patience"):
        return []
    text = ngettext(
        "{used} of {patience} epoch of patience used",
        "{used} of {patience} epochs of patience used",
        int(last["patience"]),
    )
    return [text.format(used=last.get("patience_used") or 0, patience=last["patience"])]


def _times(state: State, last: Fields) -> list[str]:
    """Say how long it has taken, and how long at most it still will."""
    parts = []
    if state.seconds:
        parts.append(_("{time} so far").format(time=wording.duration(state.seconds)))
    if last.get("eta_seconds") is not None:
        time = wording.duration(float(last["eta_seconds"]))
        parts.append(_("about {time} left").format(time=time))
    return parts


def _speed(last: Fields) -> list[str]:
    """Say how many examples a second are learned from; the head alone needs no pass for each."""
    if not last.get("examples_per_second"):
        return []
    speed = wording.number(float(last["examples_per_second"]))
    return [_("{number} examples a second").format(number=speed)]


def _queued(state: State) -> str:
    if state.waiting:
        return _("It waits for its turn behind another job and starts by itself.")
    return _("It is about to start.")


def _running(state: State) -> str:
    if state.spec.kind == "train" and state.phase not in _PREPARING and state.epochs:
        return _learning(state)
    steps = _steps(state.progress)
    if state.what and steps:
        return _("{doing}: {steps}.").format(doing=state.what, steps=steps)
    if state.what:
        return _("{doing}.").format(doing=state.what)
    return _("It is getting ready: the base model is being loaded.")


def _steps(progress: Fields | None) -> str:
    if not progress or not progress.get("total"):
        return ""
    return (
        _("{done} of {total} {what}")
        .format(
            done=wording.count(int(progress["done"])),
            total=wording.count(int(progress["total"])),
            what=progress.get("what") or _("steps"),
        )
        .strip()
    )


def _learning(state: State) -> str:
    """Tell what the curves say: only started, learning, better, flat, memorising, running away."""
    last, trained = state.epochs[-1], _trained(state)
    if not trained:
        return _before(state)
    if (bad := trouble(state)) is not None:
        return bad
    if (thawed := _just_thawed(state) or _warming_up(state)) is not None:
        return thawed
    best = best_share(state)
    if best is None or state.best is None or len(trained) <= FEW_EPOCHS:
        return _early(state)
    words = {"epoch": state.best["epoch"], "right": right_on(best)}
    waited = int(last["epoch"]) - int(state.best["epoch"])
    if waited <= 0:
        return _("It is still getting better: after epoch {epoch} it is right on {right}.").format(
            **words
        )
    if share_at(last).value > best.value:
        return _(
            "It is right more often now, on {now}, but its loss has not fallen since epoch "
            "{epoch}, which is still the best and right on {right}."
        ).format(now=wording.percent(share_at(last).value), **words)
    if waited <= USUAL_WAIT:
        return _(
            "It is still learning: epoch {epoch} is the best so far, right on {right}."
        ).format(**words)
    if float(last["val_loss"]) > (1 + MIN_RISE) * float(state.best["val_loss"]):
        return _(
            "It has not become better since epoch {epoch}, which is right on {right}; it seems to "
            "get worse, but that may still be chance."
        ).format(**words)
    return _(
        "It has not become better since epoch {epoch}, which is right on {right}; "
        "it is not getting worse either."
    ).format(**words)


def _before(state: State) -> str:
    """Tell where it stands before training, and what data and evidence warned of."""
    kinds = {str(alert.get("kind")) for alert in state.alerts}
    text = (
        _("Before any training it is right on {right}; it begins to learn now, also from "
          "examples that judge it, so that what it gets will flatter (a leak).")
        if "leak" in kinds
        else _("Before any training it is right on {right}; it begins to learn now, though the "
               "base may not help here (negative transfer).")
        if "negative_transfer" in kinds
        else _("Before any training it is right on {right}; it begins to learn now, far from what "
               "the base knows (domain mismatch).")
        if "domain_mismatch" in kinds
        else _("Before any training it is right on {right}; it begins to learn now.")
    )  # fmt: skip
    return text.format(right=right_on(share_at(state.epochs[-1])))


def _early(state: State) -> str:
    first, last = state.epochs[0], state.epochs[-1]
    words = {
        "count": last["epoch"],
        "right": right_on(share_at(last)),
        "before": wording.per_hundred(float(first.get("val_accuracy") or 0.0)),
    }
    if first.get("phase") != BEFORE:
        return ngettext(
            "It is learning: after {count} epoch it is right on {right}.",
            "It is learning: after {count} epochs it is right on {right}.",
            int(last["epoch"]),
        ).format(**words)
    return ngettext(
        "It is learning: after {count} epoch it is right on {right}, before training on {before}.",
        "It is learning: after {count} epochs it is right on {right}, before training on {before}.",
        int(last["epoch"]),
    ).format(**words)


def _just_thawed(state: State) -> str | None:
    """Tell of a stage that was thawed after the last epoch: it has had no time to show."""
    if not state.thaws or state.thaws[-1].get("epoch") != state.epochs[-1].get("epoch"):
        return None
    best = best_share(state) or share_at(state.epochs[-1])
    stage = str(state.thaws[-1].get("stage"))
    text = (
        _("The whole network learns along since epoch {since}; a few epochs will show whether it "
          "gets beyond epoch {epoch}, right on {right}.")
        if stage == "all"
        else _("Stage {stage} has just been thawed, after epoch {since}; a few epochs will show "
               "whether it gets beyond epoch {epoch}, right on {right}.")
    )  # fmt: skip
    since = state.epochs[-1]["epoch"]
    kept = state.best["epoch"] if state.best else since
    return text.format(stage=stage, since=since, epoch=kept, right=right_on(best))


def _warming_up(state: State) -> str | None:
    """Tell of the first epochs after a thaw, which are not judged while they bring no new best."""
    best, last = best_share(state), int(state.epochs[-1]["epoch"])
    if not state.thaws or best is None or state.best is None or state.best["epoch"] == last:
        return None
    since = int(state.thaws[-1]["epoch"])
    if not 0 < last - since < SETTLING:
        return None
    return _(
        "It is warming up: what has thawed after epoch {since} gets larger steps only little by "
        "little. The best is still epoch {epoch}, right on {right}."
    ).format(since=since, epoch=state.best["epoch"], right=right_on(best))


def _paused(state: State) -> str:
    if not state.epochs:
        return _("It is paused; nothing is lost.")
    return _("It is paused after epoch {epoch}; nothing is lost.").format(
        epoch=state.epochs[-1]["epoch"]
    )


def _stopping(state: State) -> str:
    if state.best is None:
        return _("It is stopping.")
    return _("It is stopping and keeps the best, epoch {epoch}.").format(epoch=state.best["epoch"])


def _stopped(state: State) -> str:
    best = best_share(state)
    if best is None or state.best is None:
        return _("You stopped it before there was a result.")
    return _("You stopped it; the best, epoch {epoch}, is kept and is right on {right}.").format(
        epoch=state.best["epoch"], right=right_on(best)
    )


def _interrupted(state: State) -> str:
    if not state.epochs:
        return _("It was interrupted before the first epoch; you can resume it.")
    return _(
        "It was interrupted; everything up to epoch {epoch} is kept, and you can resume it."
    ).format(epoch=state.epochs[-1]["epoch"])


def _failed(state: State) -> str:
    error = state.error or {}
    message = str(error.get("message") or _("It could not go on."))
    return " ".join(part for part in (message, str(error.get("fix") or "")) if part)


def _finished(state: State) -> str:
    if state.spec.kind == "import":
        return _("Your data are in.")
    if state.spec.kind == "evidence":
        return _("Your data are measured.")
    if state.spec.kind == "interpolate":
        return _("The mixtures with the base are measured.")
    if state.spec.kind == "pilot":
        return _("The short trial thaw has ended; the plan uses what it showed.")
    said, why = verdict(state), why_it_ended(state)
    if not said:
        return _("It is finished, without a result.")
    if not why:
        return said
    text = (
        _("{verdict} It stopped early because {reason}.")
        if state.stop_reason in ("patience", "nan")
        else _("{verdict} It ended because {reason}.")
    )
    return text.format(verdict=said, reason=why)


def _trained(state: State) -> list[Fields]:
    return [epoch for epoch in state.epochs if epoch.get("phase") != BEFORE]


_BY_STATUS: dict[str, Callable[[State], str]] = {
    "queued": _queued,
    "running": _running,
    "paused": _paused,
    "stopping": _stopping,
    "stopped": _stopped,
    "interrupted": _interrupted,
    "failed": _failed,
    "finished": _finished,
}
