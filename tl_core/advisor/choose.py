"""Let the rules choose: the rule of thumb first, then what the rules that fire make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tl_core.advisor.declared import Value
from tl_core.advisor.gains import Corrections
from tl_core.advisor.predict import expected
from tl_core.advisor.rules import Fired, fire, load_rules, load_thumbs
from tl_core.advisor.vocabulary import LADDER, Also, Branch, Thumb, all_hold

SPEED_MARGIN = 0.02
"""For a person in a hurry, this much expected accuracy is not worth another rung."""

WORTH_LABELLING = 0.02
"""Twice as many examples must be expected to bring at least this much: the forecast's mean absolute
error is about as large (benchmarks/volume.json)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The strategy chosen, and how the rules came to it."""

    strategy: str
    thumb: Thumb
    fired: tuple[Fired, ...]
    """Every rule that holds, the weightiest first."""
    outweighed: frozenset[str]
    """Ids of rules that hold but were silenced, or whose wish a weightier rule denied."""
    stands: Mapping[str, str]
    """Per fired rule the strategy that stood once it had spoken."""
    also: Also | None
    blocked: bool
    bounds: tuple[str, str]
    """The lowest and the highest rung that the rules leave."""
    hurried: bool = False
    """True if speed made it step down from where the rules stood."""
    thawing_gain: float | None = None
    """What the best of the rungs that thaw or adapt is expected to add to the frozen base, where
    more examples are expected to bring as much or more (R9); else None."""

    @property
    def active(self) -> tuple[Fired, ...]:
        """The fired rules that were not outweighed."""
        return tuple(f for f in self.fired if f.rule.id not in self.outweighed)

    @property
    def deciding(self) -> tuple[Fired, ...]:
        """The active rules that bind the choice from above or below."""
        return tuple(f for f in self.active if f.branch.at_least or f.branch.at_most)


def choose(facts: Mapping[str, Value], corrections: Corrections | None = None) -> Choice:
    """Return the choice that follows from `facts`; always one rung of the ladder."""
    return decide(facts, fire(load_rules(), facts), corrections)


def decide(
    facts: Mapping[str, Value], fired: tuple[Fired, ...], corrections: Corrections | None = None
) -> Choice:
    """Return the choice that the rule of thumb and these rules, the weightiest first, make."""
    thumb = next(thumb for thumb in load_thumbs() if all_hold(thumb.all, facts))
    silenced = {rule for f in fired for rule in f.branch.silences}
    prior = LADDER.index(thumb.strategy)
    first, last = 0, len(LADDER) - 1
    denied: set[str] = set()
    stands: dict[str, str] = {}
    for f in fired:
        if f.rule.id not in silenced:
            wanted = _bounds(f.branch)
            if wanted[0] > last or wanted[1] < first:
                denied.add(f.rule.id)
            first, last = (
                min(max(first, wanted[0]), last),
                max(min(last, wanted[1]), first),
            )
        stands[f.rule.id] = LADDER[min(max(prior, first), last)]
    strategy = LADDER[min(max(prior, first), last)]
    choice = Choice(
        strategy=strategy,
        thumb=thumb,
        fired=fired,
        outweighed=frozenset(denied | (silenced & {f.rule.id for f in fired})),
        stands=stands,
        also=None,
        blocked=any(f.branch.blocks_verdict for f in fired),
        bounds=(LADDER[first], LADDER[last]),
    )
    also = next((f.branch.also for f in choice.active if f.branch.also), None)
    thawing = _outdone(choice, facts, corrections)
    if also is None and thawing is not None and not choice.blocked:
        also = "label_more"
    quick = _hurried(choice, facts, corrections)
    return replace(
        choice, strategy=quick, also=also, hurried=quick != strategy, thawing_gain=thawing
    )


def _outdone(
    choice: Choice, facts: Mapping[str, Value], corrections: Corrections | None
) -> float | None:
    """Return what thawing is expected to gain, if twice as many examples promise as much."""
    doubling = facts.get("doubling_gain")
    if not isinstance(doubling, float) or doubling < WORTH_LABELLING:
        return None
    thawed = LADDER[LADDER.index("multi_stage_probe") + 1 :]
    best = max(expected(rung, facts, choice.active, corrections).value for rung in thawed)
    gain = max(0.0, best - expected("linear_probe", facts, choice.active, corrections).value)
    return gain if doubling >= gain else None


def _bounds(branch: Branch) -> tuple[int, int]:
    """Return the rungs between which a branch wants the choice to lie."""
    return (
        LADDER.index(branch.at_least) if branch.at_least else 0,
        LADDER.index(branch.at_most) if branch.at_most else len(LADDER) - 1,
    )


def _hurried(choice: Choice, facts: Mapping[str, Value], corrections: Corrections | None) -> str:
    """Step down to the lowest rung that is expected to be about as good, where speed counts."""
    if facts.get("priority") != "speed":
        return choice.strategy

    def promised(strategy: str) -> float:
        return expected(strategy, facts, choice.active, corrections).value

    enough = promised(choice.strategy) - SPEED_MARGIN
    rungs = LADDER[: LADDER.index(choice.strategy) + 1]
    return next(s for s in rungs if promised(s) >= enough)
