"""What if there were more examples, or the task lay nearer? The same advice on changed facts."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import cast

from tl_core import wording
from tl_core.advisor.advice import Advice, Candidate, Range
from tl_core.advisor.branches import agreeing_leep
from tl_core.advisor.declared import show
from tl_core.advisor.facts import distance_of
from tl_core.advisor.plan import advise
from tl_core.advisor.rules import load_rules, load_thumbs
from tl_core.advisor.vocabulary import Condition
from tl_core.advisor.volume import Supposed, probe_at
from tl_core.i18n import _
from tl_core.spec import STRATEGIES, Accuracy, DatasetFacts, Distance, Evidence

_OF_DISTANCE = ("distance", "shift_late")


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Advice under changed facts, and what it is worth."""

    now: Advice
    supposed: Advice
    """What its candidates call measured is what was supposed in its place; their intervals are
    wider by what a forecast leaves open."""
    text: str
    """How the advice moves, as one sentence."""
    assumed: tuple[str, ...]
    """What was taken to move along, and what to stay."""


def training_examples(dataset: DatasetFacts, evidence: Evidence) -> int:
    """Return how many examples there are to train on."""
    return dataset.splits.get("train") or evidence.n


def is_distance_read(dataset: DatasetFacts, evidence: Evidence) -> bool:
    """Tell whether the shift was measured, and any rule for such data asks how far they lie."""
    if evidence.shift is None:
        return False
    ways = [case.all for rule in load_rules() for case in rule.case]
    for thumb in load_thumbs():
        ways.append(thumb.all)
        if all(c.fact == "modality" for c in thumb.all) and _fits(thumb.all, dataset):
            break  # it holds whatever the distance is
    return any(c.fact in _OF_DISTANCE for way in ways if _fits(way, dataset) for c in way)


def _fits(conditions: tuple[Condition, ...], dataset: DatasetFacts) -> bool:
    known = {"modality": dataset.modality}
    return all(c.holds(known) for c in conditions if c.fact == "modality")


def what_if(
    dataset: DatasetFacts,
    evidence: Evidence,
    *,
    n: int | None = None,
    late: float | None = None,
    priority: str = "accuracy",
) -> WhatIf:
    """Return the advice as it would be with `n` training examples at a late shift of `late`.

    Args:
        dataset: facts of the dataset as it is.
        evidence: what was measured on it.
        n: training examples to suppose, at least 1; None: as many as there are.
        late: late shift to suppose, in nats; None: as measured. Without a measured shift it is
            ignored.
        priority: as in `advise`.
    """
    known = training_examples(dataset, evidence)
    now = advise(dataset, evidence, priority=priority)
    n = None if n == known else n
    late = None if evidence.shift is None or late == evidence.shift.late else late
    assumed: list[str] = []
    changed, probe = evidence, Supposed(evidence.linear_probe, "")
    if n is not None:
        probe = probe_at(evidence, known, n)
        changed, told = _with_probe(evidence, probe)
        dataset = _resized(dataset, n / known, n)
        assumed += told
    if late is not None:
        changed, told = _with_shift(changed, late, dataset.modality)
        assumed += told
    supposed = _widened(advise(dataset, changed, priority=priority), probe)
    words = _supposition(n, late, dataset.modality)
    return WhatIf(now, supposed, _sentence(words, now, supposed), tuple(assumed))


def _resized(dataset: DatasetFacts, times: float, n: int) -> DatasetFacts:
    """Return the facts of a dataset with every class and part so many times as large."""

    def grown(count: int) -> int:
        return max(1, round(times * count))

    return replace(
        dataset,
        n=grown(dataset.n),
        per_class_min=grown(dataset.per_class_min),
        counts={name: grown(count) for name, count in dataset.counts.items()},
        splits={name: grown(count) for name, count in dataset.splits.items()} | {"train": n},
    )


def _widened(advice: Advice, probe: Supposed) -> Advice:
    """Join what the forecast of the probe leaves open to the interval of each candidate."""
    if not (probe.down or probe.up):
        return advice

    def widened(candidate: Candidate) -> Candidate:
        found = candidate.accuracy
        low = found.value - math.hypot(found.value - found.low, probe.down)
        high = found.value + math.hypot(found.high - found.value, probe.up)
        return replace(candidate, accuracy=Range(found.value, max(low, 0.0), min(high, 1.0)))

    return replace(advice, candidates=tuple(map(widened, advice.candidates)))


def _with_probe(evidence: Evidence, found: Supposed) -> tuple[Evidence, list[str]]:
    """Put the supposed probe in place; what is compared with it keeps its lead."""
    moved = found.accuracy.value - evidence.linear_probe.value
    told = [found.text]
    if moved:
        told.append(
            _("What reading all depths adds, and how far doing without the base lies behind, are "
              "taken to stay as measured; classes and parts grow alike.")
        )  # fmt: skip
    controls = evidence.controls
    changed = replace(
        evidence,
        linear_probe=found.accuracy,
        multi_stage_probe=_moved(evidence.multi_stage_probe, moved),
        controls=replace(
            controls,
            pixels=_moved(controls.pixels, moved),
            random_init=_moved(controls.random_init, moved),
            bag_of_words=_moved(controls.bag_of_words, moved),
        ),
    )
    return changed, told


def _moved(found: Accuracy | None, by: float) -> Accuracy | None:
    if found is None or not by:
        return found
    value, low, high = (min(max(x + by, 0.0), 1.0) for x in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high)


def _with_shift(evidence: Evidence, late: float, modality: str) -> tuple[Evidence, list[str]]:
    """Let the distance follow the shift; everything else stays as it was measured."""
    assert evidence.shift is not None
    distance = cast(Distance, distance_of(late, None, modality))
    leep = agreeing_leep(evidence.leep_per_log_c, distance)
    told = [_("Of the distance only the shift is moved; every accuracy of the frozen base stays "
              "as it is.")]  # fmt: skip
    if leep != evidence.leep_per_log_c:
        told.append(
            _("What the base calls your data (LEEP) says far by itself; it is left out here.")
        )
    changed = replace(
        evidence,
        distance=distance,
        shift=replace(evidence.shift, late=late),
        leep_per_log_c=leep,
    )
    return changed, told


def _supposition(n: int | None, late: float | None, modality: str) -> str:
    """Return what is supposed, of number and shift only what was moved; empty if neither was."""
    words = {
        "n": show("n", n),
        "distance": show("distance", distance_of(late, None, modality)),
        "late": show("shift_late", late),
    }
    if n is not None and late is not None:
        text = _("With {n} training examples and a task that is {distance} (late shift {late})")
    elif n is not None:
        text = _("With {n} training examples")
    elif late is not None:
        text = _("With a task that is {distance} (late shift {late})")
    else:
        return ""
    return text.format(**words)


def _sentence(supposed: str, now: Advice, then: Advice) -> str:
    """Return how recommendation, accuracy and minutes move."""
    if not supposed:
        return _("As your data are: {answer}").format(answer=now.answer)
    old, new = now.candidates[0], then.candidates[0]
    words = {"supposed": supposed, "new": _(STRATEGIES[new.strategy]),
             "old": _(STRATEGIES[old.strategy]), "expected": _expected(new),
             "before": _expected(old)}  # fmt: skip
    is_same = new.strategy == old.strategy
    if then.recommendation.blocked:
        text = (
            _("{supposed} the advice stays “{new}”; no accuracy can be promised either way.")
            if is_same
            else _("{supposed} the advice moves from “{old}” to “{new}”; no accuracy can be "
                   "promised either way.")
        )  # fmt: skip
    elif is_same and words["expected"] == words["before"]:
        text = _("{supposed} nothing moves: “{new}”, {expected}.")
    elif is_same:
        text = _("{supposed} the advice stays “{new}”: {expected}, instead of {before}.")
    else:
        text = _("{supposed} the advice moves from “{old}” to “{new}”: {expected}, instead of "
                 "{before}.")  # fmt: skip
    return text.format(**words)


def _expected(candidate: Candidate) -> str:
    return _("{accuracy} in {time}").format(
        accuracy=wording.percent_interval(candidate.accuracy),
        time=wording.duration(60 * candidate.minutes),
    )
