"""The closed vocabulary of the rules: records that `rules.toml` is read into, and operators."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tl_core.advisor.declared import Value
from tl_core.i18n import N_

Confidence = Literal["strong", "mixed", "folk"]
Also = Literal["another_base", "label_more", "from_scratch"]

CONFIDENCES: tuple[Confidence, ...] = ("strong", "mixed", "folk")
BESIDE: dict[Also, str] = {
    "another_base": N_("Worth doing beside it: try another base model."),
    "label_more": N_("Worth doing beside it: label more examples."),
    "from_scratch": N_(
        "Worth doing beside it: train once from scratch, to see whether the base helps at all."
    ),
}
"""What advice may name as worth doing besides, and how it is said."""
ALSO: tuple[Also, ...] = tuple(BESIDE)
LADDER = (
    "linear_probe",
    "multi_stage_probe",
    "gradual_unfreezing",
    "lora",
    "full_fine_tune",
)
"""Strategies that advice can choose, by how far into the network their change reaches: nowhere;
nowhere, but all of it is read; the late stages; every stage by a little; every stage.
`from_scratch` is a control: it is measured beside a choice and never the choice itself."""

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
EQUALITY = ("==", "!=")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a fact with a value."""

    fact: str
    op: str
    value: float | int | str | bool

    def holds(self, facts: Mapping[str, Value]) -> bool:
        """Tell whether it is so; what was not measured is not so."""
        found = facts.get(self.fact)
        return found is not None and OPERATORS[self.op](found, self.value)


@dataclass(frozen=True, slots=True)
class Case:
    """One way for a rule to fire, with the fact it quotes and the sentences that say so."""

    fact: str
    all: tuple[Condition, ...]
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """Expected accuracy against `start`, with the half width of its 80 % interval."""

    spread: float
    points: float = 0.0
    """Of accuracy: 0.01 is one percentage point."""
    of_error: float = 0.0
    """Share of the errors of `start` that is expected to go."""
    at_most: float = 1.0
    start: str = "linear_probe"
    """The fact that it starts from."""
    source: str = ""
    """Key into `sources.toml` where it rests on something else than the rule or table around it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What follows when a rule fires; see the head of `rules.toml`."""

    all: tuple[Condition, ...] = ()
    at_least: str | None = None
    at_most: str | None = None
    also: Also | None = None
    silences: tuple[str, ...] = ()
    blocks_verdict: bool = False
    gain: Mapping[str, Gain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `order` says who wins where two meet, the lower number first."""

    id: str
    order: int
    title: str
    text: str
    """The question that it answers."""
    confidence: Confidence
    source: str
    """Key into `sources.toml`."""
    case: tuple[Case, ...]
    then: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Thumb:
    """One row of the rule of thumb."""

    strategy: str
    all: tuple[Condition, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """Gains to expect where no rule speaks."""

    all: tuple[Condition, ...]
    source: str
    confidence: Confidence
    """How well the size of the gain is known."""
    gain: Mapping[str, Gain]


@dataclass(frozen=True, slots=True)
class Source:
    """What a rule rests on."""

    title: str
    authors: str
    year: int
    """0 where there is none."""
    reference: str
    text: str
    """What it found, in plain words."""

    @property
    def citation(self) -> str:
        """One line that names it."""
        year = f" {self.year}" if self.year else ""
        return ", ".join(p for p in (f"{self.authors}{year}".strip(), self.reference) if p)


def all_hold(conditions: tuple[Condition, ...], facts: Mapping[str, Value]) -> bool:
    """Tell whether every condition holds; none at all always hold."""
    return all(condition.holds(facts) for condition in conditions)
