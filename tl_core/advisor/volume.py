"""What the frozen base would get right with more or fewer examples, off its learning curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tl_core import wording
from tl_core.i18n import _
from tl_core.spec import Accuracy, Evidence, Volume

Point = tuple[float, float, float, float]
"""Training examples; share right, and the ends of its interval."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """An accuracy of the linear probe at another number of examples."""

    accuracy: Accuracy
    """What is measured keeps its 95 % interval; of what is foretold 80 % lie within."""
    text: str
    """Where it comes from."""


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
        return _between(_measured(evidence.volume, evidence), n, probe.n)
    if n < known or known > evidence.n:
        return Supposed(
            probe,
            _("The accuracy of the frozen base stays as it is: it was measured on {n} of your "
              "examples, and what more of them bring is not foretold.").format(
                  n=wording.count(evidence.n)),
        )  # fmt: skip
    if not evidence.volume.forecasts:
        return Supposed(probe, _not_foretold(evidence.volume))
    return _ahead(_foretold(evidence.volume, probe, known), n, probe.n)


def _measured(volume: Volume, evidence: Evidence) -> list[Point]:
    """Return the curve over training examples, so that it ends in what was measured on all.

    Each point was fitted on parts of a training fold; all of a fold stands for all examples.
    """
    probe, last = evidence.linear_probe, volume.accuracies[-1]
    return [
        (
            size * evidence.n / volume.sizes[-1],
            probe.value + found.value - last.value,
            probe.low + found.low - last.low,
            probe.high + found.high - last.high,
        )
        for size, found in zip(volume.sizes, volume.accuracies, strict=True)
    ]


def _foretold(volume: Volume, probe: Accuracy, known: int) -> list[Point]:
    points = [(float(known), probe.value, probe.low, probe.high)]
    for ahead in volume.forecasts:
        ends = (probe.value + ahead.low, probe.value + ahead.high)
        points.append((ahead.times * known, probe.value + ahead.gain, *ends))
    return points


def _between(points: list[Point], n: int, judged: int) -> Supposed:
    if n < points[0][0]:
        text = _("The accuracy of the frozen base is that on {n} examples, the fewest that were "
                 "tried; with fewer it is lower.").format(
                     n=wording.count(round(points[0][0])))  # fmt: skip
    else:
        text = _("The accuracy of the frozen base is read off the learning curve that was "
                 "measured on parts of your data.")  # fmt: skip
    return Supposed(_at(points, n, judged), text)


def _ahead(points: list[Point], n: int, judged: int) -> Supposed:
    if n > points[-1][0]:
        text = _("The accuracy of the frozen base is that foretold for {n} examples; further the "
                 "learning curve does not reach.").format(
                     n=wording.count(round(points[-1][0])))  # fmt: skip
    else:
        text = _("The accuracy of the frozen base is foretold from its learning curve.")
    return Supposed(_at(points, n, judged), text)


def _not_foretold(volume: Volume) -> str:
    if volume.refused == "flat":
        return _("The learning curve hardly rises any more, so that the accuracy of the frozen "
                 "base stays as it is on your data.")  # fmt: skip
    return _("The learning curve does not foretell what more would bring, so that the accuracy of "
             "the frozen base stays as it is on your data.")  # fmt: skip


def _at(points: Sequence[Point], n: int, judged: int) -> Accuracy:
    """Return the accuracy at `n`, straight between points on a logarithmic scale."""
    place = min(max(float(n), points[0][0]), points[-1][0])
    after = next(i for i, point in enumerate(points) if place <= point[0])
    a, b = points[max(after - 1, 0)], points[after]
    part = math.log(place / a[0]) / math.log(b[0] / a[0]) if b[0] > a[0] else 0.0
    value, low, high = (_clipped(x + part * (y - x)) for x, y in zip(a[1:], b[1:], strict=True))
    return Accuracy(value, min(low, value), max(high, value), judged)


def _clipped(share: float) -> float:
    return round(min(max(share, 0.0), 1.0), 6)
