"""Linear probes: how well a plain linear classifier does on given features.

The same fit serves the evidence (cross-validated) and the first phase of every run (the head).

Where examples are few, chance has a say in how they fall into folds, so the evidence divides them
several times and takes the mean. That takes away the part of the error that comes from dividing,
not the part that comes from having these examples and no others (Vanwinckelen and Blockeel 2012,
"On estimating model accuracy with repeated cross-validation"; Bengio and Grandvalet 2004 on why
the folds themselves do not tell it). Each interval is therefore that of one look at n examples:
repeats narrow nothing.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch

from tl_core.engine.ahead import on_one_core
from tl_core.engine.scores import accuracy
from tl_core.spec import Accuracy

FOLDS = 5
REPEATS = 3
REPEATED_UNTIL = 1000
"""Examples up to which they are divided several times. With about so many (995 pictures of 12
classes) three divisions gave shares right within 1.2 points of one another, a fifth of the
interval; with more it is less, and costs more."""
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)
"""L2 penalties on the weights of standardised features, in units of one example's loss."""
SEED_STEP = 1000  # between repeats, so that neighbouring seeds share no division
MAX_STEPS = 200
MIN_PROBABILITY = 1e-7
ALL = slice(None)
MIN_SPREAD = 1e-6  # features that never vary carry nothing and must not be divided by

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Prepared:
    """Features, and the same as most fits want them."""

    features: Floats
    """[n, width]"""
    rotated: Floats
    """[n, at most n] standardised, and on axes of their span."""


def prepare(features: Floats) -> Prepared:
    """Return features [n, width] ready for all the fits on parts of them.

    Mean and spread are taken over all rows, those included that a fit will be asked about. They
    know no labels, and are taken once instead of for every fold, as is the rotation, which is
    most of what a fit costs (the ridge regressions do the same).
    """
    return Prepared(features, reduce_width(standardise(features)))


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


@dataclass(frozen=True)
class Repeated:
    """The same probe, cross-validated on several divisions into folds."""

    probes: tuple[Probe, ...]
    """One for each division."""
    hits: Floats
    """[n] in what share of the divisions each example was told right while it was held out."""

    @property
    def accuracy(self) -> Accuracy:
        """The mean over the divisions, with the interval of n examples."""
        return accuracy(float(self.hits.sum()), len(self.hits))

    @property
    def fitted(self) -> float:
        """Share right among what each classifier was fitted on, mean over all of them."""
        return float(np.mean([probe.fitted for probe in self.probes]))


def divisions(labels: Ints, groups: Sequence[int], seed: int) -> tuple[tuple[Ints, ...], ...]:
    """Return the folds of each repeat; see `folds`; the first are those of `seed`."""
    repeats = REPEATS if len(labels) <= REPEATED_UNTIL else 1
    return tuple(folds(labels, groups, seed + SEED_STEP * number) for number in range(repeats))


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


def repeatedly(
    prepared: Prepared, labels: Ints, divided: Sequence[Sequence[Ints]]
) -> Repeated:  # fmt: skip
    """Cross-validate on each division into folds; the first one chooses the penalty."""
    first = cross_validate(prepared, labels, divided[0])
    again = partial(cross_validate, prepared, labels, penalties=(first.penalty,))
    probes = (first, *(again(held_out) for held_out in divided[1:]))
    right = np.stack([probe.predicted == labels for probe in probes])
    return Repeated(probes, right.mean(0, dtype=np.float32))


def cross_validate(
    prepared: Prepared,
    labels: Ints,
    held_out: Sequence[Ints],
    fitted_on: Sequence[Ints] | None = None,
    penalties: Sequence[float] = PENALTIES,
) -> Probe:
    """Fit on all folds but one, predict the held-out one, for one penalty after the other.

    The penalty is chosen by held-out loss, not by accuracy, which would flatter the result. The
    penalties weaken step by step from a warm start; the first one that predicts worse ends the
    search, since the held-out loss has one valley along such a path.

    Args:
        prepared: of n examples.
        labels: [n] class numbers.
        held_out: the folds.
        fitted_on: for each fold the rows to fit on, if not all others.
        penalties: candidates, from strong to weak.
    """
    everything = np.arange(len(labels))
    fitted_on = fitted_on or [np.setdiff1d(everything, held) for held in held_out]
    parts = zip(held_out, fitted_on, strict=True)
    fits = _side_by_side(lambda part: _Fit.of(prepared, labels, *part), parts)
    classes, rows = int(labels.max()) + 1, np.concatenate(list(held_out))
    best_loss, best_penalty, best, fitted = np.inf, penalties[0], None, 0.0
    for penalty in penalties:
        given = np.zeros((len(labels), classes), dtype=np.float32)
        told = _side_by_side(
            partial(_Fit.log_probabilities, penalty=penalty, classes=classes), fits
        )
        for fit, logs in zip(fits, told, strict=True):
            given[fit.held] = logs
        loss = -float(given[rows, labels[rows]].sum())
        if loss >= best_loss:
            break
        best_loss, best_penalty, best = loss, penalty, given
        fitted = float(np.mean([fit.model.score(fit.x, fit.y) for fit in fits]))
    assert best is not None
    predicted = best.argmax(1)
    right = int((predicted[rows] == labels[rows]).sum())
    return Probe(accuracy(right, len(rows)), predicted, best_penalty, fitted, best)


def _side_by_side(work: Callable[[T], U], parts: Iterable[T]) -> list[U]:
    """Return work(part) for each part, a core each.

    One fit spread over all cores gains little where they are free; where they are not, its threads
    wait for one another, and on two busy cores it took ten times the processor's time.
    """
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with (
        threadpool_limits(1),
        warnings.catch_warnings(),
        ThreadPoolExecutor(os.cpu_count(), "probe", initializer=on_one_core) as threads,
    ):
        # Stopping a little short of the optimum is another mild penalty, and bounded in time.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return list(threads.map(work, parts))


@dataclass(frozen=True)
class _Fit:
    """One fold: its classifier, kept warm from penalty to penalty, and its two parts."""

    model: Any
    x: Floats
    y: Ints
    held: Ints
    x_held: Floats

    @staticmethod
    def of(prepared: Prepared, labels: Ints, held: Ints, train: Ints) -> _Fit:
        """Return the fit on `train`, which knows mean and spread of no more if it is a small part.

        Those of all rows would help it: a learning curve would begin too high.
        """
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(max_iter=MAX_STEPS, tol=1e-3, warm_start=True)
        x, x_held = prepared.rotated[train], prepared.rotated[held]
        if 2 * len(train) <= len(labels):
            scaled = standardise(prepared.features, train)
            x, x_held = _on_span(scaled[train], scaled[held])
        return _Fit(model, x, labels[train], held, x_held)

    def log_probabilities(self, penalty: float, *, classes: int) -> Floats:
        """Fit and return [held, classes]; a class unseen in training gets almost nothing."""
        self.model.set_params(C=1 / penalty)
        self.model.fit(self.x, self.y)
        given = self.model.predict_proba(self.x_held)
        full = np.full((len(self.held), classes), MIN_PROBABILITY, dtype=np.float32)
        full[:, self.model.classes_] = np.maximum(given, MIN_PROBABILITY)
        logs: Floats = np.log(full)
        return logs


def standardise(features: Floats, rows: Ints | slice = ALL) -> Floats:
    """Return features [n, width], each column with mean 0 and spread 1 over `rows` (or 0 there)."""
    mean, spread = features[rows].mean(0), features[rows].std(0)
    spread[spread < MIN_SPREAD] = 1.0
    found: Floats = (features - mean) / spread
    return found


def reduce_width(x: Floats) -> Floats:
    """Rotate onto the span of the rows where there are fewer of them than columns.

    An L2-penalised linear fit on any of the rows lives in that span and does not see the rotation,
    so the result is the same and cheaper: with x' = Q R, the rows on the axes Q are those of R'.
    """
    if x.shape[0] >= x.shape[1]:
        return x
    rows: Floats = torch.linalg.qr(torch.from_numpy(x).T, mode="r").R.T.contiguous().numpy()
    return rows


def _on_span(x: Floats, held: Floats) -> tuple[Floats, Floats]:
    """Do the same with the rows of `x` and say where those of `held` lie on the same axes."""
    if x.shape[0] >= x.shape[1]:
        return x, held
    axes = torch.linalg.qr(torch.from_numpy(x).T).Q.numpy()
    return x @ axes, held @ axes


def nearest_neighbours(
    features: Floats, labels: Ints, divided: Sequence[Sequence[Ints]], k: int = 5
) -> Accuracy:
    """Return the accuracy of the k nearest neighbours by cosine, mean over the divisions.

    Args:
        features: [n, width].
        labels: [n] class numbers.
        divided: folds of each repeat, as the other probes have them; neighbours are looked for in
            the other folds.
        k: neighbours that vote.
    """
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), MIN_SPREAD)
    near = unit @ unit.T
    right = [_told_by_neighbours(near, labels, held_out, k) == labels for held_out in divided]
    return accuracy(float(np.mean([r.sum() for r in right])), len(labels))


def _told_by_neighbours(near: Floats, labels: Ints, held_out: Sequence[Ints], k: int) -> Ints:
    """Return [n] the class that k neighbours outside its own fold give each example."""
    fold = np.zeros(len(labels), dtype=np.int64)
    for number, held in enumerate(held_out):
        fold[held] = number
    near = np.where(fold[:, None] == fold, -np.inf, near)
    k = min(k, len(labels) - 1)
    rows = np.argpartition(-near, k - 1, axis=1)[:, :k]
    votes = np.zeros((len(labels), int(labels.max()) + 1))
    # Similarity breaks ties between equally common classes.
    nearness = np.take_along_axis(near, rows, 1)
    weights = np.where(np.isfinite(nearness), 1 + nearness / 1000, 0.0)
    np.add.at(votes, (np.arange(len(labels))[:, None], labels[rows]), weights)
    told: Ints = votes.argmax(1)
    return told
