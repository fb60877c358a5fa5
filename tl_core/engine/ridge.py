"""Ridge regression on one-hot labels in closed form: every penalty, and every held-out fold, from
one decomposition.

With standardised features X (n x d) and centred one-hot labels Y, the fit at penalty p is
H Y with H = U diag(s / (s + p)) U', where X X' = U diag(s) U'. What a fold F would have been
predicted without its own labels follows from the fit with them: the residuals are
(I - H_FF)^-1 (Y - H Y)_F; for folds of one example this is the leave-one-out formula of Allen
(1974). Where n exceeds d, U and s come from the d x d matrix X' X instead (the primal form).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

PENALTIES = tuple(10.0**power for power in range(-2, 6))
"""In units of one example, on features whose mean square is 1 after division by their number."""
MIN_SPREAD = 1e-6  # features that never vary carry nothing and must not be divided by
TEMPERATURES = tuple(2.0**power for power in range(-1, 8))


@dataclass(frozen=True)
class Ridge:
    """What the features tell about the classes, as judged on folds that were held out."""

    scores: torch.Tensor
    """[n, classes] held-out scores at the best penalty; about 0 to 1."""
    penalty: float
    """The penalty with the smallest held-out squared error."""
    weights: torch.Tensor
    """[classes, d] of the fit on all examples, for standardised features."""
    bias: torch.Tensor
    """[classes]"""

    @property
    def predicted(self) -> torch.Tensor:
        """[n] the class given to each example while it was held out."""
        return self.scores.argmax(1)


def fit(
    features: torch.Tensor,
    labels: torch.Tensor,
    classes: int,
    held_out: Sequence[torch.Tensor] | None = None,
    penalties: Sequence[float] = PENALTIES,
) -> Ridge:
    """Fit at every penalty and keep the one that predicts held-out examples best.

    Args:
        features: [n, d], standardised: mean 0, spread 1 in each column.
        labels: [n] class numbers.
        classes: how many classes there are.
        held_out: rows of each fold, disjoint; None leaves out one example at a time.
        penalties: candidates, in units of one example's share of the squared norm of a feature
            vector divided by d.
    """
    (found,) = fit_each(features, labels, classes, [held_out], penalties)
    return found


def fit_each(
    features: torch.Tensor,
    labels: torch.Tensor,
    classes: int,
    divided: Sequence[Sequence[torch.Tensor] | None],
    penalties: Sequence[float] = PENALTIES,
) -> list[Ridge]:
    """Do the same as `fit` for each of several divisions into folds, from one decomposition.

    The first division chooses the penalty for all of them.
    """
    x = features.double() / features.shape[1] ** 0.5
    onehot = torch.nn.functional.one_hot(labels, classes).double()
    share = onehot.mean(0)
    y = onehot - share
    basis, strength, rotate = _decomposed(x)
    rotated = basis.T @ y
    found = []
    for held_out in divided:
        best: tuple[float, float, torch.Tensor] | None = None
        for penalty in penalties:
            gain = strength / (strength + penalty)
            rest = y - basis @ (gain[:, None] * rotated)
            rest = _without_own(rest, basis, gain, held_out)
            error = float(rest.square().mean())
            if best is None or error < best[0]:
                best = (error, penalty, y - rest)
        assert best is not None
        _, penalty, told = best
        penalties = (penalty,)
        inner = rotated / (strength + penalty)[:, None]
        weights = (rotate(inner) / features.shape[1] ** 0.5).T
        found.append(Ridge((told + share).float(), penalty, weights.float(), share.float()))
    return found


def _decomposed(x: torch.Tensor):  # type: ignore[no-untyped-def]
    """Return U [n, k], s [k], and what turns U' Y / (s + p) into weights [d, classes]."""
    n, d = x.shape
    if n <= d:
        strength, basis = torch.linalg.eigh(x @ x.T)
        keep = strength > strength[-1] * 1e-10
        strength, basis = strength[keep], basis[:, keep]
        return basis, strength, lambda inner: x.T @ (basis @ inner)
    strength, axes = torch.linalg.eigh(x.T @ x)
    keep = strength > strength[-1] * 1e-10
    strength, axes = strength[keep], axes[:, keep]
    root = strength.sqrt()
    return (x @ axes) / root, strength, lambda inner: axes @ (root[:, None] * inner)


def _without_own(
    rest: torch.Tensor,
    basis: torch.Tensor,
    gain: torch.Tensor,
    held_out: Sequence[torch.Tensor] | None,
) -> torch.Tensor:
    """Return the residuals that each fold would have had without its own labels.

    The mean of the labels is taken over all examples and not refitted, which moves a score by
    less than one share of an example.
    """
    if held_out is None:
        own = (basis.square() * gain).sum(1)
        return rest / (1 - own).clamp_min(1e-9)[:, None]
    told = torch.empty_like(rest)
    for rows in held_out:
        part = basis[rows]
        own = (part * gain) @ part.T
        told[rows] = torch.linalg.solve(torch.eye(len(rows), dtype=own.dtype) - own, rest[rows])
    return told


def temperature(scores: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the factor on held-out scores that makes their softmax most probable (Guo 2017)."""
    losses = [
        float(torch.nn.functional.cross_entropy(scores * factor, labels)) for factor in TEMPERATURES
    ]
    return TEMPERATURES[losses.index(min(losses))]


def standardised(features: torch.Tensor) -> torch.Tensor:
    """Return features [n, d] with mean 0 and spread 1 in each column; constant ones become 0."""
    spread = features.std(0, correction=0)
    return (features - features.mean(0)) / torch.where(spread < MIN_SPREAD, 1.0, spread)
