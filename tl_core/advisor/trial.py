"""What a short trial thaw may cost, and what it says about the strategies it stands for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tl_core.spec import Pilot

SHARE = 0.2
"""Of the time that the training it foretells may take."""
LEAST_MINUTES = 1.0
"""Where nobody set a limit: less would not show anything, and nobody minds a minute."""

ENOUGH_STEPS = 60
"""Of a thaw: with fewer it may still be worse than where it began. On 200 hand signs, 40 of them
judged, 15 steps came out 10 points below the probe, 30 steps 2 and 60 steps 8 points above it, and
full runs 16 to 18 (`benchmarks/pilot.json`)."""

SOURCE = "short_thaw"
"""Key into `sources.toml`."""

SHORTFALL = {"gradual_unfreezing": 0.03, "lora": 0.045, "full_fine_tune": 0.045}
"""Standard deviation of what the full run gains about what the trial shows, apart from chance in
the examples judged. Of thawing: what the trial misses by being short, and what another training
would have come to; 0.023 over four sets and 11 runs (`benchmarks/pilot.json`), rounded up. Of the
other two: joined with how far they end from thawing, 0.03 in 18 and 19 pairs of recorded runs
(`benchmarks/recorded`). The trials fell short by 0.04 on average; four sets are too few to add that
to a gain, so that what is expected after a trial is rather too low."""

_Z95, _Z80 = 1.9600, 1.2816


@dataclass(frozen=True, slots=True)
class Gain:
    """A change of accuracy against the linear probe, with the half width of its 80 % interval."""

    points: float
    spread: float


def limit_minutes(expected: float, budget: float | None = None) -> float:
    """Return how many minutes a trial may take.

    Args:
        expected: minutes that the recommended strategy is expected to take.
        budget: minutes that a person allows for the training; None where they did not say.
    """
    return max(LEAST_MINUTES, SHARE * expected) if budget is None else SHARE * budget


def facts(found: Pilot | None) -> dict[str, float | int | None]:
    """Return the facts of a trial by their names; None each where there was none."""
    return {
        "pilot_gain": found.gain if found else None,
        "pilot_gain_low": found.low if found else None,
        "pilot_gain_high": found.high if found else None,
        "pilot_steps": found.steps if found else None,
    }


def speaks_for(strategy: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether a trial says something about a strategy: there was one, and long enough."""
    return strategy in SHORTFALL and (facts.get("pilot_steps") or 0) >= ENOUGH_STEPS


def blended(strategy: str, prior: Gain, facts: Mapping[str, Any]) -> Gain:
    """Return the gain to expect of a strategy after the trial: both weighed by their variance.

    gain = w * trial + (1 - w) * prior, w = var_prior / (var_prior + var_trial). The variance of the
    trial joins its interval with `SHORTFALL`. Without a trial, or for a strategy that it says
    nothing about, it is the prior.
    """
    if not speaks_for(strategy, facts):
        return prior
    gain, low, high = (float(facts[f"pilot_gain{end}"]) for end in ("", "_low", "_high"))
    var_trial = ((high - low) / (2 * _Z95)) ** 2 + SHORTFALL[strategy] ** 2
    var_prior = (prior.spread / _Z80) ** 2
    weight = var_prior / (var_prior + var_trial)
    points = weight * gain + (1 - weight) * prior.points
    return Gain(points, _Z80 * math.sqrt(weight * var_trial))
