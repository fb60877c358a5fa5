"""The facts that rules may ask about: a declared table, and how a value is shown.

A fact is one number, word or yes/no. Comparisons of two measurements are facts of their own, so
that a rule only ever compares a fact with a value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tl_core import wording
from tl_core.i18n import N_, _

Value = float | int | str | bool | None
Facts = dict[str, Value]
Unit = Literal["count", "share", "points", "nats", "ratio", "word", "yes_no"]

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
    "headroom_all_depths": Fact(
        float, "points", N_("what the frozen base read at all depths leaves to gain"), 0, 1, 0.05
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
    "largest_share": Fact(float, "share", N_("the share of the largest class"), 0, 1, 0.1),
    "probe_minus_largest": Fact(
        float,
        "points",
        N_("the lead of the frozen base over always naming the largest class"),
        -1,
        1,
        0.05,
    ),
    "probe_gap": Fact(
        float, "points", N_("what the frozen base gets more of what it learned from"), -1, 1, 0.05
    ),
    "source_spread": Fact(
        float, "share", N_("the spread of the base's answers over all that it knows"), 0, 1, 0.1
    ),
    "late_to_early": Fact(
        float, "ratio", N_("the late shift as a multiple of the early one"), 0, 1e4, 0.2
    ),
    "doubling_gain": Fact(
        float, "points", N_("what twice as many examples are expected to bring"), -1, 1, 0.02
    ),
    "better_base": Fact(str, "word", N_("a base that does better on your data as it is")),
    "better_base_probe": Fact(
        float, "share", N_("the accuracy of that other base, frozen"), 0, 1, 0.05
    ),
    "better_base_p": Fact(
        float, "ratio", N_("the chance of such a lead where there is none"), 0, 1, 0.05
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
