"""How good forecasts have been: which share of their intervals held, how far they were out.

What a run reaches is itself judged on few examples. An interval counts as holding if the accuracy
that was read off the validation part lies in it, because that is what a person sees beside it. But
then even forecasts that are exactly right miss more often than they promise, so the share that held
is compared with the share that would hold if they were right and each was checked on a validation
part of just that size (`chance_to_hold`). Widening each interval by that chance instead would let a
forecast pass that only a small validation part makes look good.

The best epoch is chosen on the same validation part, which favours what was reached a little.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tl_core.shares import Z95, Span, wilson
from tl_core.spec import Outcome

_NORMAL = statistics.NormalDist()
_HALF = 0.5  # an interval that holds every second time says nothing

Verdict = Literal["too_sure", "too_careful", "too_few", "as_promised"]

FEWEST_FOR_BIAS = 5
"""Runs below which the interval of the bias is wider than anything it could tell; from here on the
approximation of Student's t is within 0.3 %."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a record of forecasts that promise the same adds up to."""

    n: int
    datasets: int
    """Different data sets among the runs."""
    held: int
    share: Span
    """Of intervals that held, with its 95 % Wilson interval; in [0, 1]."""
    share_by_data: Span
    """The same share with the interval of as many runs as there are data sets: the least they
    count for."""
    promised: float
    """Share of intervals that should hold by their own word."""
    due: float
    """Share that would hold if the forecasts were right, the chance of checking included."""
    below: int
    """Runs that reached less than their interval says."""
    above: int
    bias: float
    """Mean of reached less expected, as a share; above 0 the forecasts were too low."""
    bias_range: tuple[float, float] | None
    """Its 95 % interval (Student's t over runs); None for fewer than FEWEST_FOR_BIAS."""
    error: float
    """Mean distance of reached from expected, as a share."""
    ratio: Span
    """Minutes taken per minute expected: the median, and what the middle half lies between."""

    @property
    def verdict(self) -> Verdict:
        """Judge the record by whether its own interval holds the share that is due.

        Too few to tell: the interval holds that share, and also that every second one would hold.
        A warning is given on the runs alone; praise must stand where those of one data set count
        as one, for they share what was measured and what is held out.
        """
        if self.share.high < self.due:
            return "too_sure"
        if self.share_by_data.low <= _HALF:
            return "too_few"
        return "too_careful" if self.share_by_data.low > self.due else "as_promised"


def by_promise(outcomes: Iterable[Outcome]) -> tuple[list[Outcome], list[Outcome]]:
    """Return forecasts that rest on rules (80 %), and those measured beforehand (95 %)."""
    ruled: list[Outcome] = []
    measured: list[Outcome] = []
    for o in outcomes:
        (measured if o.known == "measured" else ruled).append(o)
    return ruled, measured


def calibrate(outcomes: Sequence[Outcome]) -> Calibration | None:
    """Add up forecasts that promise the same share; None if there are none."""
    if not outcomes:
        return None
    n = len(outcomes)
    held = sum(o.held for o in outcomes)
    datasets = len({o.dataset for o in outcomes})
    gaps = [o.reached.value - o.expected.value for o in outcomes]
    return Calibration(
        n=n,
        datasets=datasets,
        held=held,
        share=wilson(held / n, n),
        share_by_data=wilson(held / n, datasets),
        promised=outcomes[0].level,
        due=statistics.fmean(chance_to_hold(o) for o in outcomes),
        below=sum(o.reached.value < o.expected.low for o in outcomes),
        above=sum(o.reached.value > o.expected.high for o in outcomes),
        bias=statistics.fmean(gaps),
        bias_range=_range_of_mean(gaps),
        error=statistics.fmean(abs(gap) for gap in gaps),
        ratio=_middle([o.minutes / o.expected_minutes for o in outcomes]),
    )


def chance_to_hold(o: Outcome) -> float:
    """Return the chance that a forecast holds if it is right, given who checks it.

    The true accuracy is taken as normal about the expectation, on either side as wide as the
    interval says; what is read off adds the sampling error of the validation part (its share
    smoothed by one right and one wrong, so that it is never nothing). No accuracy lies beyond 0 or
    1: an interval that ends there cannot be missed on that side.
    """
    z = _NORMAL.inv_cdf((1 + o.level) / 2)
    n = o.reached.n
    share = (o.expected.value * n + 1) / (n + 2)
    noise = math.sqrt(share * (1 - share) / n)
    down, up = o.expected.value - o.expected.low, o.expected.high - o.expected.value
    under = 0.0 if o.expected.low <= 0 else _NORMAL.cdf(-down / math.hypot(down / z, noise))
    over = 0.0 if o.expected.high >= 1 else _NORMAL.cdf(-up / math.hypot(up / z, noise))
    return 1 - under - over


def _range_of_mean(values: Sequence[float]) -> tuple[float, float] | None:
    n = len(values)
    if n < FEWEST_FOR_BIAS:
        return None
    mean = statistics.fmean(values)
    half = _student(n - 1) * statistics.stdev(values) / math.sqrt(n)
    return mean - half, mean + half


def _student(freedom: int) -> float:
    """Return the two-sided 95 % quantile of Student's t.

    Abramowitz and Stegun 26.7.5; within 0.3 % from 4 degrees of freedom on.
    """
    z, v = Z95, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def _middle(values: Sequence[float]) -> Span:
    """Return the median, and the quartiles; of a single value that value."""
    if len(values) == 1:
        return Span(values[0], values[0], values[0])
    low, value, high = statistics.quantiles(values, n=4, method="inclusive")
    return Span(value, low, high)
