"""Answers as a run could have given them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tl_core.analysis.answers import Answers, of_logits

CLASSES = ("ant", "bee", "wasp")


def answers_of(pairs: Sequence[tuple[int, int]], sure: Sequence[float] | None = None) -> Answers:
    """Return answers of three classes.

    Args:
        pairs: of each example its class and the class given.
        sure: of each the probability of the class given; 0.9 by default.
    """
    labels, given = (np.array(column) for column in zip(*pairs, strict=True))
    shares = np.array(sure if sure is not None else [0.9] * len(pairs))
    chances = np.repeat((1 - shares)[:, None] / 2, len(CLASSES), axis=1)
    chances[np.arange(len(given)), given] = shares
    return of_logits("val", CLASSES, np.arange(len(pairs)) + 100, labels, np.log(chances))


def overconfident(n: int, *, times: float, seed: int = 0) -> Answers:
    """Return answers whose logits are so many times too large, on labels drawn from the truth."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 1.5, (n, len(CLASSES)))
    gumbel = rng.gumbel(size=true.shape)
    labels = (true + gumbel).argmax(1)
    return of_logits("val", CLASSES, np.arange(n), labels, times * true)
