"""What the base's own classifier already says about the user's classes, without any training."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from tl_core.engine.scores import accuracy
from tl_core.spec import Accuracy


@dataclass(frozen=True)
class Overlap:
    """How the base's own classes line up with the user's."""

    source_confidence: float
    """Mean highest source probability, in [0, 1]."""
    source_entropy: float
    """Mean entropy of the source probabilities over ln of the source classes, in [0, 1]."""
    leep_per_log_c: float
    """LEEP / ln C, at most 0; about -1 means that the source classes tell nothing."""
    zero_training: Accuracy
    """Accuracy of the classifier that LEEP implies, each example left out of its own table."""
    source_spread: float
    """Entropy of the mean source probabilities over ln of the source classes, in [0, 1]: low where
    the base takes all examples together for few of its own classes."""


def confidence(source_logits: torch.Tensor) -> float:
    """Return the mean highest source probability, in [0, 1], for logits [n, source classes]."""
    return round(float(source_logits.double().softmax(1).max(1).values.mean()), 4)


def overlap(source_logits: torch.Tensor, labels: torch.Tensor, classes: int) -> Overlap:
    """Compute LEEP and its classifier (Nguyen et al. 2020, arXiv 2002.12462).

    With theta(x) the source probabilities: P(y, z) averages theta over the examples of class y,
    P(y | z) = P(y, z) / P(z), and LEEP is the mean of ln sum_z P(y | z) theta_z(x). Divided by
    ln C it can be compared between tasks with different numbers of classes.

    Args:
        source_logits: [n, source classes].
        labels: [n] in 0 … classes - 1.
        classes: C, at least 2.
    """
    theta = source_logits.double().softmax(1)
    n = len(labels)
    membership = torch.nn.functional.one_hot(labels, classes).double()
    joint = membership.T @ theta / n  # [classes, source classes]
    conditional = joint / joint.sum(0, keepdim=True).clamp_min(1e-12)
    likelihood = theta @ conditional.T  # [n, classes]
    chosen = likelihood.gather(1, labels[:, None]).clamp_min(1e-12)
    leep = float(chosen.log().mean())
    # An example would vote for its own label: its share is taken out before it is judged.
    # Only its own class's row of P(y, z) and the column sums P(z) contain it.
    columns = (joint.sum(0)[None] - theta / n).clamp_min(1e-12)  # [n, source classes]
    votes = (theta / columns) @ joint.T
    own = (theta.square() / n / columns).sum(1)
    votes[torch.arange(n), labels] -= own
    right = int((votes.argmax(1) == labels).sum())
    undecided = _entropy(theta).mean()
    return Overlap(
        confidence(source_logits),
        round(float(undecided), 4),
        round(leep / float(torch.log(torch.tensor(float(classes)))), 4),
        accuracy(right, n),
        round(float(_entropy(theta.mean(0))), 4),
    )


def _entropy(shares: torch.Tensor) -> torch.Tensor:
    """Return the entropy along the last axis, as a share of the highest possible."""
    nats = -(shares * shares.clamp_min(1e-12).log()).sum(-1)
    return nats / math.log(shares.shape[-1])
