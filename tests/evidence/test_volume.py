"""The learning curve and its forecast: nested, stratified, honest about what it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest

from tl_core.engine import probe
from tl_core.evidence import volume
from tl_core.evidence.volume import Curve

LABELS = np.repeat(np.arange(3), 60)
NAMES = ("a", "b", "c")


def points(spread: float = 1.2, width: int = 24) -> probe.Floats:
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 1, (3, width))
    return (centres[LABELS] + rng.normal(0, spread, (len(LABELS), width))).astype(np.float32)


def measured(features: probe.Floats, labels: probe.Ints = LABELS) -> Curve:
    held_out = probe.folds(labels, range(len(labels)), 0)
    prepared = probe.prepare(features)
    whole = probe.cross_validate(prepared, labels, held_out)
    right = (whole.predicted == labels).astype(np.float32)
    return volume.curve(prepared, labels, held_out, right, 0)


def handmade(shares: tuple[float, ...], n: int = 600) -> Curve:
    """Return a curve with given shares right, doubling from 30."""
    sizes = tuple(30 * 2**k for k in range(len(shares)))
    rng = np.random.default_rng(0)
    draws = rng.random(n)
    return Curve(sizes, np.stack([draws < share for share in shares]).astype(np.float32))


def told(found: Curve) -> volume.Volume:
    n = found.right.shape[1]
    return volume.volume(found, np.arange(n) % 3, NAMES, 0)


def test_the_curve_rises_with_what_was_learned_from() -> None:
    found = measured(points())
    assert found.sizes == (18, 36, 72, 144)
    assert found.right.shape == (4, 180)
    shares = found.right.mean(1)
    assert shares[-1] > shares[0] + 0.05


def test_parts_without_enough_of_a_class_are_left_out() -> None:
    labels = np.array([0] * 150 + [1] * 22 + [2] * 8)
    found = measured(points(), labels)
    assert len(found.sizes) < 4
    assert found.sizes[-1] == 144


def test_every_beginning_holds_the_classes_in_their_shares() -> None:
    rng = np.random.default_rng(0)
    labels = np.array([0] * 80 + [1] * 20)
    order = volume.spread(np.arange(100), labels, rng)
    assert sorted(order) == list(range(100))
    for n in (10, 25, 50):
        assert abs((labels[order[:n]] == 1).mean() - 0.2) <= 1 / n


def test_a_steady_rise_goes_on_by_less_and_less() -> None:
    found = told(handmade((0.6, 0.7, 0.77, 0.82)))
    twice, four = found.forecasts
    assert (twice.times, four.times) == (2.0, 4.0)
    assert 0.01 < twice.gain < 0.05
    assert twice.gain < four.gain < 0.1
    assert twice.low < twice.gain < twice.high
    assert found.refused == ""
    assert [a.n for a in found.accuracies] == [600] * 4


def test_a_level_curve_promises_nothing() -> None:
    found = told(handmade((0.9, 0.9, 0.9, 0.9), n=2000))
    assert (found.forecasts, found.refused) == ((), "flat")


def test_two_sizes_are_too_few() -> None:
    assert told(handmade((0.6, 0.7))).refused == "few"


def test_a_wild_curve_is_refused() -> None:
    assert told(handmade((0.3, 0.5, 0.6), n=20)).refused == "wild"


def test_the_same_data_give_the_same_forecast() -> None:
    assert told(handmade((0.6, 0.7, 0.77))) == told(handmade((0.6, 0.7, 0.77)))


def test_the_class_that_the_latest_doubling_helped_is_named() -> None:
    found = handmade((0.6, 0.7, 0.75, 0.75))
    helped = np.flatnonzero(np.arange(600) % 3 == 1)[::5]
    found.right[-1, helped], found.right[-2, helped] = 1.0, 0.0
    (gain,) = told(found).classes
    assert gain.name == "b"
    assert gain.gain == pytest.approx(0.2, abs=0.05)
