"""What advice consists of: records only, in the shape of the `advise` contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tl_core.advisor.declared import Value
from tl_core.advisor.vocabulary import Also, Confidence
from tl_core.spec import Accuracy, Evidence

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
class Grounds:
    """What was measured that may speak against the base, and from where on it is alarming.

    What was not measured is None; shares in [0, 1], shifts in nats.
    """

    modality: str
    linear_probe: float
    best_control: float | None
    """What the best of the controls, which do without the base, gets right."""
    best_control_name: str | None
    """`pixels`, `random_init` or `bag_of_words`."""
    probe_minus_best_control: float | None
    probe_minus_best_control_low: float | None
    probe_minus_best_control_high: float | None
    raw_name: str | None
    """`pixels` or `bag_of_words`: the control that needs no network at all."""
    raw: Accuracy | None
    """What it gets right, each example while it was held out."""
    all_depths: Accuracy | None
    """What a last layer that reads every stage of the frozen base gets right, measured likewise."""
    shift_late: float | None
    shift_expected_late: float | None
    source_confidence: float | None
    leep_per_log_c: float | None
    leak_pairs: int | None
    """Held-out examples that training holds too; None where no leak is suspected."""
    least_lead: float
    """A lead over the controls up to here counts as none."""
    familiar_from: float
    """Confidence of the base's own classifier from which on it sees something it knows."""
    far_from: float
    """Late shift of pictures from which on a task is far."""
    far_leep: float
    """LEEP / ln C up to which it is."""


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
    grounds: Grounds | None = None
    """What may speak against the base; with the advice, so that a run keeps it."""
