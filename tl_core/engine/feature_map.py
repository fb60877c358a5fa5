"""How the features of examples lie before and after tuning.

What is measured, is measured on the features: the share of nearest neighbours of the same class,
and the silhouette. Only for the eye they are drawn flat, by PCA and then t-SNE (van der Maaten and
Hinton 2008, Journal of Machine Learning Research 9), which keeps neighbours together; distances far
away mean little.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tl_core import catalog
from tl_core.analysis import feature_map
from tl_core.analysis.feature_map import NEIGHBOURS, FeatureMap, Measured, Tidiness
from tl_core.data.dataset import Dataset
from tl_core.data.split import split
from tl_core.engine import evaluate, features, inherit, precision
from tl_core.engine.modality import Backbone, modality_of
from tl_core.engine.rebuild import Rebuilt
from tl_core.shares import Z95, Span
from tl_core.spec import RunSpec

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_VAL, MOST_TRAIN = 1000, 500
"""Examples drawn; t-SNE of more takes minutes, and more points hide one another."""
FEWEST_FOR_TSNE = 30
"""Below it, neighbourhoods are the whole."""
COMPONENTS = 50  # that t-SNE works on, as its authors advise
PERPLEXITY = 30.0

Progress = Callable[[int, int], None]


def draw(
    spec: RunSpec,
    dataset: Dataset,
    run_dir: Path,
    rebuilt: Rebuilt,
    is_changed: bool,
    report: Progress,
) -> None:
    """Measure, draw flat, and keep it with the run.

    Args:
        spec: what the run was asked for, its strategy the one that was run.
        dataset: what it was trained on, at its revision.
        run_dir: its folder.
        rebuilt: its network.
        is_changed: whether its features differ from those of its base.
        report: told how far it is.
    """
    places, is_val = chosen(dataset, spec)
    labels = np.array([dataset.examples[place].label for place in places])
    rows = np.array([dataset.examples[place].row for place in places])
    inherits = spec.strategy != "from_scratch"
    own = _learned(rebuilt, dataset, places)
    first = _inherited(spec, dataset, places, report) if inherits and is_changed else own
    after = own if inherits and is_changed else None
    measured = measure(first, after, labels, is_val, inherits=inherits)
    flat = [None if one is None else flattened(one, measured.how) for one in (first, after)]
    assert flat[0] is not None
    found = FeatureMap(rows, labels, is_val, flat[0], flat[1], measured)
    feature_map.write(run_dir, found)


def chosen(dataset: Dataset, spec: RunSpec) -> tuple[list[int], npt.NDArray[np.bool_]]:
    """Return places of validation examples and of some training examples, and which are which."""
    parts = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    rng = np.random.default_rng(spec.seed)
    val = np.sort(rng.permutation(parts.val)[:MOST_VAL]).tolist()
    train = np.sort(rng.permutation(parts.train)[:MOST_TRAIN]).tolist()
    return [*val, *train], np.arange(len(val) + len(train)) < len(val)


def _inherited(spec: RunSpec, dataset: Dataset, places: Sequence[int], report: Progress) -> Floats:
    """Return the features of the base as the run found it, [n, width]."""
    base = catalog.find(spec.base)
    backbone: Backbone = inherit.load_backbone(base, size=spec.size, pretrained=True)
    backbone.body.to(precision.device())
    examples = modality_of(dataset.modality).open_examples(dataset, places, backbone)
    return _plain(features.pooled(backbone, examples, report).last)


def _learned(rebuilt: Rebuilt, dataset: Dataset, places: Sequence[int]) -> Floats:
    """Return the features that the head of the run sees, [n, width]."""
    learner = rebuilt.learner
    examples = modality_of(dataset.modality).open_examples(dataset, places, rebuilt.backbone)
    return _plain(evaluate.run(learner, learner.features, examples, range(len(places))))


def _plain(values: torch.Tensor) -> Floats:
    found: Floats = values.double().numpy()
    return found


def measure(
    before: Floats,
    after: Floats | None,
    labels: Ints,
    is_val: npt.NDArray[np.bool_],
    *,
    inherits: bool,
) -> Measured:
    """Measure how well the validation examples lie by class; training examples do not count.

    What was learned from lies by class after tuning because it was learned from.
    """
    own = labels[is_val]
    k = min(NEIGHBOURS, len(own) - 1)
    first = purities(before[is_val], own, k)
    tidy = Tidiness(round(float(first.mean()), 4), silhouette(before[is_val], own))
    later = gain = None
    if after is not None:
        second = purities(after[is_val], own, k)
        later = Tidiness(round(float(second.mean()), 4), silhouette(after[is_val], own))
        gain = _paired(second - first)
    sizes = np.bincount(own)
    chance = float((sizes * (sizes - 1)).sum() / (len(own) * (len(own) - 1)))
    how = "tsne" if len(labels) >= FEWEST_FOR_TSNE else "pca"
    return Measured(k, len(own), tidy, later, gain, round(chance, 4), how, inherits)


def _paired(differences: Floats) -> Span:
    mean = float(differences.mean())
    half = Z95 * float(differences.std(ddof=1)) / math.sqrt(len(differences))
    return Span(round(mean, 4), round(mean - half, 4), round(mean + half, 4))


def purities(values: Floats, labels: Ints, k: int) -> Floats:
    """Return for each example the share of its `k` nearest others (cosine) of its class, [n]."""
    unit = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    near = unit @ unit.T
    np.fill_diagonal(near, -np.inf)
    nearest = np.argsort(-near, axis=1, kind="stable")[:, :k]
    shares: Floats = (labels[nearest] == labels[:, None]).mean(axis=1)
    return shares


def silhouette(values: Floats, labels: Ints) -> float:
    """Return the mean silhouette of examples in their classes (cosine distance); 0 of one class."""
    from sklearn.metrics import silhouette_score

    if not 2 <= len(np.unique(labels)) < len(labels):
        return 0.0
    return round(float(silhouette_score(values, labels, metric="cosine")), 3)


def flattened(values: Floats, how: str) -> Floats:
    """Return features [n, width] drawn flat, [n, 2], the same each time."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    spread = values.std(axis=0)
    standard = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    count = min(COMPONENTS if how == "tsne" else 2, *standard.shape)
    reduced: Floats = PCA(count, random_state=0).fit_transform(standard)
    if how != "tsne":
        return np.pad(reduced, ((0, 0), (0, 2 - count)))
    perplexity = min(PERPLEXITY, (len(values) - 1) / 3)
    with threadpool_limits(
        1
    ):  # several threads add in an order of their own, and maps would differ
        tsne = TSNE(init="pca", perplexity=perplexity, random_state=0)
        drawn: Floats = tsne.fit_transform(reduced)
    return drawn
