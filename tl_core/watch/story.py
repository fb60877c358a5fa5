"""The story of an ended run in three sentences: what was tried, what paid, what follows."""

from __future__ import annotations

from collections.abc import Sequence

from tl_core import wording
from tl_core.i18n import _, ngettext
from tl_core.watch import forgetting
from tl_core.watch.readings import Fields, Share, State, best_share, share_at
from tl_core.watch.windows import BEFORE, WINDOW

_HEAD = "head"
_THAW = "thaw:"


def story(state: State, rungs: Sequence[Fields] = ()) -> tuple[str, ...]:
    """Return three sentences on a run that has ended; none where nothing was trained.

    Args:
        state: a run with a best epoch.
        rungs: what was decided about each thaw (`stage`, `paid`, `gain`, `accuracy_after`).
    """
    trained = [epoch for epoch in state.epochs if epoch.get("phase") != BEFORE]
    best = best_share(state)
    if not trained or best is None:
        return ()
    return _tried(state, trained), _paid(state, trained, best, rungs), _next(state, trained, best)


def _tried(state: State, trained: Sequence[Fields]) -> str:
    thaws = [str(e["phase"]) for e in trained if str(e.get("phase")).startswith(_THAW)]
    counts: dict[str, int] = {}
    for epoch in trained:
        phase = str(epoch.get("phase") or "")
        key = thaws[0] if phase in thaws else phase
        counts[key] = counts.get(key, 0) + 1
    parts = [_part(phase, count, last=thaws[-1:]) for phase, count in counts.items()]
    return _("In {time} it trained {parts}.").format(
        time=wording.duration(state.seconds), parts=_(", then ").join(parts)
    )


def _part(phase: str, count: int, last: Sequence[str]) -> str:
    """Say what a phase trains, and for how long; all thaws together."""
    text = ngettext("{what} for {count} epoch", "{what} for {count} epochs", count)
    return text.format(what=_what(phase, last), count=count)


def _what(phase: str, last: Sequence[str]) -> str:
    """Say what a phase trains; `last` is the last thaw, where there was one."""
    if not phase.startswith(_THAW):
        return {
            _HEAD: _("the new last layer alone"),
            "adapter": _("small matrices beside the frozen weights (LoRA)"),
            "scratch": _("the whole network from nothing"),
        }.get(phase, _("the whole network"))
    first, deepest = phase.removeprefix(_THAW), last[0].removeprefix(_THAW)
    if first == deepest:
        return _("stage {stage} and all later ones").format(stage=first)
    return _("stage {stage} and all later ones, step by step back to stage {deepest},").format(
        stage=first, deepest=deepest
    )


def _paid(
    state: State, trained: Sequence[Fields], best: Share, rungs: Sequence[Fields]
) -> str:  # fmt: skip
    """Say what the last layer came to, and whether what followed was worth it."""
    heads = [epoch for epoch in trained if epoch.get("phase") == _HEAD]
    first = state.epochs[0]
    if not heads or len(heads) == len(trained):
        if first.get("phase") != BEFORE:
            return _("At its best it is right on {share}.").format(share=_told(best))
        return _("Before training it was right on {before}, at its best on {share}.").format(
            before=wording.percent(share_at(first).value), share=_told(best)
        )
    head = share_at(min(heads, key=lambda epoch: float(epoch["val_loss"])))
    begin = _("The last layer alone came to {head}").format(head=wording.percent(head.value))
    clauses = [_rung(rung) for rung in rungs] or [_against(head, best)]
    return "; ".join([begin, *clauses, *_forgotten(state)]) + "."


def _rung(rung: Fields) -> str:
    """Say whether a thaw paid, as it was judged on the same examples before and after."""
    gain = float(rung["gain"])
    if rung["paid"]:
        text = _("thawing from stage {stage} on paid (right on {share}, the loss fell by {change})")
    elif gain > 0:
        text = _("thawing from stage {stage} on did not pay (right on {share}, the loss fell by "
                 "{change}, too little to tell from chance) and was undone")  # fmt: skip
    else:
        text = _("thawing from stage {stage} on did not pay (right on {share}, the loss rose by "
                 "{change}) and was undone")  # fmt: skip
    return text.format(
        stage=rung["stage"],
        share=wording.percent(float(rung["accuracy_after"])),
        change=wording.number(abs(gain)),
    )


def _against(head: Share, best: Share) -> str:
    """Say what all came to, and whether the interval leaves the last layer alone behind."""
    text = (
        _("with the rest it is {best}, which may be chance")
        if best.low <= head.value <= best.high
        else _("with the rest it is {best}, more than chance explains")
        if head.value < best.low
        else _("with the rest it is {best}, clearly less")
    )
    return text.format(best=_told(best))


def _forgotten(state: State) -> list[str]:
    """Say how much the base still answers as before, where that was measured and changed."""
    kept = forgetting.left((state.finished or {}).get("retention"))
    if kept is None or kept.value >= 1:
        return []
    text = _("the base's own classifier still gives {share} of its old answers (that the rest is "
             "forgotten matters only if the model must still do its old work)")  # fmt: skip
    return [text.format(share=forgetting.share(kept))]


def _next(state: State, trained: Sequence[Fields], best: Share) -> str:
    """Say what that means, and what to do."""
    epoch = int((state.best or {}).get("epoch", 0))
    left = int(trained[-1]["epoch"]) - epoch
    late = {str(a.get("kind")) for a in state.alerts if int(a.get("epoch") or 0) > epoch}
    if any(a.get("kind") == "leak" for a in state.alerts):
        return _("But its accuracy is not to be believed yet, for training seems to hold examples "
                 "that judge it (a leak): let Data look for copies and take them out of training, "
                 "then train again.")  # fmt: skip
    if state.stop_reason == "nan" or late & {"instability", "jumps"}:
        return _("Its steps were too large: try it again with a lower learning rate.")
    if any(a.get("kind") == "negative_transfer" and "control" in a for a in state.alerts):
        return _("From scratch it does better: take another base, or what learned without one.")
    if left < WINDOW and state.stop_reason in ("time", "epochs", "person"):
        return _("It was still getting better at the end: more time or more epochs may pay.")
    train = next((e.get("train_accuracy") for e in trained if e["epoch"] == epoch), None)
    if train is None or train > best.high:
        return _(
            "It knows its training examples ({train}) better than others ({others}): more examples "
            "are likelier to help than longer training."
        ).format(
            train=wording.percent(train) if train is not None else "–",
            others=wording.percent(best.value),
        )
    return _(
        "It does as well on new examples as on those it learned from: thawing more, or a larger "
        "base, is likelier to help than more examples."
    )


def _told(share: Share) -> str:
    return wording.percent_interval(share)
