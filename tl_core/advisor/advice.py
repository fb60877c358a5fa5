"""What advice consists of: records only, in the shape of the `advise` contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tl_core.advisor.declared import Value
from tl_core.advisor.vocabulary import Also, Confidence
from tl_core.spec import Evidence

Level = Literal["high", "medium", "low"]
Known = Confidence | Literal["measured"]
"""How well an expected accuracy is known: measured here, or a prior and how good a one."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a rule that holds, the measured value it holds on, and both in plain words."""

    rule: str
    fact: str
    value: Value
    text: str
    source: str
    """Key into `sources.toml`."""
    citation: str
    """The source in one line; empty where there is none to cite."""
    outweighed: bool = False
    """True if a weightier rule overruled it."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do, why, and what would change it."""

    strategy: str
    base: str
    also: Also | None
    """What is worth doing beside it."""
    reasons: tuple[Reason, ...]
    """Weightiest first; overruled ones last."""
    what_would_change: tuple[str, ...]
    """Nearest first."""
    confidence: Level
    blocked: bool
    """True if the data do not allow any promise of accuracy."""
    thaw_from: str
    """The stage at which a thaw would begin, and all later ones with it."""


@dataclass(frozen=True, slots=True)
class Range:
    """An expected accuracy with its 80 % interval (95 % where it was measured); in [0, 1]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one strategy is expected to give and to cost."""

    strategy: str
    accuracy: Range
    minutes: float
    trainable_parameters: int
    trainable_share: float
    """Of all parameters, head included; in (0, 1]."""
    known: Known = "folk"
    """How well the accuracy is known."""
    source: str = ""
    """What a prior rests on: key into `sources.toml`; empty where it was measured."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What the rule of thumb says, before anything but number and distance is looked at."""

    strategy: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Exit:
    """A branch that was not taken, and what would be chosen at its end."""

    answer: str
    strategy: str
    blocked: bool
    """True if no accuracy could be promised there."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question on the way to the choice, for drawing the decision tree."""

    id: str
    """`n`, `distance`, `prior`, the id of a rule, `speed`, or `choice`."""
    question: str
    answer: str
    """What was measured, in words."""
    taken: str
    """The branch taken, in a word or two: yes, no, unknown, near, fewer than 3,000, …"""
    strategy: str | None
    """The strategy that stands after this step; None before there is one."""
    exits: tuple[Exit, ...] = ()
    """The other answers to the question, with all other questions answered as they were."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Everything the plan page shows; `spec.to_dict` gives the JSON of `advise`."""

    evidence: Evidence
    recommendation: Recommendation
    candidates: tuple[Candidate, ...]
    """The recommended one first, the others by expected accuracy."""
    prior: Prior
    decision_path: tuple[Step, ...]
    answer: str
    """The recommendation as one sentence, with what to expect."""
    comparison: str
    """How the runner-up compares, as one sentence."""
