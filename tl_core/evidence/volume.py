"""How much more data would help: a learning curve on frozen features, and what it foretells.

The linear probe is fitted on nested parts of the data, an eighth, a quarter, a half and all of
each training fold, and judged on what is held out. Errors fall about as a power of the number of
examples (Hestness et al. 2017, arXiv 1712.00409), e(n) = a + b n^-g. With few points g cannot be
read off a curve (Hoiem et al. 2021, arXiv 2010.11029, fix it), so each bootstrap draw takes one at
random from EXPONENTS. Foretold from a half and a quarter of eight data sets, 80 % of what was
measured on the whole lay within (`benchmarks/volume.json`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tl_core.engine import probe
from tl_core.engine.probe import Floats, Ints, Prepared
from tl_core.engine.scores import accuracy
from tl_core.spec import ClassGain, Forecast, Volume

SHARES = (1 / 8, 1 / 4, 1 / 2)
"""Parts of a training fold that the probe is fitted on besides all of it."""
LEAST_OF_A_CLASS = 2
LEAST = 16
"""Examples that a part must hold, of each class and in all, to say anything."""
TIMES = (2.0, 4.0)
"""How many times the data are foretold; further is guessing."""
EXPONENTS = (0.25, 1.0)
DRAWS = 400
INTERVAL = (0.1, 0.9)
LEAST_SIZES = 3
LITTLE = 0.02
"""Upper end of the interval for twice the data below which the curve counts as flat."""
WILD = 0.2
"""Width of the interval for twice the data, as a share of examples, from which it says nothing."""
MOST_CLASSES = 3


@dataclass(frozen=True)
class Curve:
    """How many a frozen probe gets right by how many it was fitted on."""

    sizes: tuple[int, ...]
    """Examples fitted on, mean over the folds, rising; the last is all of a training fold."""
    right: Floats
    """[sizes, n] in what share of its repeats each got an example right that was held out."""


def curve(
    prepared: Prepared, labels: Ints, held_out: Sequence[Ints], whole: Floats, seed: int
) -> Curve:
    """Measure the learning curve; parts are judged once, on one division into folds.

    Args:
        prepared: features of n examples.
        labels: [n] class numbers.
        held_out: the folds, groups whole.
        whole: [n] in what share of its repeats the probe fitted on all of each training fold
            was right.
        seed: of the order in which examples join.
    """
    rng = np.random.default_rng(seed)
    everything = np.arange(len(labels))
    folds = [spread(np.setdiff1d(everything, held), labels, rng) for held in held_out]
    sizes, right = [], []
    for share in SHARES:
        parts = [order[: round(share * len(order))] for order in folds]
        if not all(_is_enough(labels[part], labels) for part in parts):
            continue
        found = probe.cross_validate(prepared, labels, held_out, parts)
        sizes.append(round(float(np.mean([len(part) for part in parts]))))
        right.append((found.predicted == labels).astype(np.float32))
    sizes.append(round(float(np.mean([len(order) for order in folds]))))
    right.append(whole)
    return Curve(tuple(sizes), np.stack(right))


def spread(rows: Ints, labels: Ints, rng: np.random.Generator) -> Ints:
    """Return rows in an order of which every beginning holds the classes in their shares."""
    shuffled = rng.permutation(rows)
    place = np.zeros(len(shuffled))
    for label in np.unique(labels[shuffled]):
        own = labels[shuffled] == label
        place[own] = (np.arange(own.sum()) + rng.random()) / own.sum()
    return shuffled[np.argsort(place, kind="stable")]


def _is_enough(part: Ints, labels: Ints) -> bool:
    counts = np.bincount(part, minlength=int(labels.max()) + 1)[np.unique(labels)]
    return len(part) >= LEAST and int(counts.min()) >= LEAST_OF_A_CLASS


def volume(found: Curve, labels: Ints, classes: Sequence[str], seed: int) -> Volume:
    """Return the curve with its intervals, and what it foretells, if it does.

    Args:
        found: the measured curve.
        labels: [n] class numbers.
        classes: their names.
        seed: of the bootstrap.
    """
    n = found.right.shape[1]
    accuracies = tuple(accuracy(float(row.sum()), n) for row in found.right)
    forecasts, refused = _foretold(found, np.random.default_rng(seed))
    gains = _gains(found, labels, classes, np.random.default_rng(seed))
    return Volume(found.sizes, accuracies, forecasts, refused, gains)


def _foretold(found: Curve, rng: np.random.Generator) -> tuple[tuple[Forecast, ...], str]:
    if len(found.sizes) < LEAST_SIZES:
        return (), "few"
    drawn = np.array([_draw(found, rng) for _draw_number in range(DRAWS)])  # [draws, times]
    low, middle, high = np.quantile(drawn, (INTERVAL[0], 0.5, INTERVAL[1]), axis=0)
    if high[0] < LITTLE:
        return (), "flat"
    if high[0] - low[0] >= WILD:
        return (), "wild"
    rows = zip(TIMES, middle, low, high, strict=True)
    return tuple(Forecast(t, *(round(float(v), 4) for v in values)) for t, *values in rows), ""


def _draw(found: Curve, rng: np.random.Generator) -> list[float]:
    """Return the gain for each of TIMES that one bootstrap sample and one exponent give."""
    n = found.right.shape[1]
    errors = 1 - found.right[:, rng.integers(0, n, n)].mean(1)
    sizes = np.array(found.sizes, dtype=np.float64)
    exponent = rng.uniform(*EXPONENTS)
    slope = max(_slope(sizes**-exponent, errors, sizes), 0.0)
    noise = rng.normal()
    gains = []
    for times in TIMES:
        fall = slope * (sizes[-1] ** -exponent - (times * sizes[-1]) ** -exponent)
        error = float(np.clip(errors[-1] - fall, 0.0, 1.0))
        # What will be measured then is measured on so many examples only.
        spread = np.sqrt(max(error * (1 - error), 1 / n) / (times * n))
        gains.append(float(1 - error + noise * spread - found.right[-1].mean()))
    return gains


def _slope(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], weight: Any) -> float:
    """Return the slope of the weighted straight line through (x, y)."""
    x, y = x - np.average(x, weights=weight), y - np.average(y, weights=weight)
    return float((weight * x * y).sum() / max((weight * x * x).sum(), 1e-12))


def _gains(
    found: Curve, labels: Ints, classes: Sequence[str], rng: np.random.Generator
) -> tuple[ClassGain, ...]:
    """Return the classes that the latest doubling has helped beyond chance."""
    if len(found.sizes) < 2:
        return ()
    gains = []
    for label, name in enumerate(classes):
        own = labels == label
        change = found.right[-1, own] - found.right[-2, own]
        drawn = rng.choice(change, (DRAWS, len(change))).mean(1)
        if np.quantile(drawn, INTERVAL[0]) > 0:
            gains.append(ClassGain(name, round(float(change.mean()), 4)))
    return tuple(sorted(gains, key=lambda g: -g.gain)[:MOST_CLASSES])
