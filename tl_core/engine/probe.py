"""Linear probes: how well a plain linear classifier does on given features.

The same fit serves the evidence (cross-validated) and the first phase of every run (the head).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tl_core.engine.scores import accuracy
from tl_core.spec import Accuracy

FOLDS = 5
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)
"""L2 penalties on the weights of standardised features, in units of one example's loss."""
MAX_STEPS = 200
MIN_PROBABILITY = 1e-7
MIN_SPREAD = 1e-6  # features that never vary carry nothing and must not be divided by
MIN_STRENGTH = 1e-10  # of the strongest axis; weaker ones are rounding

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Probe:
    """A cross-validated linear probe."""

    accuracy: Accuracy
    predicted: Ints
    """[n] the class given to each example while it was held out."""
    penalty: float
    """The penalty with the lowest held-out loss."""
    fitted: float
    """Share right among the examples that each fold's classifier was fitted on, mean over folds."""
    log_probabilities: Floats
    """[n, classes] given to each example while it was held out; rows that never were are zero."""


def folds(labels: Ints, groups: Sequence[int], seed: int) -> tuple[Ints, ...]:
    """Return the held-out rows of each fold: stratified, groups kept whole, seeded."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    count = int(max(2, min(FOLDS, np.bincount(labels)[np.unique(labels)].min())))
    rows = np.zeros(len(labels))
    if len(set(groups)) == len(groups):
        splitter: Any = StratifiedKFold(count, shuffle=True, random_state=seed)
        parts = splitter.split(rows, labels)
    else:
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
        parts = splitter.split(rows, labels, groups)
    return tuple(held.astype(np.int64) for _, held in parts)


def cross_validate(
    features: Floats,
    labels: Ints,
    held_out: Sequence[Ints],
    fitted_on: Sequence[Ints] | None = None,
) -> Probe:
    """Fit on all folds but one, predict the held-out one, for one penalty after the other.

    The penalty is chosen by held-out loss, not by accuracy, which would flatter the result. The
    penalties weaken step by step from a warm start; the first one that predicts worse ends the
    search, since the held-out loss has one valley along such a path.

    Args:
        features: [n, width].
        labels: [n] class numbers.
        held_out: the folds.
        fitted_on: for each fold the rows to fit on, if not all others.
    """
    everything = np.arange(len(labels))
    fitted_on = fitted_on or [np.setdiff1d(everything, held) for held in held_out]
    fits = [
        _Fit.of(features, labels, held, train)
        for held, train in zip(held_out, fitted_on, strict=True)
    ]
    classes, rows = int(labels.max()) + 1, np.concatenate(list(held_out))
    best_loss, best_penalty, best, fitted = np.inf, PENALTIES[0], None, 0.0
    for penalty in PENALTIES:
        given = np.zeros((len(labels), classes), dtype=np.float32)
        for fit in fits:
            given[fit.held] = fit.log_probabilities(penalty, classes=classes)
        loss = -float(given[rows, labels[rows]].sum())
        if loss >= best_loss:
            break
        best_loss, best_penalty, best = loss, penalty, given
        fitted = float(np.mean([fit.model.score(fit.x, fit.y) for fit in fits]))
    assert best is not None
    predicted = best.argmax(1)
    right = int((predicted[rows] == labels[rows]).sum())
    return Probe(accuracy(right, len(rows)), predicted, best_penalty, fitted, best)


@dataclass(frozen=True)
class _Fit:
    """One fold: its classifier, kept warm from penalty to penalty, and its two parts."""

    model: Any
    x: Floats
    y: Ints
    held: Ints
    x_held: Floats

    @staticmethod
    def of(features: Floats, labels: Ints, held: Ints, train: Ints) -> _Fit:
        from sklearn.linear_model import LogisticRegression

        x, x_held = reduce_width(*standardise(features[train], features[held]))
        model = LogisticRegression(max_iter=MAX_STEPS, tol=1e-3, warm_start=True)
        return _Fit(model, x, labels[train], held, x_held)

    def log_probabilities(self, penalty: float, *, classes: int) -> Floats:
        """Fit and return [held, classes]; a class unseen in training gets almost nothing."""
        from sklearn.exceptions import ConvergenceWarning

        self.model.set_params(C=1 / penalty)
        with warnings.catch_warnings():
            # Stopping a little short of the optimum is another mild penalty, and bounded in time.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model.fit(self.x, self.y)
        given = self.model.predict_proba(self.x_held)
        full = np.full((len(self.held), classes), MIN_PROBABILITY, dtype=np.float32)
        full[:, self.model.classes_] = np.maximum(given, MIN_PROBABILITY)
        logs: Floats = np.log(full)
        return logs


def standardise(x: Floats, held: Floats) -> tuple[Floats, Floats]:
    """Return both parts with the first one's mean taken away and its spread divided out."""
    mean, spread = x.mean(0), x.std(0)
    spread[spread < MIN_SPREAD] = 1.0
    return (x - mean) / spread, (held - mean) / spread


def reduce_width(x: Floats, held: Floats) -> tuple[Floats, Floats]:
    """Rotate onto the span of `x` where it has fewer rows than columns.

    An L2-penalised linear fit lives in that span and does not see the rotation, so the result
    is the same and cheaper. The axes come from the rows' inner products, x x' = U diag(s) U', which
    takes half the time of a singular value decomposition.
    """
    if x.shape[0] >= x.shape[1]:
        return x, held
    wide = torch.from_numpy(x).double()
    strength, basis = torch.linalg.eigh(wide @ wide.T)
    keep = strength >= strength[-1] * MIN_STRENGTH  # all, where nothing varies
    root, basis = strength[keep].clamp_min(MIN_STRENGTH).sqrt(), basis[:, keep]
    axes = wide.T @ basis / root
    told = torch.from_numpy(held).double() @ axes
    return (basis * root).float().numpy(), told.float().numpy()


def nearest_neighbours(
    features: Floats, labels: Ints, k: int = 5, *, groups: Sequence[int] | None = None
) -> Accuracy:
    """Return the leave-one-out accuracy of the k nearest neighbours by cosine.

    Args:
        features: [n, width].
        labels: [n] class numbers.
        k: neighbours that vote.
        groups: [n] near twins share one; nobody is asked about its own group.
    """
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), MIN_SPREAD)
    near = unit @ unit.T
    own = np.arange(len(labels)) if groups is None else np.asarray(groups)
    near[own[:, None] == own] = -np.inf
    k = min(k, len(labels) - 1)
    rows = np.argpartition(-near, k - 1, axis=1)[:, :k]
    votes = np.zeros((len(labels), int(labels.max()) + 1))
    # Similarity breaks ties between equally common classes.
    nearness = np.take_along_axis(near, rows, 1)
    weights = np.where(np.isfinite(nearness), 1 + nearness / 1000, 0.0)
    np.add.at(votes, (np.arange(len(labels))[:, None], labels[rows]), weights)
    return accuracy(int((votes.argmax(1) == labels).sum()), len(labels))
