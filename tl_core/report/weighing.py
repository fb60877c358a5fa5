"""Which words of a text counted: from which weight on one is told to have spoken."""

from __future__ import annotations

MARKED = 0.1
"""Nats of log-probability: without the word the probability is a tenth lower, or higher."""


def spoke(weight: float) -> int:
    """Return 1 for a word that spoke for the class, -1 for one against it, 0 for one that did not.

    Args:
        weight: what the class's log-probability loses without the word, in nats.
    """
    return (weight >= MARKED) - (weight <= -MARKED)
