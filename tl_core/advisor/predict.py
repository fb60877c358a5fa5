"""What accuracy to expect of each strategy: what was measured, else a probe plus a prior."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tl_core.advisor import trial
from tl_core.advisor.advice import Known, Range
from tl_core.advisor.declared import Value
from tl_core.advisor.gains import FLOOR, REST, Corrections, load_gains, room
from tl_core.advisor.rules import Fired, load_expectations
from tl_core.advisor.vocabulary import Gain, all_hold

_Z80_OF_Z95 = 1.2816 / 1.9600  # from the half width of a 95 % interval to that of an 80 % one

UNKNOWN_LEAD = 0.15
"""How far the base is taken to lead over doing without it where no control was measured; as
much is added to the interval. A guess, wide on purpose."""

PROBES = ("linear_probe", "multi_stage_probe")
"""Strategies that the evidence carries out; facts of the same name hold their accuracy."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What an expected accuracy rests on."""

    known: Known
    source: str = ""
    """Key into `sources.toml`; empty where it was measured."""


def expected(
    strategy: str,
    facts: Mapping[str, Value],
    active: Iterable[Fired],
    corrections: Corrections | None = None,
) -> Range:
    """Return the expected accuracy of `strategy`, in [0, 1].

    What was measured is given with its 95 % interval: the linear probe always, the probe on all
    depths where there is one. The others get the gain that the weightiest rule in `active` names,
    else the general expectation, corrected by what recorded runs taught (`gains.toml` where no
    other `corrections` are given) and joined with what a short trial thaw showed, if there was one;
    their interval joins the spread of that gain with the sampling error of the probe, at 80 %.
    """
    probe = _measured("linear_probe", facts)
    if _is_measured(strategy, facts):
        return _measured(strategy, facts)
    gain, _source, lead = _gain(strategy, facts, active)
    start, spread = probe.value, gain.spread
    if gain.start != "linear_probe":
        found = facts.get(gain.start)
        start = max(0.0, start - UNKNOWN_LEAD) if found is None else float(found)
        spread += UNKNOWN_LEAD if found is None else 0.0
    value = start + gain.points + min(gain.of_error * (1 - start), gain.at_most)
    known = (load_gains() if corrections is None else corrections).get((lead, strategy))
    if known is not None:
        free = room(gain.start, probe.value)
        value, spread = value + known.shift * free, known.spread * (free + FLOOR)
    told = trial.blended(strategy, trial.Gain(value - probe.value, spread), facts)
    spread = told.spread
    # Always naming the largest class needs no training.
    value = max(probe.value + told.points, float(facts.get("largest_share") or 0.0))
    down = math.hypot(spread, _Z80_OF_Z95 * (probe.value - probe.low))
    up = math.hypot(spread, _Z80_OF_Z95 * (probe.high - probe.value))
    low = value - down
    if strategy == "gradual_unfreezing":
        low = max(low, min(value, probe.low))  # a rung that does not pay is rolled back
    return Range(_clipped(value), _clipped(low), _clipped(value + up))


def basis(strategy: str, facts: Mapping[str, Value], active: Iterable[Fired]) -> Basis:
    """Return what the expected accuracy of `strategy` rests on, and how well it is known.

    Where a rule names the gain it is the rule's source, but no better known than in general: a
    rule may be sure of the direction and still guess the size. After a short trial thaw it is that.
    """
    if _is_measured(strategy, facts):
        return Basis("measured")
    _gain_found, source, _lead = _gain(strategy, facts, active)
    source = trial.SOURCE if trial.speaks_for(strategy, facts) else source
    general = next(e for e in load_expectations() if strategy in e.gain and all_hold(e.all, facts))
    return Basis(general.confidence, source)


def _gain(
    strategy: str, facts: Mapping[str, Value], active: Iterable[Fired]
) -> tuple[Gain, str, str]:
    """Return the gain to expect, the key of its source, and the rule that names it."""
    for fired in active:
        if strategy in fired.branch.gain:
            gain = fired.branch.gain[strategy]
            return gain, gain.source or fired.rule.source, fired.rule.id
    found = next(e for e in load_expectations() if strategy in e.gain and all_hold(e.all, facts))
    gain = found.gain[strategy]
    return gain, gain.source or found.source, REST


def lead_of(
    strategy: str, facts: Mapping[str, Value], active: Iterable[Fired]
) -> tuple[str, float]:
    """Return the id of the rule whose gain counts for `strategy` or REST, and the room it has."""
    gain, _source, lead = _gain(strategy, facts, active)
    return lead, room(gain.start, _share(facts, "linear_probe"))


def _is_measured(strategy: str, facts: Mapping[str, Value]) -> bool:
    return strategy in PROBES and facts.get(strategy) is not None


def _measured(probe: str, facts: Mapping[str, Value]) -> Range:
    return Range(*(_share(facts, f"{probe}{end}") for end in ("", "_low", "_high")))


def _share(facts: Mapping[str, Value], name: str) -> float:
    value = facts[name]
    assert isinstance(value, (int, float))  # the linear probe is always measured
    return float(value)


def _clipped(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
