"""What the analysis of a run comes to, in plain sentences; class names in them are untrusted."""

from __future__ import annotations

from collections.abc import Sequence

from tl_core import wording
from tl_core.analysis.answers import Answers
from tl_core.analysis.calibration import FEWEST_MISTAKES, Fit
from tl_core.analysis.mistakes import Mixed, mixed_up
from tl_core.i18n import _, ngettext
from tl_core.shares import foretold_counts, wilson

OF = 100
"""New examples of which it is told how many will be right."""
FEW_IN_CLASS = 10
"""Held-out examples of a class, below which nothing about it is certain."""


def expected(answers: Answers, modality: str) -> str:
    """Return how many of 100 new examples will be right."""
    right = int(answers.is_right.sum())
    low, high = foretold_counts(right, len(answers), of=OF)
    new = {
        "picture": _("Of {of} new pictures like these expect {low} to {high} right."),
        "text": _("Of {of} new texts like these expect {low} to {high} right."),
    }[modality]
    return new.format(of=OF, low=low, high=high)


def judged_on(answers: Answers, modality: str) -> str:
    """Return what the score rests on, and how far it may be trusted."""
    share = wilson(float(answers.is_right.mean()), len(answers))
    told = _("Right on {share} of {examples}.").format(
        share=wording.percent_interval(share), examples=wording.examples(len(answers), modality)
    )
    if answers.part == "test":
        return f"{told} " + _("They are the test part: used once, after all was decided.")
    return f"{told} " + _(
        "They are the validation part: never learned from, but the best epoch was chosen by them, "
        "so this is a little kind. A test part would tell without that."
    )


def pair(mixed: Mixed, classes: Sequence[str]) -> str:
    """Return one pair of classes that was mixed up."""
    text = ngettext(
        "{n} of {of} labelled {label} was taken for {given}.",
        "{n} of {of} labelled {label} were taken for {given}.",
        mixed.count,
    )
    return text.format(
        n=wording.count(mixed.count),
        of=wording.count(mixed.of),
        label=classes[mixed.label],
        given=classes[mixed.given],
    )


def where_it_fails(answers: Answers) -> str:
    """Return in a few words what it mixes up most."""
    pairs = mixed_up(answers)
    if not pairs:
        return _("It got all of them right.")
    first = pairs[0]
    if first.count == 1:
        return _("No two classes were mixed up more than once.")
    names = {"label": answers.classes[first.label], "given": answers.classes[first.given]}
    back = any((p.given, p.label) == (first.label, first.given) for p in pairs)
    if back:
        return _("It mixes up {label} and {given} most.").format(**names)
    return _("Most often it takes {label} for {given}.").format(**names)


def calibration(found: Fit) -> list[str]:
    """Return whether the model is as sure as it is right, and what the temperature does."""
    told = [_off(found)]
    if found.why == "few":
        text = ngettext(
            "It made {n} mistake on the validation part; at least {least} are needed to correct "
            "how sure it is. Its probabilities stay as they are.",
            "It made {n} mistakes on the validation part; at least {least} are needed to correct "
            "how sure it is. Its probabilities stay as they are.",
            found.mistakes,
        )
        return [*told, text.format(n=wording.count(found.mistakes), least=FEWEST_MISTAKES)]
    if found.why:
        text = _("A temperature would not lower the log loss beyond chance ({low} to {high} per "
                 "example), so its probabilities stay as they are.")  # fmt: skip
        return [*told, text.format(low=_signed(found.gain_low), high=_signed(found.gain_high))]
    text = _("Divided by a temperature of {t} (temperature scaling), its log loss falls from "
             "{before} to {after}, by {low} to {high} per example; the calibration error goes from "
             "{error} to {error_after}.")  # fmt: skip
    told.append(
        text.format(
            t=wording.number(found.temperature),
            before=wording.number(found.loss),
            after=wording.number(found.loss_after),
            low=wording.number(found.gain_low),
            high=wording.number(found.gain_high),
            error=wording.points(found.error),
            error_after=wording.points(found.error_after),
        )
    )
    text = _(
        "It was fitted on the validation part, each half judged with the temperature of the "
        "other. What this model says of new examples is told with it."
    )
    told.append(text)
    return told


def _off(found: Fit) -> str:
    """Return how far sureness lies from being right, and whether chance alone would do that."""
    gap = wording.points(found.error)
    if found.error <= found.error_by_chance:
        text = _(
            "How sure it is lies {gap} from how often it is right (expected calibration "
            "error): no more than chance makes of {n} examples, which is up to {chance}."
        )
    else:
        text = _(
            "How sure it is lies {gap} from how often it is right (expected calibration "
            "error); chance alone would make up to {chance} of it with {n} examples."
        )
    return text.format(
        gap=gap, n=wording.count(found.n), chance=wording.points(found.error_by_chance)
    )


def _signed(value: float) -> str:
    sign = "+" if value > 0 else ""
    return f"{sign}{wording.number(value)}"
