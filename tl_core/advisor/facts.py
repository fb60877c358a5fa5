"""The facts that rules may ask about: a declared table, and how they come from what was measured.

A fact is one number, word or yes/no. Comparisons of two measurements become facts of their own
here, so that a rule only ever compares a fact with a value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tl_core import wording
from tl_core.advisor import trial
from tl_core.advisor.thaw import best_stage, first_cut, thaw_cuts
from tl_core.i18n import N_, _
from tl_core.spec import Accuracy, DatasetFacts, Evidence

Value = float | int | str | bool | None
Facts = dict[str, Value]
Unit = Literal["count", "share", "points", "nats", "ratio", "word", "yes_no"]

LATE_SHIFT_BORDERS = {"picture": (0.10, 0.20), "text": (0.02, 0.07)}
FAR_LEEP = -0.8
"""Borders of near, middling and far, the shift in nats; the evidence uses the same (a test
compares them)."""

WORDS: dict[str, str] = {
    "picture": N_("pictures"),
    "text": N_("texts"),
    "near": N_("near"),
    "middling": N_("middling"),
    "far": N_("far"),
    "pixels": N_("raw pixels"),
    "random_init": N_("an untrained network"),
    "bag_of_words": N_("which words occur"),
    "accuracy": N_("accuracy"),
    "speed": N_("speed"),
    "retention": N_("keeping what the base knows"),
}
"""Words that facts take, and how they are shown."""

PRIORITIES = ("accuracy", "speed", "retention")


@dataclass(frozen=True, slots=True)
class Fact:
    """What a fact is: its type, its unit, the values it can take, its name for people."""

    kind: type
    unit: Unit
    fact_text: str
    """A noun phrase with its article; for yes/no a clause."""
    low: float = -math.inf
    high: float = math.inf
    scale: float = 1.0
    """A change that matters, to compare how near different thresholds are; 0 means ratios count."""
    words: tuple[str, ...] = ()
    """Of a word: all there are; none where it is a name."""


FACTS: dict[str, Fact] = {
    "always": Fact(bool, "yes_no", N_("it is always so")),
    "priority": Fact(str, "word", N_("what matters most to you"), words=PRIORITIES),
    "modality": Fact(str, "word", N_("the kind of your data"), words=("picture", "text")),
    "n": Fact(int, "count", N_("the number of training examples"), 0, 1e9, 0),
    "classes": Fact(int, "count", N_("the number of classes"), 1, 1e6, 0),
    "per_class": Fact(float, "count", N_("the training examples per class"), 0, 1e9, 0),
    "per_class_min": Fact(int, "count", N_("the examples of the smallest class"), 0, 1e9, 0),
    "distance": Fact(
        str, "word", N_("the distance of your task"), words=("near", "middling", "far")
    ),
    "shift_early": Fact(float, "nats", N_("the early shift"), 0, 100, 0),
    "shift_late": Fact(float, "nats", N_("the late shift"), 0, 100, 0),
    "shift_expected_late": Fact(
        float, "nats", N_("the late shift of the base's own kind of data"), 0, 100, 0
    ),
    "source_confidence": Fact(float, "share", N_("the base's own confidence"), 0, 1, 0.1),
    "leep_per_log_c": Fact(float, "ratio", N_("LEEP / ln C"), -5, 0, 0.1),
    "linear_probe": Fact(float, "share", N_("the accuracy of the frozen base"), 0, 1, 0.05),
    "linear_probe_low": Fact(
        float, "share", N_("the lower end of the frozen base's accuracy"), 0, 1, 0.05
    ),
    "linear_probe_high": Fact(
        float, "share", N_("the upper end of the frozen base's accuracy"), 0, 1, 0.05
    ),
    "headroom": Fact(
        float, "points", N_("what the frozen base's accuracy leaves to gain"), 0, 1, 0.05
    ),
    "multi_stage_probe": Fact(
        float, "share", N_("the accuracy of the frozen base read at all depths"), 0, 1, 0.05
    ),
    "multi_stage_probe_low": Fact(
        float, "share", N_("the lower end of the accuracy at all depths"), 0, 1, 0.05
    ),
    "multi_stage_probe_high": Fact(
        float, "share", N_("the upper end of the accuracy at all depths"), 0, 1, 0.05
    ),
    "multi_stage_gain": Fact(
        float, "points", N_("what reading all depths adds to the last stage"), -1, 1, 0.05
    ),
    "multi_stage_gain_low": Fact(
        float, "points", N_("the lower end of what reading all depths adds"), -1, 1, 0.05
    ),
    "multi_stage_gain_high": Fact(
        float, "points", N_("the upper end of what reading all depths adds"), -1, 1, 0.05
    ),
    "is_best_before_last": Fact(
        bool, "yes_no", N_("an earlier stage tells your classes apart better than the last")
    ),
    "best_stage": Fact(str, "word", N_("the stage that tells your classes apart best")),
    "best_stage_accuracy": Fact(
        float, "share", N_("the accuracy of the best stage by itself"), 0, 1, 0.05
    ),
    "last_stage_accuracy": Fact(
        float, "share", N_("the accuracy of the last stage by itself"), 0, 1, 0.05
    ),
    "thaw_from": Fact(str, "word", N_("the stage from which a thaw would begin")),
    "zero_training": Fact(
        float, "share", N_("the accuracy of the base's own classes without training"), 0, 1, 0.05
    ),
    "zero_training_gap": Fact(
        float, "points", N_("what training a head adds to the base's own classes"), -1, 1, 0.05
    ),
    "zero_training_skill": Fact(
        float, "share", N_("the share of the task that the base's own classes solve"), -50, 1, 0.1
    ),
    "best_control": Fact(
        float, "share", N_("the accuracy that is possible without the base"), 0, 1, 0.05
    ),
    "best_control_name": Fact(
        str,
        "word",
        N_("what works best without the base"),
        words=("pixels", "random_init", "bag_of_words"),
    ),
    "probe_minus_best_control": Fact(
        float, "points", N_("the lead of the frozen base over doing without it"), -1, 1, 0.05
    ),
    "probe_minus_best_control_low": Fact(
        float, "points", N_("the lower end of the frozen base's lead"), -1, 1, 0.05
    ),
    "probe_minus_best_control_high": Fact(
        float, "points", N_("the upper end of the frozen base's lead"), -1, 1, 0.05
    ),
    "pilot_gain": Fact(
        float, "points", N_("what a short trial thaw gains over the frozen base"), -1, 1, 0.05
    ),
    "pilot_gain_low": Fact(
        float, "points", N_("the lower end of what a short trial thaw gains"), -1, 1, 0.05
    ),
    "pilot_gain_high": Fact(
        float, "points", N_("the upper end of what a short trial thaw gains"), -1, 1, 0.05
    ),
    "pilot_steps": Fact(int, "count", N_("the steps of the short trial thaw"), 0, 1e9, 0),
    "leak_suspected": Fact(
        bool, "yes_no", N_("the training and the held-out part share near twins")
    ),
    "leak_pairs": Fact(int, "count", N_("the near twins across the two parts"), 0, 1e9, 0),
}
"""Every fact that a rule may name."""


def facts_from(dataset: DatasetFacts, evidence: Evidence, *, priority: str = "accuracy") -> Facts:
    """Return every fact of `FACTS`; one that was not measured is None.

    `n` is the number of training examples: the size of the training split where it is known,
    else the number of examples measured.
    """
    n = dataset.splits.get("train") or evidence.n
    shift, expected = evidence.shift, evidence.shift_expected
    probe = evidence.linear_probe
    return {
        "always": True,
        "priority": priority,
        "modality": dataset.modality,
        "n": n,
        "classes": evidence.classes,
        "per_class": n / evidence.classes,
        "per_class_min": dataset.per_class_min,
        "distance": evidence.distance,
        "shift_early": shift.early if shift else None,
        "shift_late": shift.late if shift else None,
        "shift_expected_late": expected.late if expected else None,
        "source_confidence": evidence.source_confidence,
        "leep_per_log_c": evidence.leep_per_log_c,
        "linear_probe": probe.value,
        "linear_probe_low": probe.low,
        "linear_probe_high": probe.high,
        "headroom": round(1 - probe.high, 6),
        **_all_depths(evidence),
        **_stages(evidence),
        **_zero_training(dataset, evidence),
        **_controls(evidence),
        **trial.facts(evidence.pilot),
        "leak_suspected": dataset.leak.suspected,
        "leak_pairs": dataset.leak.pairs,
    }


def _all_depths(evidence: Evidence) -> Facts:
    """Compare a head that reads every stage with one that reads the last."""
    found = evidence.multi_stage_probe
    names = ("multi_stage_probe", "multi_stage_probe_low", "multi_stage_probe_high",
             "multi_stage_gain", "multi_stage_gain_low", "multi_stage_gain_high")  # fmt: skip
    if found is None:
        return dict.fromkeys(names)
    gain = difference(found, evidence.linear_probe)
    return dict(zip(names, (found.value, found.low, found.high, *gain), strict=True))


def _stages(evidence: Evidence) -> Facts:
    """Compare the stages by their own probes, and say where a thaw would begin."""
    probes = evidence.stage_probes
    names = ("is_best_before_last", "best_stage", "best_stage_accuracy", "last_stage_accuracy",
             "thaw_from")  # fmt: skip
    if not probes:
        return dict.fromkeys(names)
    shares = [probe.accuracy for probe in probes]
    best, last = best_stage(shares), len(shares) - 1
    is_earlier = first_cut(shares, evidence.linear_probe.n) is not None
    begin = evidence.stages[thaw_cuts(evidence)[0]].name
    values = (is_earlier, probes[best].stage, shares[best], shares[last], begin)
    return dict(zip(names, values, strict=True))


def _zero_training(dataset: DatasetFacts, evidence: Evidence) -> Facts:
    """How far the base's own classes get; skill counts from always naming the largest class."""
    found = evidence.zero_training
    if found is None:
        return dict.fromkeys(("zero_training", "zero_training_gap", "zero_training_skill"))
    total = sum(dataset.counts.values())
    chance = max(dataset.counts.values()) / total if total else 1 / evidence.classes
    skill = (found.value - chance) / (1 - chance) if chance < 1 else 0.0
    return {
        "zero_training": found.value,
        "zero_training_gap": round(evidence.linear_probe.value - found.value, 6),
        "zero_training_skill": round(skill, 6),
    }


def _controls(evidence: Evidence) -> Facts:
    """Compare the frozen base with the best of what works without it."""
    controls = {
        "pixels": evidence.controls.pixels,
        "random_init": evidence.controls.random_init,
        "bag_of_words": evidence.controls.bag_of_words,
    }
    measured = {name: found for name, found in controls.items() if found is not None}
    names = ("best_control", "best_control_name", "probe_minus_best_control",
             "probe_minus_best_control_low", "probe_minus_best_control_high")  # fmt: skip
    if not measured:
        return dict.fromkeys(names)
    best = max(measured, key=lambda name: measured[name].value)
    value, low, high = difference(evidence.linear_probe, measured[best])
    return dict(zip(names, (measured[best].value, best, value, low, high), strict=True))


def difference(a: Accuracy, b: Accuracy) -> tuple[float, float, float]:
    """Return a - b with its 95 % interval from the two Wilson intervals.

    Newcombe 1998 (Statistics in Medicine 17), method 10, for independent samples. Probe and
    control are judged on the same examples and mostly err on the same ones, so that the true
    interval is narrower: what this calls different is different.
    """
    gap = a.value - b.value
    down = math.hypot(a.value - a.low, b.high - b.value)
    up = math.hypot(a.high - a.value, b.value - b.low)
    return round(gap, 6), round(gap - down, 6), round(gap + up, 6)


def distance_of(late: float | None, leep: float | None, modality: str) -> str:
    """Return near, middling or far by the borders above; far if either sign says so."""
    near_until, far_from = LATE_SHIFT_BORDERS.get(modality, (-math.inf, math.inf))
    if (leep is not None and leep <= FAR_LEEP) or (late is not None and late >= far_from):
        return "far"
    return "near" if late is not None and late <= near_until else "middling"


def show(name: str, value: Value) -> str:
    """Return the value of a fact as people read it, with its unit."""
    unit = FACTS[name].unit
    if value is None:
        return _("not measured")
    if isinstance(value, str):
        return _(WORDS.get(value, value))
    if unit == "yes_no":
        return _("yes") if value else _("no")
    if unit == "count":
        return wording.count(round(value))
    if unit == "share":
        return wording.percent(value)
    return wording.points(value) if unit == "points" else wording.number(value)
