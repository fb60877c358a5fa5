"""How candidates stand to one another: who is beaten by nobody, and who comes next."""

from __future__ import annotations

from collections.abc import Iterable

from tl_core.advisor.advice import Candidate


def frontier(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return those that no other beats in both time and expected accuracy, the quickest first.

    A candidate is beaten by one that is no slower and no less accurate, and better in one of the
    two (Pareto). Intervals are not looked at: what lies on the frontier may still be too close to
    call.
    """
    by_time = sorted(candidates, key=lambda c: (c.minutes, -c.accuracy.value))
    return tuple(c for c in by_time if not any(_beats(other, c) for other in by_time))


def _beats(one: Candidate, other: Candidate) -> bool:
    is_no_worse = one.minutes <= other.minutes and one.accuracy.value >= other.accuracy.value
    is_better = one.minutes < other.minutes or one.accuracy.value > other.accuracy.value
    return is_no_worse and is_better


def runner_up(others: Iterable[Candidate]) -> Candidate:
    """Return the strongest rung besides the recommended one; the control is no rung."""
    rungs = [other for other in others if other.strategy != "from_scratch"]
    return max(rungs, key=lambda candidate: candidate.accuracy.value)
