"""Whether a model is as sure as it is right, and the temperature that makes it so.

A temperature divides all logits (Guo, Pleiss, Sun and Weinberger 2017, arXiv 1706.04599): which
class comes first stays, how sure it is changes. It is fitted on the validation part. To be judged,
that part is divided into two halves, and each half is judged with the temperature fitted on the
other; the temperature that is kept is fitted on both.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tl_core import files
from tl_core.analysis.answers import Answers, Bools, Floats, Ints, probabilities
from tl_core.errors import InputError
from tl_core.records import from_dict, to_dict
from tl_core.shares import Z95, Span, wilson

VERSION = 1
FILE = "artifacts/calibration.json"
BINS = 10
"""Of equal width, from 0 to 1; Guo et al. take 15 for test parts of thousands."""
FEWEST_MISTAKES = 10
"""Ten events for each number that is fitted (Peduzzi et al. 1996, Journal of Clinical Epidemiology
49). With none at all the best temperature would be 0: sure of everything."""
COLDEST, HOTTEST = 0.05, 20.0
_HALVINGS = 30  # of the bracket; what is left of it is below 1e-7
_DRAWS = 500  # of labels, for what chance alone does to the error
_CHANCE = 95  # per cent


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of which the model was about equally sure."""

    n: int
    sure: float
    """Mean probability of the class given."""
    right: Span
    """Share right, with its 95 % Wilson interval."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A temperature and what it does; losses in nats per example."""

    n: int
    mistakes: int
    temperature: float
    """What logits are to be divided by; 1 leaves them as they are."""
    error: float
    """Expected calibration error as the network comes, in [0, 1]."""
    error_after: float
    """The same with the temperature, each half judged by the other's; equal where none is kept."""
    error_by_chance: float
    """What the error would stay below in 95 of 100 such parts if every probability were true."""
    loss: float
    loss_after: float
    gain: float
    """How much lower the loss is with the temperature, each half judged by the other's."""
    gain_low: float
    gain_high: float
    """95 % interval of the gain, over examples."""
    why: str = ""
    """Why no temperature is kept: `few` mistakes, or no `gain` beyond chance; empty if one is."""
    version: int = VERSION

    @property
    def is_kept(self) -> bool:
        """Whether probabilities are told with the temperature."""
        return not self.why


def fit(answers: Answers) -> Fit:
    """Fit the temperature on the validation part, and judge it.

    Raises:
        ValueError: if only the first class of each example was kept.
    """
    if answers.logits is None:
        raise ValueError("no logits")
    logits, labels, right = answers.logits, answers.labels, answers.is_right
    mistakes = int((~right).sum())
    plain = _losses(logits, labels, 1.0)
    before = error(answers.sure, right)
    chance = _error_by_chance(answers.sure)
    nothing = Fit(
        *(len(answers), mistakes, 1.0, before, before, chance),
        *(float(plain.mean()), float(plain.mean()), 0.0, 0.0, 0.0),
    )
    if mistakes < FEWEST_MISTAKES:
        return dataclasses.replace(nothing, why="few")
    scaled = crossed(answers)
    losses = _losses(scaled, labels, 1.0)
    gains = plain - losses
    gain, spread = float(gains.mean()), Z95 * float(gains.std(ddof=1)) / math.sqrt(len(gains))
    judged = dataclasses.replace(
        nothing, gain=gain, gain_low=gain - spread, gain_high=gain + spread
    )
    if judged.gain_low <= 0:
        return dataclasses.replace(judged, why="gain")
    return dataclasses.replace(
        judged,
        temperature=temperature(logits, labels),
        error_after=error(probabilities(scaled).max(1), right),
        loss_after=float(losses.mean()),
    )


def applied(answers: Answers, found: Fit | None) -> Answers:
    """Return the answers as sure as they are told: with the temperature, where one is kept."""
    if found is None or not found.is_kept or answers.logits is None:
        return answers
    chances = probabilities(answers.logits, found.temperature)
    sure = chances[np.arange(len(answers)), answers.given]
    return dataclasses.replace(answers, sure=sure)


def crossed(answers: Answers) -> Floats:
    """Return logits [n, classes], each half divided by the temperature fitted on the other."""
    assert answers.logits is not None
    scaled = answers.logits.copy()
    first = _half(answers.is_right)
    for own in (first, ~first):
        scaled[own] /= temperature(answers.logits[~own], answers.labels[~own])
    return scaled


def temperature(logits: Floats, labels: Ints) -> float:
    """Return the temperature with the lowest mean log loss, within COLDEST and HOTTEST.

    The loss is convex in the inverse of the temperature, so the zero of its slope is bracketed.
    """
    low, high = 1 / HOTTEST, 1 / COLDEST
    own = logits[np.arange(len(labels)), labels]
    for _step in range(_HALVINGS):
        middle = (low + high) / 2
        expected = (probabilities(logits, 1 / middle) * logits).sum(1)
        low, high = (low, middle) if float((expected - own).mean()) > 0 else (middle, high)
    return 2 / (low + high)


def bins(sure: Floats, right: Bools) -> tuple[Bin, ...]:
    """Return answers by how sure they are, in BINS of equal width; empty ones are left out."""
    found = []
    places = _bin_of(sure)
    for number in range(BINS):
        own = places == number
        if n := int(own.sum()):
            share = float(right[own].mean())
            found.append(Bin(n, float(sure[own].mean()), wilson(share, n)))
    return tuple(found)


def bins_crossed(answers: Answers) -> tuple[Bin, ...]:
    """Return the bins with the temperature, each half judged with that of the other."""
    return bins(probabilities(crossed(answers)).max(1), answers.is_right)


def error(sure: Floats, right: Bools) -> float:
    """Return the expected calibration error: how far sureness lies from the share right, in [0, 1].

    The distances of all bins, weighed by how many answers fall into each (Guo et al. 2017).
    """
    places = _bin_of(sure)
    gaps = np.bincount(places, weights=sure - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(sure))


def _bin_of(sure: Floats) -> Ints:
    return np.minimum((sure * BINS).astype(np.int64), BINS - 1)


def _error_by_chance(sure: Floats) -> float:
    """Return what the error stays below by chance if every probability is true.

    Few examples make an error even then; labels are drawn as the model foretells them (consistency
    resampling, Bröcker and Smith 2007, Weather and Forecasting 22).
    """
    rng = np.random.default_rng(0)
    drawn = [error(sure, rng.random(len(sure)) < sure) for _turn in range(_DRAWS)]
    return float(np.percentile(drawn, _CHANCE))


def _half(right: Bools) -> Bools:
    """Return [n] which examples are in the first half; mistakes are divided evenly too."""
    rng = np.random.default_rng(0)
    first = np.zeros(len(right), dtype=np.bool_)
    for stratum in (np.flatnonzero(right), np.flatnonzero(~right)):
        first[rng.permutation(stratum)[::2]] = True
    return first


def _losses(logits: Floats, labels: Ints, by: float) -> Floats:
    """Return the log loss of each example, [n] in nats."""
    scaled = logits / by
    top = scaled.max(1)
    whole = np.log(np.exp(scaled - top[:, None]).sum(1)) + top
    losses: Floats = whole - scaled[np.arange(len(labels)), labels]
    return losses


def write(folder: Path, found: Fit) -> None:
    """Keep the fit with the run, for whoever asks its model."""
    files.write_json(folder / FILE, to_dict(found))


def read(folder: Path) -> Fit | None:
    """Return what was fitted for a run, if anything was and it can be read."""
    try:
        found = from_dict(Fit, files.read_json(folder / FILE))
    except (OSError, ValueError, TypeError, AttributeError, KeyError, InputError):
        return None
    is_sound = found.version == VERSION and isinstance(found.temperature, float)
    return found if is_sound and COLDEST <= found.temperature <= HOTTEST else None
