"""How the facts that rules ask about come from what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tl_core.advisor import trial
from tl_core.advisor.bases import paired_p
from tl_core.advisor.declared import Facts
from tl_core.advisor.thaw import best_stage, first_cut, thaw_cuts
from tl_core.paired import ALPHA, holm
from tl_core.spec import Accuracy, DatasetFacts, Evidence

LATE_SHIFT_BORDERS = {"picture": (0.10, 0.20), "text": (0.02, 0.07)}
FAR_LEEP = -0.8
"""Borders of near, middling and far, the shift in nats; the evidence uses the same (a test
compares them)."""


def facts_from(
    dataset: DatasetFacts,
    evidence: Evidence,
    *,
    priority: str = "accuracy",
    others: Sequence[Evidence] = (),
) -> Facts:
    """Return every fact of `FACTS`; one that was not measured is None.

    `n` is the number of training examples: the size of the training split where it is known,
    else the number of examples measured. `others` is what was measured under other bases.
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
        **_signs(dataset, evidence),
        **_other_bases(evidence, others),
        **trial.facts(evidence.pilot),
        "leak_suspected": dataset.leak.suspected,
        "leak_pairs": dataset.leak.pairs,
    }


def _all_depths(evidence: Evidence) -> Facts:
    """Compare a head that reads every stage with one that reads the last."""
    found = evidence.multi_stage_probe
    names = ("multi_stage_probe", "multi_stage_probe_low", "multi_stage_probe_high",
             "headroom_all_depths", "multi_stage_gain", "multi_stage_gain_low",
             "multi_stage_gain_high")  # fmt: skip
    if found is None:
        return dict.fromkeys(names)
    gain = difference(found, evidence.linear_probe)
    left = round(1 - found.high, 6)
    return dict(zip(names, (found.value, found.low, found.high, left, *gain), strict=True))


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


def _signs(dataset: DatasetFacts, evidence: Evidence) -> Facts:
    """Return single signs: of the classes' sizes, of what is lacking, of where the shift lies."""
    shift, total = evidence.shift, sum(dataset.counts.values())
    largest = max(dataset.counts.values()) / total if total else 1 / evidence.classes
    forecasts = evidence.volume.forecasts if evidence.volume else ()
    doubling = next((f.gain for f in forecasts if f.times == 2), None)
    return {
        "largest_share": round(largest, 6),
        "probe_minus_largest": round(evidence.linear_probe.value - largest, 6),
        "probe_gap": evidence.probe_gap,
        "source_spread": evidence.source_spread,
        "late_to_early": round(shift.late / shift.early, 6) if shift and shift.early else None,
        "doubling_gain": doubling,
    }


def _other_bases(evidence: Evidence, others: Sequence[Evidence]) -> Facts:
    """Return the best base that a paired test finds better than this one, corrected (Holm)."""
    pairs = [
        (other, p)
        for other in others
        if other.linear_probe.value > evidence.linear_probe.value
        and (p := paired_p(evidence.probe_hits, other.probe_hits)) is not None
    ]
    corrected = dict(zip((other.base for other, _p in pairs), holm([p for _other, p in pairs]),
                         strict=True))  # fmt: skip
    better = [other for other, _p in pairs if corrected[other.base] < ALPHA]
    if not better:
        return dict.fromkeys(("better_base", "better_base_probe", "better_base_p"))
    best = max(better, key=lambda other: other.linear_probe.value)
    return {
        "better_base": best.base,
        "better_base_probe": best.linear_probe.value,
        "better_base_p": round(corrected[best.base], 6),
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
