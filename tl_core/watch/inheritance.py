"""Whether what was inherited fits and helps: told from the evidence, and from a control arm.

Pure. The numbers come as plain values: of the evidence those that the advisor has put together
when the run began (`grounds`), with the borders of its rules; of the control arm what a paired test
made of the two runs (`control`). Both are kept in the run's log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tl_core import wording
from tl_core.i18n import N_, _
from tl_core.watch.detectors import Alert

Fields = Mapping[str, Any]

SMALLEST_P = 0.001  # that is told; below it the number says no more

_WITHOUT: Mapping[str, str] = {
    "pixels": N_("raw pixels"),
    "random_init": N_("an untrained network"),
    "bag_of_words": N_("which words occur"),
}


def mismatch(grounds: Fields, epoch: int) -> Alert | None:
    """Tell of data that are far from what the base knows, and of which it recognises nothing.

    Far and familiar are what the advisor's rules call so; what was not measured is neither.
    """
    sure = grounds.get("source_confidence")
    if not _is_far(grounds) or (sure is not None and sure >= grounds["familiar_from"]):
        return None
    signs = [*_shift(grounds), *_words_of_the_base(grounds), *_sureness(grounds)]
    text = _(
        "The data look unlike what the base was trained on: {signs}. What it knows may fit badly "
        "(domain mismatch); thawing further, or a closer base, is likelier to pay than a longer "
        "training of what learns now."
    )
    return Alert(epoch, "domain_mismatch", text.format(signs=", ".join(signs)))


def no_help(grounds: Fields, epoch: int) -> Alert | None:
    """Tell of a base that beats none of the controls, or by no more than counts as nothing."""
    lead = grounds.get("probe_minus_best_control")
    if lead is None or lead > grounds["least_lead"]:
        return None
    text = _(
        "Before training the frozen base is right on {probe}, and {name} alone on {control} "
        "(difference {lead}, {low} to {high}): as it is the base is no help here (a sign of "
        "negative transfer). Thawed it may still help; the control, the same from scratch, shows "
        "whether it does."
    )
    name = str(grounds.get("best_control_name"))
    told = text.format(
        probe=wording.percent(float(grounds["linear_probe"])),
        name=_(_WITHOUT[name]) if name in _WITHOUT else name,
        control=wording.percent(float(grounds["best_control"])),
        lead=wording.points(float(lead)),
        low=wording.points(float(grounds["probe_minus_best_control_low"])),
        high=wording.points(float(grounds["probe_minus_best_control_high"])),
    )
    return Alert(epoch, "negative_transfer", told)


def at_the_start(grounds: Fields | None, epoch: int) -> tuple[Alert, ...]:
    """Return what the evidence alone is alarming for."""
    if not grounds:
        return ()
    found = (no_help(grounds, epoch), mismatch(grounds, epoch))
    return tuple(alert for alert in found if alert is not None)


def hurts(control: Fields, epoch: int) -> Alert | None:
    """Tell of a base with which fewer are right than from scratch, beyond chance."""
    if control["verdict"] != "hurts":
        return None
    return Alert(epoch, "negative_transfer", sentences(control)[0])


def sentences(control: Fields) -> tuple[str, ...]:
    """Return what a run and its control say together; the first sentence is the verdict.

    Args:
        control: `verdict` (`helps`, `hurts` or `not_proven`), the accuracies `base` and `scratch`,
            their `difference` (value, low, high), `p`, and where known `raw` and `is_cut`.
    """
    found = [_verdict(control)]
    if raw := control.get("raw"):
        found.append(_beside_raw(raw))
    if control.get("is_cut"):
        found.append(
            _("One of the two was stopped by hand, so that they did not have the same budget.")
        )
    return tuple(found)


def _verdict(control: Fields) -> str:
    text = {
        "helps": _("What the base brings helps: with it {base} of the {n} validation examples are "
                   "right, from scratch {scratch} of the same (difference {difference}, {low} to "
                   "{high}; exact McNemar test, p {p})."),
        "hurts": _("What the base brings hurts here (negative transfer): with it {base} of the {n} "
                   "validation examples are right, from scratch {scratch} of the same (difference "
                   "{difference}, {low} to {high}; exact McNemar test, p {p})."),
    }.get(
        str(control["verdict"]),
        _("Whether what the base brings helps is not proven: with it {base} of the {n} validation "
          "examples are right, from scratch {scratch} of the same, which may be chance (difference "
          "{difference}, {low} to {high}; exact McNemar test, p {p})."),
    )  # fmt: skip
    p = float(control["p"])
    return text.format(
        base=wording.percent(float(control["base"]["value"])),
        scratch=wording.percent(float(control["scratch"]["value"])),
        n=wording.count(int(control["base"]["n"])),
        p=f"= {wording.number(p)}" if p >= SMALLEST_P else f"< {SMALLEST_P}",
        difference=wording.points(float(control["difference"]["value"])),
        low=wording.points(float(control["difference"]["low"])),
        high=wording.points(float(control["difference"]["high"])),
    )


def _beside_raw(raw: Fields) -> str:
    """Say how a control that needs no network at all did beside the run that inherits."""
    text = {
        "helps": _("By {name} alone {share} of the training examples were right, each while held "
                   "out: clearly less than with the base."),
        "hurts": _("By {name} alone {share} of the training examples were right, each while held "
                   "out: more than with the base."),
    }.get(
        str(raw["verdict"]),
        _("By {name} alone {share} of the training examples were right, each while held out: not "
          "surely less than with the base."),
    )  # fmt: skip
    name = str(raw["name"])
    return text.format(
        name=_(_WITHOUT[name]) if name in _WITHOUT else name,
        share=wording.percent(float(raw["accuracy"]["value"])),
    )


def _is_far(grounds: Fields) -> bool:
    late, leep = grounds.get("shift_late"), grounds.get("leep_per_log_c")
    is_unlike = grounds.get("modality") == "picture" and (late or 0.0) >= grounds["far_from"]
    return is_unlike or (leep is not None and leep <= grounds["far_leep"])


def _shift(grounds: Fields) -> list[str]:
    late, own = grounds.get("shift_late"), grounds.get("shift_expected_late")
    if late is None or grounds.get("modality") != "picture":
        return []
    if own is None:
        return [_("late shift {late}").format(late=wording.number(late))]
    text = _("late shift {late}, against {own} for its own kind")
    return [text.format(late=wording.number(late), own=wording.number(own))]


def _words_of_the_base(grounds: Fields) -> list[str]:
    leep = grounds.get("leep_per_log_c")
    if leep is None or leep > grounds["far_leep"]:
        return []
    text = _("what it calls them says little about the classes (LEEP / ln C {leep})")
    return [text.format(leep=wording.number(leep))]


def _sureness(grounds: Fields) -> list[str]:
    sure = grounds.get("source_confidence")
    if sure is None:
        return []
    return [_("it is {share} sure of what it sees").format(share=wording.percent(sure))]
