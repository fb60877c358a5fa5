"""Records of what was foretold of a training run, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from tl_core.measures import Accuracy


@dataclass(frozen=True, slots=True)
class Expected:
    """An accuracy as it was foretold, with its interval; all in [0, 1]."""

    value: float
    low: float
    high: float


def level_of(known: str) -> float:
    """Return the share of intervals that should hold: what was measured is told at 95 %."""
    return 0.95 if known == "measured" else 0.80


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was foretold of a training run before it learned, and what came of it."""

    run: str
    dataset: str
    strategy: str
    expected: Expected
    known: str
    """How well the expected accuracy was known: `measured`, else a prior and how good a one."""
    reached: Accuracy
    """On the validation part, at the best epoch."""
    expected_minutes: float
    minutes: float
    """At work from the forecast to the end; what was measured before is not counted."""
    test: Accuracy | None = None
    """On the test part, where there is one; used once."""
    recommended: str = ""
    """The strategy that was recommended, whichever was run."""
    rules: tuple[str, ...] = ()
    """Rules that held, the weightiest first."""
    blocked: bool = False
    """True if a suspected leak forbade any promise of accuracy."""
    cut: str = ""
    """Why the run was not trained to its end: `person`, `time` or `epochs`; empty if it was."""
    created: float = 0.0
    """Of the run, in seconds since 1970."""

    @property
    def level(self) -> float:
        """Share of such intervals that should hold."""
        return level_of(self.known)

    @property
    def held(self) -> bool:
        """Whether what was reached lies in the interval that was told."""
        return self.expected.low <= self.reached.value <= self.expected.high

    @property
    def follows(self) -> bool:
        """Whether the strategy that ran was the recommended one."""
        return self.strategy == self.recommended
