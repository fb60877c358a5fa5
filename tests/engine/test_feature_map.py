"""Features before and after: purity is what it says, and maps are the same each time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from tests.engine.handmade import Finished
from tl_core.analysis import feature_map as kept
from tl_core.data.dataset import Dataset
from tl_core.engine import feature_map
from tl_core.engine.rebuild import rebuild

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], 12)
CLOSE = np.eye(3)[LABELS] * 5 + RNG.normal(0, 0.3, (36, 3))
NOISE = RNG.normal(size=(36, 3))
ALL = np.ones(36, dtype=np.bool_)


def test_purity_is_the_share_of_neighbours_of_the_same_class() -> None:
    found = feature_map.purities(NOISE, LABELS, 5)
    near = NearestNeighbors(n_neighbors=5, metric="cosine").fit(NOISE)
    places = near.kneighbors(return_distance=False)
    assert found == pytest.approx((LABELS[places] == LABELS[:, None]).mean(1))
    assert feature_map.purities(CLOSE, LABELS, 5).mean() == 1.0


def test_tidier_features_are_measured_as_tidier() -> None:
    measured = feature_map.measure(NOISE, CLOSE, LABELS, ALL, inherits=True)
    assert measured.after is not None
    assert measured.gain is not None
    assert measured.after.purity == 1.0
    assert measured.after.silhouette > 0.9 > measured.before.silhouette
    assert 0 < measured.gain.low < measured.gain.value
    assert measured.chance == pytest.approx(11 / 35, abs=1e-4)


def test_training_examples_do_not_count() -> None:
    is_val = np.arange(36) % 2 == 0
    measured = feature_map.measure(CLOSE, None, LABELS, is_val, inherits=True)
    assert (measured.n, measured.after, measured.gain) == (18, None, None)


@pytest.mark.parametrize("how", ["tsne", "pca"])
def test_the_same_features_are_drawn_the_same(how: str) -> None:
    one = feature_map.flattened(CLOSE, how)
    assert one.shape == (36, 2)
    assert one.tolist() == feature_map.flattened(CLOSE, how).tolist()
    assert feature_map.purities(one - one.mean(0), LABELS, 5).mean() > 0.9
    assert np.isfinite(feature_map.flattened(np.zeros((6, 3)) + np.arange(6)[:, None], "pca")).all()


@pytest.mark.parametrize(("strategy", "is_changed"), [("linear_probe", False), ("lora", True)])
def test_a_run_keeps_its_map(
    finished: Callable[[str], Finished],
    drawn: Dataset,
    tmp_path: Path,
    strategy: str,
    is_changed: bool,
) -> None:
    end = finished(strategy)
    folder = shutil.copytree(end.folder, tmp_path / "run")
    rows = tuple(replace(e, row=n) for n, e in enumerate(drawn.examples))
    dataset, spec = replace(drawn, examples=rows), end.run.spec
    told: list[int] = []
    rebuilt = rebuild(spec, dataset, folder)
    feature_map.draw(spec, dataset, folder, rebuilt, is_changed, lambda n, _of: told.append(n))
    found = kept.read(folder)
    assert found is not None
    assert (found.after is not None) is is_changed
    assert found.is_val.sum() == sum(e.split == "val" for e in rows)
    assert sorted(found.rows.tolist()) == list(range(len(rows)))
    assert (found.measured.gain is not None) is is_changed
