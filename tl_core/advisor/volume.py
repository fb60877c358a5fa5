"""What the frozen base would get right with more or fewer examples, off its learning curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tl_core import wording
from tl_core.i18n import _
from tl_core.spec import Accuracy, Evidence, Volume

MOST_JUDGED = 2000
"""Examples that the evidence judges at most; a test compares it with the evidence's own."""
_Z95 = 1.9600

Point = tuple[float, float]
"""Training examples; share right."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """An accuracy of the linear probe at another number of examples."""

    accuracy: Accuracy
    """With the 95 % interval that a measurement on so many would have."""
    text: str
    """Where it comes from."""
    down: float = 0.0
    up: float = 0.0
    """How far below and above it the forecast leaves it open, 80 %; 0 where none is made."""


def probe_at(evidence: Evidence, known: int, n: int) -> Supposed:
    """Return what the linear probe is expected to get right on `n` training examples.

    Fewer are read off the curve that was measured on parts of the data, more off its forecast, as
    far as that goes; beyond either end, or without one, the accuracy stays as it is there.

    Args:
        evidence: what was measured, on `evidence.n` of the `known` training examples.
        known: how many training examples there are.
        n: how many to suppose.
    """
    probe = evidence.linear_probe
    if n == known:
        return Supposed(probe, _("The accuracy is as measured."))
    if evidence.volume is None:
        return Supposed(probe, _("No learning curve was measured, so that the accuracy of the "
                                 "frozen base stays as it is on your data."))  # fmt: skip
    if n < evidence.n:
        return _between(_measured(evidence.volume, evidence), n)
    if n < known or known > evidence.n:
        return Supposed(
            probe,
            _("The accuracy of the frozen base stays as it is: it was measured on {n} of your "
              "examples, and what more of them bring is not foretold.").format(
                  n=wording.count(evidence.n)),
        )  # fmt: skip
    if not evidence.volume.forecasts:
        return Supposed(probe, _not_foretold(evidence.volume))
    return _ahead(evidence.volume, probe, known, n)


def _measured(volume: Volume, evidence: Evidence) -> list[Point]:
    """Return the curve over training examples, so that it ends in what was measured on all.

    Each point was fitted on parts of a training fold; all of a fold stands for all examples.
    """
    probe, last = evidence.linear_probe, volume.accuracies[-1]
    return [
        (size * evidence.n / volume.sizes[-1], probe.value + found.value - last.value)
        for size, found in zip(volume.sizes, volume.accuracies, strict=True)
    ]


def _between(points: list[Point], n: int) -> Supposed:
    fewest = points[0][0]
    if n < fewest:
        text = _(
            "The accuracy of the frozen base is that on {n} examples, the fewest that were tried; "
            "with fewer it is lower."
        ).format(n=wording.count(round(fewest)))
    else:
        text = _("The accuracy of the frozen base is read off the learning curve that was "
                 "measured on parts of your data.")  # fmt: skip
    return Supposed(_judged(_at(points, n), n), text)


def _ahead(volume: Volume, probe: Accuracy, known: int, n: int) -> Supposed:
    """Read the forecast, and how far it leaves the accuracy open."""
    sizes = [float(known), *(ahead.times * known for ahead in volume.forecasts)]
    gains, lows, highs = (
        [0.0, *(getattr(ahead, name) for ahead in volume.forecasts)]
        for name in ("gain", "low", "high")
    )
    gain, low, high = (
        _at(list(zip(sizes, values, strict=True)), n) for values in (gains, lows, highs)
    )
    found = _judged(probe.value + gain, n)
    if n > sizes[-1]:
        text = _(
            "The accuracy of the frozen base is that foretold for {n} examples; further the "
            "learning curve does not reach."
        ).format(n=wording.count(round(sizes[-1])))
    else:
        text = _("The accuracy of the frozen base is foretold from its learning curve.")
    return Supposed(found, text, max(gain - low, 0.0), max(high - gain, 0.0))


def _not_foretold(volume: Volume) -> str:
    if volume.refused == "flat":
        return _("The learning curve hardly rises any more, so that the accuracy of the frozen "
                 "base stays as it is on your data.")  # fmt: skip
    return _("The learning curve does not foretell what more would bring, so that the accuracy of "
             "the frozen base stays as it is on your data.")  # fmt: skip


def _at(points: Sequence[Point], n: int) -> float:
    """Return the value at `n`, straight between points on a logarithmic scale, level beyond."""
    place = min(max(float(n), points[0][0]), points[-1][0])
    after = next(i for i, point in enumerate(points) if place <= point[0])
    (left, before), (right, behind) = points[max(after - 1, 0)], points[after]
    part = math.log(place / left) / math.log(right / left) if right > left else 0.0
    return before + part * (behind - before)


def _judged(share: float, n: int) -> Accuracy:
    """Return a share with its 95 % Wilson interval on as many as the evidence would judge."""
    judged, value = min(n, MOST_JUDGED), min(max(share, 0.0), 1.0)
    squared = _Z95**2 / judged
    middle = (value + squared / 2) / (1 + squared)
    half = math.sqrt(squared * value * (1 - value) + squared**2 / 4) / (1 + squared)
    low, high = max(middle - half, 0.0), min(middle + half, 1.0)
    return Accuracy(round(value, 6), round(min(low, value), 6), round(max(high, value), 6), judged)
