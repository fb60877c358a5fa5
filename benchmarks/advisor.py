"""How good the advice is: what is lost by following it, on every recorded sample.

    THAW_DATA=… python benchmarks/advisor.py [--measure] [--fit]

`record.py` records the runs. With `--measure` the evidence of samples that have none yet is
measured first (up to a minute each, resumable); the rest takes seconds. Writes `advice/report.md`,
its plot and `advice/results.json`; with `--fit` also the corrections that the advisor uses.

- Regret: how far the chosen strategy stays below the best one, in points. The best is picked on one
  half of the judged examples and both are scored on the other, then the halves change places, so
  that luck in picking does not count (a regret can so be negative).
- Whatever is fitted is fitted without the data set that is judged: the best single strategy, and
  the corrections of the gains that the rules promise.
- Cost is processor time of the training, beside that of full fine-tuning on the same samples; the
  one pass that gives the features of a frozen base is not counted for any.
- An interval over data sets comes from drawing whole data sets anew.
- Ablation: the same advice with one piece of evidence taken away.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any

import advisor_cells
import advisor_fit
import advisor_pace
import advisor_second
import cells
import numpy as np
import numpy.typing as npt
from advisor_cells import NEEDED, Sample
from advisor_fit import Outcome
from advisor_pace import FULL
from advisor_report import write
from measuring import machine_record

from tl_core import advisor
from tl_core.advisor import predict
from tl_core.advisor.advice import Range
from tl_core.advisor.choose import choose
from tl_core.advisor.gains import Corrections
from tl_core.advisor.vocabulary import LADDER
from tl_core.evidence import distance_word
from tl_core.spec import STRATEGIES, Controls, Evidence

FITTED = ("gradual_unfreezing", "lora", "full_fine_tune", "from_scratch")
SEEN = ("ants_bees", "cifar10", "sign_digits", "magnetic_tile", "digits", "cifar10_turned")
"""Sets that were looked at when the rules' borders were set, the last for that of R3; the others
were not."""
AGAIN = ("advisor", "always gradual_unfreezing", "always full_fine_tune")
"""Policies that are also judged with the second look of `advisor_second`."""
DRAWS = 2000
MARGIN, LIKELY, Z80 = 0.01, 0.7, 1.2816

Floats = npt.NDArray[np.float64]
Policy = Callable[[Sample, Sequence[Sample]], str]
"""Takes the sample to judge and all samples of other data sets; names a strategy."""


def main() -> None:
    """Measure what is missing, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="evidence that is missing")
    parser.add_argument("--fit", action="store_true", help="write the advisor's corrections")
    asked = parser.parse_args()
    if asked.measure:
        advisor_cells.measure(advisor_cells.due(cells.GRID))
    samples = advisor_cells.load()
    if asked.fit:
        advisor_fit.write(advisor_fit.fit(o for s in samples for o in outcomes(s)))
    pictures = [s for s in samples if s.facts.modality == "picture"]
    write({"command": "python benchmarks/advisor.py", **machine_record(), **judged(pictures)})


def judged(samples: Sequence[Sample]) -> dict[str, Any]:
    """Return every figure of the report."""
    names = {name: regrets(samples, policy) for name, policy in policies().items()}
    return {
        "samples": [described(s) for s in samples],
        "policies": {name: told(samples, lost, picked) for name, (lost, picked) in names.items()}
        | {f"{name}, then all depths": again(samples, *names[name]) for name in AGAIN},
        "ablation": {
            name: told(samples, *regrets(samples, advised(without=take)))
            for name, take in ABLATIONS.items()
        },
        "pace": advisor_pace.figures(samples, names["advisor"][1], regret),
        "coverage": coverage(samples),
        "rules": rule_precision(samples),
    }


# ------------------------------------------------------------------------------------- policies


def policies() -> dict[str, Policy]:
    """Return what is compared, by name."""
    return {
        **{f"always {name}": always(name) for name in NEEDED},
        "best single strategy of the other sets": best_single,
        "rule of thumb": lambda sample, others: _choice(sample, {}).thumb.strategy,
        "advisor": advised(),
        "climbing by expected gain": climbed,
        "advisor, for speed": advised(priority="speed"),
    }


def always(name: str) -> Policy:
    """Return the policy that takes one strategy whatever is known."""
    return lambda sample, others: name


def best_single(sample: Sample, others: Sequence[Sample]) -> str:
    """Take the strategy with the least regret on the other data sets, each counting once."""
    return min(NEEDED, key=lambda name: by_set(others, [regret(s, name) for s in others]).mean())


def advised(
    priority: str = "accuracy", without: Callable[[Evidence], Evidence] = lambda e: e
) -> Policy:
    """Return the advisor's choice, corrected by the other data sets."""

    def policy(sample: Sample, others: Sequence[Sample]) -> str:
        corrections = advisor_fit.fit(o for s in others for o in outcomes(s))
        less = dataclasses.replace(sample, evidence=without(sample.evidence))
        return _choice(less, corrections, priority).strategy

    return policy


def climbed(sample: Sample, others: Sequence[Sample]) -> str:
    """Climb from the lowest rung that the rules leave, while a gain beyond the margin is likely."""
    corrections = advisor_fit.fit(o for s in others for o in outcomes(s))
    facts = advisor.facts_from(sample.facts, sample.evidence)
    choice = choose(facts, corrections)
    low, high = (LADDER.index(rung) for rung in choice.bounds)

    def told(rung: str) -> Range:
        return predict.expected(rung, facts, choice.active, corrections)

    stands = LADDER[low]
    for rung in LADDER[low + 1 : high + 1]:
        gain = told(rung).value - told(stands).value
        half = (told(rung).high - told(rung).low) / 2 or 1e-6
        if NormalDist(gain, half / Z80).cdf(MARGIN) <= 1 - LIKELY:
            stands = rung
    return stands


def _choice(sample: Sample, corrections: Corrections, priority: str = "accuracy") -> Any:
    facts = advisor.facts_from(sample.facts, sample.evidence, priority=priority)
    return choose(facts, corrections)


def outcomes(sample: Sample) -> Iterator[Outcome]:
    """Yield what each strategy reached beside what the rules alone promise."""
    facts = advisor.facts_from(sample.facts, sample.evidence)
    choice = choose(facts, {})
    for strategy in FITTED:
        if strategy in sample.runs:
            lead, room = predict.lead_of(strategy, facts, choice.active)
            yield Outcome(
                data=sample.data,
                lead=lead,
                strategy=strategy,
                room=room,
                promised=predict.expected(strategy, facts, choice.active, {}).value,
                reached=sample.accuracy(strategy),
            )


# -------------------------------------------------------------------------------------- judging


def regret(sample: Sample, chosen: str) -> float:
    """Return how far `chosen` stays below the best, in points; see above."""
    first, second = sample.halves()
    lost = []
    for pick, score in ((first, second), (second, first)):
        best = max(NEEDED, key=lambda name: sample.accuracy(name, pick))
        lost.append(sample.accuracy(best, score) - sample.accuracy(chosen, score))
    return 100 * float(np.mean(lost))


def regrets(samples: Sequence[Sample], policy: Policy) -> tuple[Floats, list[str]]:
    """Return each sample's regret under a policy that sees the other data sets only."""
    picked = [policy(s, [o for o in samples if o.data != s.data]) for s in samples]
    return np.array([regret(s, p) for s, p in zip(samples, picked, strict=True)]), picked


def by_set(samples: Sequence[Sample], values: Sequence[float]) -> Floats:
    """Return the mean of each data set."""
    grouped: dict[str, list[float]] = defaultdict(list)
    for sample, value in zip(samples, values, strict=True):
        grouped[sample.data].append(value)
    return np.array([np.mean(found) for found in grouped.values()])


def again(samples: Sequence[Sample], lost: Floats, picked: Sequence[str]) -> dict[str, Any]:
    """Return the figures of a policy that reads all depths too where that may do as well."""
    looks = advisor_second.seconds(samples, picked)
    rows = list(zip(samples, lost, picked, looks, strict=True))
    fewer = np.array([advisor_second.regret(s, p) if look else v for s, v, p, look in rows])
    more = sum(s.minutes(advisor_second.SECOND) for s, *_rest, look in rows if look)
    return {**told(samples, fewer, picked, more=more), "second looks": sum(looks)}


def told(
    samples: Sequence[Sample], lost: Floats, picked: Sequence[str], more: float = 0.0
) -> dict[str, Any]:
    """Return the figures of a policy; `more` are minutes beyond those of what is picked."""
    means = by_set(samples, lost)
    drawn = np.random.default_rng(0).choice(means, (DRAWS, len(means))).mean(1)
    minutes = more + sum(s.minutes(p) for s, p in zip(samples, picked, strict=True))
    unseen = [v for s, v in zip(samples, lost, strict=True) if s.data not in SEEN]
    return {
        "regret": round(float(lost.mean()), 2),
        "over data sets": round(float(means.mean()), 2),
        "95 % interval": np.quantile(drawn, (0.025, 0.975)).round(2).tolist(),
        "90th percentile": round(float(np.quantile(lost, 0.9)), 2),
        "on unseen sets": round(float(np.mean(unseen)), 2) if unseen else None,
        "cost against full": round(minutes / sum(s.minutes(FULL) for s in samples), 3),
        "picked": {name: picked.count(name) for name in NEEDED if name in picked},
        "each": {
            f"{s.name} s{s.seed}": [p, round(float(v), 2)]
            for s, p, v in zip(samples, picked, lost, strict=True)
        },
    }


def coverage(samples: Sequence[Sample]) -> dict[str, Any]:
    """Return how many of the promised intervals held, fitted without the set that is judged."""
    held: dict[str, list[bool]] = defaultdict(list)
    errors: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        others = [o for s in samples if s.data != sample.data for o in outcomes(s)]
        advice = advisor.advise(sample.facts, sample.evidence, corrections=advisor_fit.fit(others))
        for candidate in advice.candidates:
            if candidate.strategy in sample.runs:
                reached = sample.accuracy(candidate.strategy)
                promised = candidate.accuracy
                held[candidate.strategy].append(promised.low <= reached <= promised.high)
                errors[candidate.strategy].append(100 * (reached - promised.value))
    held["thawing and adapters"] = [h for name in FITTED[:3] for h in held[name]]
    return {
        name: {
            "held": round(float(np.mean(found)), 3),
            "of": len(found),
            **(_errors(errors[name]) if name in errors else {}),
        }
        for name, found in held.items()
    }


def _errors(found: Sequence[float]) -> dict[str, float]:
    return {
        "mean error": round(float(np.mean(found)), 2),
        "mean absolute error": round(float(np.mean(np.abs(found))), 2),
    }


def rule_precision(samples: Sequence[Sample]) -> dict[str, Any]:
    """Return how often what a rule asks for was right, where it had its way.

    A rule that wants thawing is right where thawing stage by stage beats both probes on the judged
    examples; one that wants a frozen base where nothing that thaws beats the better probe by more
    than a point.
    """
    right: dict[str, list[bool]] = defaultdict(list)
    for sample in samples:
        probes = max(sample.accuracy(name) for name in NEEDED[:2])
        thawed = max(sample.accuracy(name) for name in NEEDED[2:])
        for fired in _choice(sample, {}).deciding:
            if fired.branch.at_least in NEEDED[2:]:
                right[fired.rule.id].append(sample.accuracy(NEEDED[2]) > probes)
            elif fired.branch.at_most in NEEDED[:2]:
                right[fired.rule.id].append(thawed <= probes + 0.01)
    return {name: {"right": sum(found), "of": len(found)} for name, found in right.items()}


def described(sample: Sample) -> dict[str, Any]:
    """Return what a reader wants to know of a sample."""
    evidence = sample.evidence
    return {
        "sample": sample.name,
        "seed": sample.seed,
        "n": sample.facts.splits["train"],
        "late shift": evidence.shift.late if evidence.shift else None,
        "probe": evidence.linear_probe.value,
        "accuracy": {
            name: round(sample.accuracy(name), 3) for name in STRATEGIES if name in sample.runs
        },
        "minutes": {name: round(sample.minutes(name), 2) for name in sample.runs},
    }


# ------------------------------------------------------------------------------------- ablation


def _without_shift(e: Evidence) -> Evidence:
    word = distance_word(None, e.leep_per_log_c, "picture")
    return dataclasses.replace(e, shift=None, shift_expected=None, distance=word)


def _without_source(e: Evidence) -> Evidence:
    word = distance_word(e.shift.late if e.shift else None, None, "picture")
    return dataclasses.replace(
        e,
        source_confidence=None,
        source_entropy=None,
        source_spread=None,
        leep_per_log_c=None,
        zero_training=None,
        distance=word,
    )


ABLATIONS: Mapping[str, Callable[[Evidence], Evidence]] = {
    "nothing": lambda e: e,
    "shift from normalisation statistics": _without_shift,
    "the base's own classifier (confidence, LEEP, zero training)": _without_source,
    "controls": lambda e: dataclasses.replace(e, controls=Controls()),
    "probe on all depths": lambda e: dataclasses.replace(e, multi_stage_probe=None),
    "probes by stage": lambda e: dataclasses.replace(e, stage_probes=None),
    "the probe's gap": lambda e: dataclasses.replace(e, probe_gap=None),
    "volume forecast": lambda e: dataclasses.replace(e, volume=None),
    "nearest neighbours": lambda e: dataclasses.replace(e, knn=None),
}


if __name__ == "__main__":
    main()
