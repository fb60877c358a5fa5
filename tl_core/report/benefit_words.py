"""What transfer has brought, in sentences: found, meant, and what to make of it."""

from __future__ import annotations

from collections.abc import Mapping

from tl_core import wording
from tl_core.benefits import (
    SCRATCH,
    TRANSFERRED,
    Benefit,
    faster,
    fewer_labels,
    inherited_share,
)
from tl_core.i18n import _, ngettext
from tl_core.spec import STRATEGIES

LEAST_P = 0.001  # smaller ones are told as smaller


def answer(found: Benefit) -> str:
    """Return in one sentence what the head start brought, as far as a test can tell."""
    one, other = found.whole(TRANSFERRED), found.whole(SCRATCH)
    if one is None:
        return _("Nothing has been measured yet.")
    share = wording.percent_interval(one.accuracy)
    if other is None:
        return _("{share} right with the head start; without it is still to be measured.").format(
            share=share
        )
    test = found.against(SCRATCH)
    values = {"one": share, "other": wording.percent_interval(other.accuracy)}
    if test is None or not test.is_told_apart:
        return _("Too close to call: {one} right with the head start, {other} without.").format(
            **values
        )
    if one.accuracy.value > other.accuracy.value:
        return _("{one} right with the head start, {other} without.").format(**values)
    return _("The head start stands in the way here: {one} right with it, {other} without.").format(
        **values
    )


def fewer_sentence(found: Benefit) -> str:
    """Return what the head start saves in labels."""
    saved = fewer_labels(found)
    if saved is None:
        if not found.of(SCRATCH):
            return _("How many labels it saves is not measured yet.")
        return _("It saved no labels: from scratch did as well with as few.")
    few, many = saved.transferred, saved.scratch
    return _(
        "With {few} labels it was right on {share}, from scratch with {many} on {other}: as often "
        "or more, with {times} times fewer labels."
    ).format(
        few=wording.count(few.n),
        share=wording.percent_interval(few.accuracy),
        many=wording.count(many.n),
        other=wording.percent_interval(many.accuracy),
        times=wording.number(saved.times),
    )


def faster_sentence(found: Benefit) -> str:
    """Return when both ways had come equally far."""
    both = faster(found)
    if both is None:
        return _("How fast each learns is not measured yet.")
    said = _(
        "{share} right: after {epoch} ({time}) with the head start, after {later} ({long}) from "
        "scratch."
    ).format(
        share=wording.percent(both.accuracy),
        epoch=_epochs(both.transferred.epoch),
        time=wording.duration(both.transferred.seconds),
        later=_epochs(both.scratch.epoch),
        long=wording.duration(both.scratch.seconds),
    )
    if both.was_kept:
        said += " " + _("The pass of your data through the base was there already and took none "
                        "of it.")  # fmt: skip
    return said


def _epochs(n: int) -> str:
    return ngettext("{n} epoch", "{n} epochs", n).format(n=wording.count(n))


def ceiling_sentence(found: Benefit) -> str:
    """Return whether one way gets further than the other with all labels there are."""
    one, other, test = found.whole(TRANSFERRED), found.whole(SCRATCH), found.against(SCRATCH)
    if one is None or other is None or test is None:
        return _("How far each gets with all labels is not measured yet.")
    values = {
        "n": wording.count(found.sizes[-1]),
        "one": wording.percent_interval(one.accuracy),
        "other": wording.percent_interval(other.accuracy),
        "p": _p(test.p),
    }
    if not test.is_told_apart:
        text = _("With all {n} labels {one} against {other}: no paired test tells them apart "
                 "(p {p}).")  # fmt: skip
    else:
        text = _("With all {n} labels {one} against {other}; a paired test tells them apart "
                 "(p {p}).")  # fmt: skip
    said = text.format(**values)
    if other.cut:
        said += " " + _("The time was up before the one from scratch had come to its end: with "
                        "more minutes it may get further.")  # fmt: skip
    return said


def _p(value: float) -> str:
    """Return a p value; none is so small that it would be 0."""
    return wording.number(value) if value >= LEAST_P else f"< {wording.number(LEAST_P)}"


def inherited_sentence(found: Benefit) -> str:
    """Return how much of the computing in the model was done before, and how sure that is."""
    share, part = inherited_share(found), found.whole(TRANSFERRED)
    if share is None or part is None or found.pretraining is None:
        return _("What was spent on the base before is not known.")
    said = _("{share} of all computing in this model was done before you began")
    told = [said.format(share=wording.percent(share))]
    if part.flops and found.pretraining_flops:
        times = found.pretraining_flops / part.flops
        told.append(
            _("for each operation spent here, {n} were spent on the base").format(
                n=wording.count(_rounded(times))
            )
        )
    return ": ".join(told) + "."


def _rounded(value: float) -> int:
    """Return a number of which two figures count."""
    digits = max(0, len(str(int(value))) - 2)
    return int(round(value / 10**digits) * 10**digits)


def inherited_source(found: Benefit) -> str:
    """Return where what was spent before is known from, and what is unverified about it."""
    before = found.pretraining
    if before is None:
        return ""
    told = [
        _("Computed, not measured: {examples} examples, each seen {epochs} times.").format(
            examples=wording.count(before.examples), epochs=f"{before.epochs:g}"
        ),
        _("Source: {source}.").format(source=_(before.source).rstrip(".")),
    ]
    if not before.verified:
        told.append(_("Unverified for this very network."))
    if before.note:
        told.append(_(before.note))
    return " ".join(told)


def bases_sentence(found: Benefit, names: Mapping[str, str]) -> str:
    """Return what a better base adds in the same run; holds untrusted text."""
    told = []
    one = found.whole(TRANSFERRED)
    for part in found.others() if one else ():
        test = found.against(TRANSFERRED, part.base)
        gain = part.accuracy.value - one.accuracy.value if one else 0.0
        if test is None or not test.is_told_apart:
            text = _("{base}: {share}, too close to call (p {p})")
        elif gain > 0:
            text = _("{base}: {share}, better (p {p})")
        else:
            text = _("{base}: {share}, worse (p {p})")
        told.append(
            text.format(
                base=names.get(part.base, part.base),
                share=wording.percent_interval(part.accuracy),
                p=_p(test.p) if test else "–",
            )
        )
    if not told:
        return _("No larger base was measured.")
    return _("The same with a larger base: {list}.").format(list="; ".join(told))


def settings_sentence(found: Benefit) -> str:
    """Return with what settings this was measured, so that anybody can repeat it."""
    return _(
        "{strategy} against from scratch, size {size}, seed {seed}, {n} validation examples that "
        "were the same for all, {draws} draws of every smaller number of labels; {done} of {all} "
        "trainings within {minutes} minutes on {machine}."
    ).format(
        strategy=_(STRATEGIES.get(found.strategy, found.strategy)),
        size=found.size,
        seed=found.seed,
        n=wording.count(found.n_val),
        draws=found.draws,
        done=len(found.parts),
        all=found.planned,
        minutes=f"{found.minutes:g}",
        machine=found.machine or _("an unknown machine"),
    )
