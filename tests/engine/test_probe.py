"""Probes: honest folds, known separability, the same answer after the shortcut."""

from __future__ import annotations

import numpy as np
import pytest

from tl_core.engine import probe


def _clouds(gap: float, n: int = 60, width: int = 12) -> tuple[probe.Floats, probe.Ints]:
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(3), n // 3)
    centres = rng.normal(size=(3, width)) * gap
    features = centres[labels] + rng.normal(size=(n, width))
    return features.astype(np.float32), labels.astype(np.int64)


def test_separable_classes_are_told_apart_and_noise_is_not() -> None:
    features, labels = _clouds(gap=4.0)
    held_out = probe.folds(labels, range(60), seed=0)
    assert probe.cross_validate(probe.prepare(features), labels, held_out).accuracy.value > 0.95
    noise, _ = _clouds(gap=0.0)
    assert probe.cross_validate(probe.prepare(noise), labels, held_out).accuracy.value < 0.6


def test_folds_cover_all_rows_once_and_keep_groups_whole() -> None:
    labels = np.array([0, 1] * 20)
    groups = [i // 4 for i in range(40)]
    held_out = probe.folds(labels, groups, seed=3)
    assert sorted(np.concatenate(held_out).tolist()) == list(range(40))
    for held in held_out:
        inside = {groups[row] for row in held}
        outside = {groups[row] for row in range(40) if row not in set(held.tolist())}
        assert not inside & outside


def test_folds_follow_the_smallest_class_without_a_warning() -> None:
    labels = np.array([0] * 20 + [1] * 3)
    assert len(probe.folds(labels, range(23), seed=0)) == 3


def test_duplicates_across_folds_would_flatter_so_groups_matter() -> None:
    rng = np.random.default_rng(0)
    once = rng.normal(size=(30, 20)).astype(np.float32)
    twice = np.concatenate([once, once])
    labels = np.tile(rng.integers(0, 2, 30), 2)
    alone = probe.nearest_neighbours(twice, labels, [np.arange(60)[:, None]], k=1)
    assert alone.value == 1.0  # every example finds its twin
    grouped = probe.folds(labels, [i % 30 for i in range(60)], seed=0)
    assert probe.cross_validate(probe.prepare(twice), labels, grouped).accuracy.value < 0.8


def test_rotating_onto_the_span_keeps_distances() -> None:
    x = np.random.default_rng(2).normal(size=(8, 30)).astype(np.float32)
    x[5] = x[2]  # a copy: the rows depend on one another
    short = probe.reduce_width(x)
    assert short.shape == (8, 8)
    np.testing.assert_allclose(short @ short.T, x @ x.T, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("share", [0.8, 0.2])
def test_what_is_fitted_on_rotated_features_is_what_is_fitted_on_all_of_them(share: float) -> None:
    from sklearn.linear_model import LogisticRegression

    features, labels = _clouds(gap=0.3, width=200)
    order = np.random.default_rng(0).permutation(60)
    fitted_on, held = order[: int(60 * share)], order[int(60 * share) :]
    found = probe.cross_validate(
        probe.prepare(features), labels, [held], [fitted_on], penalties=(10.0,)
    )
    known = features if share > 0.5 else features[fitted_on]  # what a small part knows of scale
    plain = (features - known.mean(0)) / known.std(0)
    theirs = LogisticRegression(C=0.1, tol=1e-6, max_iter=1000).fit(
        plain[fitted_on], labels[fitted_on]
    )
    given = np.exp(found.log_probabilities[held])
    np.testing.assert_allclose(given, theirs.predict_proba(plain[held]), atol=0.02)


def test_features_that_never_vary_tell_nothing_and_break_nothing() -> None:
    x = np.zeros((12, 30), dtype=np.float32)
    labels = np.arange(12) % 2
    found = probe.cross_validate(probe.prepare(x), labels, probe.folds(labels, range(12), seed=0))
    assert found.accuracy.value <= 0.5


def test_constant_features_are_not_divided_by_zero() -> None:
    assert (probe.standardise(np.ones((4, 2), dtype=np.float32)) == 0).all()


def test_neighbours_of_clear_clouds_agree() -> None:
    features, labels = _clouds(gap=6.0)
    divided = probe.divisions(labels, range(60), seed=0)
    assert probe.nearest_neighbours(features, labels, divided).value == 1.0


def test_nobody_is_asked_about_its_own_fold() -> None:
    rng = np.random.default_rng(0)
    once = rng.normal(size=(40, 16)).astype(np.float32)
    labels = np.arange(40) % 2
    twice, both = np.repeat(once, 2, 0), np.repeat(labels, 2)
    apart = [np.arange(0, 80, 2), np.arange(1, 80, 2)]
    assert probe.nearest_neighbours(twice, both, [apart], k=1).value == 1.0
    together = [np.arange(40), np.arange(40, 80)]
    assert probe.nearest_neighbours(twice, both, [together], k=1).value < 0.8
    alone = probe.nearest_neighbours(twice, both, [[np.arange(80)]])
    assert alone.value == 0.5  # nobody is left to ask


def test_few_examples_are_divided_several_times_each_time_otherwise() -> None:
    labels = np.array([0, 1] * 20)
    groups = [i // 4 for i in range(40)]
    divided = probe.divisions(labels, groups, seed=3)
    assert len(divided) == probe.REPEATS
    for mine, one in zip(divided[0], probe.folds(labels, groups, 3), strict=True):
        np.testing.assert_array_equal(mine, one)
    distinct = {tuple(sorted(map(tuple, held_out))) for held_out in divided}
    assert len(distinct) == probe.REPEATS
    for held_out in divided:
        assert sorted(np.concatenate(held_out).tolist()) == list(range(40))
        for held in held_out:
            assert {groups[row] for row in held}.isdisjoint(
                groups[row] for row in range(40) if row not in set(held.tolist())
            )


def test_many_examples_are_divided_once() -> None:
    labels = np.arange(probe.REPEATED_UNTIL + 1) % 2
    assert len(probe.divisions(labels, range(len(labels)), seed=0)) == 1


def test_repeats_are_averaged_and_narrow_nothing() -> None:
    features, labels = _clouds(gap=0.6)
    divided = probe.divisions(labels, range(60), seed=0)
    found = probe.repeatedly(probe.prepare(features), labels, divided)
    chosen = probe.cross_validate(probe.prepare(features), labels, divided[0]).penalty
    singly = [
        probe.cross_validate(probe.prepare(features), labels, held_out, penalties=(chosen,))
        for held_out in divided
    ]
    values = [one.accuracy.value for one in singly]
    assert min(values) < max(values)
    assert found.accuracy.value == pytest.approx(np.mean(values), abs=1e-4)
    assert found.accuracy.n == 60
    assert set(np.round(found.hits * probe.REPEATS, 3)) <= {0, 1, 2, 3}
    widths = [one.accuracy.high - one.accuracy.low for one in singly]
    width = found.accuracy.high - found.accuracy.low
    assert min(widths) - 1e-3 <= width <= max(widths) + 1e-3
    assert found.fitted == pytest.approx(np.mean([one.fitted for one in singly]), abs=0.02)
