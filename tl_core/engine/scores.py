"""How good predictions are, always with how sure that is."""

from __future__ import annotations

import torch
from torch.nn import functional

from tl_core.spec import Accuracy

CONFIDENCE = 0.95


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
