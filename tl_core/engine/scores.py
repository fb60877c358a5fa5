"""How good predictions are, always with how sure that is."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from tl_core.spec import Accuracy

CONFIDENCE = 0.95

Rights = npt.NDArray[np.bool_]


def accuracy(right: float, n: int) -> Accuracy:
    """Return the share `right / n` with its 95 % Wilson interval (Wilson 1927).

    `right` need not be whole: where examples were judged several times it is the mean count.
    """
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(right, n, alpha=1 - CONFIDENCE, method="wilson")
    return Accuracy(round(right / n, 4), round(float(low), 4), round(float(high), 4), n)


def judge(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return per-example losses (nats) and rightness, both [n], for logits [n, classes]."""
    logits = logits.float()
    losses = functional.cross_entropy(logits, labels, reduction="none")
    return losses, logits.argmax(1) == labels


def paired_interval(before: Rights, after: Rights, confidence: float) -> tuple[float, float]:
    """Return the interval of how much larger the share right is after than before.

    Newcombe 1998 (Statistics in Medicine 17, 2635 to 2650, paired data), method 10: the two Wilson
    intervals are joined by the correlation of the two outcomes, with a correction for continuity
    where it is positive. It covers which examples were judged by chance, and nothing else.

    Args:
        before: [n] which examples one is right on.
        after: the same of the other, in the same order.
        confidence: in (0, 1).
    """
    from statsmodels.stats.proportion import proportion_confint

    n, alpha = len(before), 1 - confidence
    first, second = int(before.sum()), int(after.sum())
    low, high = zip(
        *(proportion_confint(k, n, alpha=alpha, method="wilson") for k in (first, second)),
        strict=True,
    )
    p, q = first / n, second / n
    likeness = _correlation(before, after)

    def joined(a: float, b: float) -> float:
        return math.sqrt(max(a * a - 2 * likeness * a * b + b * b, 0.0))

    return q - p - joined(q - low[1], high[0] - p), q - p + joined(high[1] - q, p - low[0])


def _correlation(before: Rights, after: Rights) -> float:
    """Return phi of the two outcomes, corrected for continuity; 0 where one never varies."""
    n = len(before)
    both, neither = int((before & after).sum()), int((~before & ~after).sum())
    won, lost = int((~before & after).sum()), int((before & ~after).sum())
    margins = (both + lost) * (won + neither) * (both + won) * (lost + neither)
    product = float(both * neither - won * lost)
    if product > 0:
        product = max(product - n / 2, 0.0)
    return product / math.sqrt(margins) if margins else 0.0
