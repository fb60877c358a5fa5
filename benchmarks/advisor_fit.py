"""Corrections of the gains that the rules promise, fitted to recorded runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tl_core.advisor.gains import FILE, FLOOR, Correction, Corrections

PRIOR_SETS = 2.0
"""The prior counts as much as so many data sets. A choice, not a measurement: reviews of such
predictors (Agostinelli et al. 2022, Sorkhei et al. 2025) found none that a few data sets could
replace."""
LEAST_SETS = 3
"""A lead with fewer data sets takes the spread of all together."""
WITHIN = 0.80


@dataclass(frozen=True, slots=True)
class Outcome:
    """One recorded run beside what the rules promised of it."""

    data: str
    lead: str
    """Id of the rule whose gain counted, or REST."""
    strategy: str
    room: float
    """In what the promise can be wrong; see `advisor.gains`."""
    promised: float
    reached: float
    """Accuracies, in [0, 1]."""

    @property
    def miss(self) -> float:
        """How far what was reached lies above what was promised."""
        return self.reached - self.promised


def fit(outcomes: Iterable[Outcome]) -> Corrections:
    """Return the corrections: a mean over data sets, drawn towards no correction.

    Each data set counts once, however many of its samples were recorded, by the ratio of its misses
    to the room that it had. The spread is the 80 % quantile of what remains, as a share of that
    room, with the finite-sample rank of split conformal prediction (Lei et al. 2018, JASA 113);
    where a lead rests on few data sets, that of all leads of the strategy.
    """
    grouped: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        grouped[outcome.lead, outcome.strategy].append(outcome)
    shifts = {key: _shift(found) for key, found in grouped.items()}
    left = {
        key: [abs(o.miss - shifts[key] * o.room) / (o.room + FLOOR) for o in found]
        for key, found in grouped.items()
    }
    together: dict[str, list[float]] = defaultdict(list)
    for (_lead, strategy), found in left.items():
        together[strategy] += found
    corrections = {}
    for (lead, strategy), found in sorted(grouped.items()):
        sets = len({o.data for o in found})
        rest = left[lead, strategy] if sets >= LEAST_SETS else together[strategy]
        corrections[lead, strategy] = Correction(
            round(shifts[lead, strategy], 4), round(_quantile(rest), 4), sets
        )
    return corrections


def _shift(found: list[Outcome]) -> float:
    by_set: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in found:
        by_set[outcome.data].append(outcome)
    ratios = [
        float(np.clip(sum(o.miss for o in own) / sum(o.room for o in own), -1, 1))
        for own in by_set.values()
        if sum(o.room for o in own) > 0
    ]
    return sum(ratios) / (PRIOR_SETS + len(ratios))


def _quantile(residuals: list[float]) -> float:
    rank = min(1.0, np.ceil((len(residuals) + 1) * WITHIN) / len(residuals))
    return float(np.quantile(residuals, rank, method="higher"))


def write(corrections: Corrections) -> None:
    """Write them where the advisor reads them, below the comment that heads the file."""
    head = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    rows = [
        f'[[gain]]\nlead = "{lead}"\nstrategy = "{strategy}"\n'
        f"shift = {c.shift}\nspread = {c.spread}\nsets = {c.sets}\n"
        for (lead, strategy), c in corrections.items()
    ]
    FILE.write_text("\n".join(["\n".join(head) + "\n", *rows]), encoding="utf-8")
