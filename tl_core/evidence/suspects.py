"""Faults of data that need features: labels that are probably wrong, and what a leak is worth.

Each example is judged by a classifier on frozen features that was fitted without it and without
its twins (confident learning, Northcutt et al. 2021, arXiv 1911.00068, simplified): its label is
doubted where that classifier gives it less than a share of chance, measured against how sure it
usually is of the class.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tl_core import catalog, files, wording
from tl_core.data import audit, store, suspicions
from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.data.split import Split, split
from tl_core.data.suspicions import LeakScores, Suspect, Suspicions
from tl_core.engine import features, precision, probe
from tl_core.engine.modality import modality_of
from tl_core.engine.scores import accuracy
from tl_core.engine.setup import reporter
from tl_core.i18n import _
from tl_core.spec import DEFAULT_VAL_FRACTION

LIMIT = 4000
"""Examples looked at, at most, sampled by class: more would take minutes."""
EDGE_PX = 128
CACHE_VERSION = 1
CACHE_LIMIT_BYTES = 1 << 30
DOUBT = 0.5
"""Share of chance (1 / classes) below which a label is doubted; see `benchmarks/audit.json`."""
TRUSTED_FROM = 0.6
"""Accuracy of the classifier below which its doubts are not worth a person's time: a prior."""

Emit = Callable[..., Any]
Ask = Callable[[], bool]


def ensure(dataset: Dataset, emit: Emit, should_continue: Ask) -> Suspicions:
    """Return what is doubtful in a dataset, from the store where somebody has looked before.

    The test part is never read.

    Args:
        dataset: an imported dataset, twins kept together (see `twins.ensure`).
        emit: called with an event kind and its fields.
        should_continue: asked now and then; False ends it.

    Raises:
        Cancelled: if `should_continue` said no.
    """
    folder = store.dataset_dir(dataset.id)
    known = suspicions.read(folder, dataset.fingerprint)
    if known is None:
        known = find(dataset, emit, should_continue)
        suspicions.write(folder, dataset.fingerprint, known)
    return known


def find(dataset: Dataset, emit: Emit, should_continue: Ask) -> Suspicions:
    """Look for labels that are probably wrong, and for what a leak is worth."""
    parts = split(dataset, val_fraction=DEFAULT_VAL_FRACTION, seed=0)
    rows = _sampled(dataset, sorted([*parts.train, *parts.val]))
    emit("phase", phase="features", what=wording.reading(dataset.modality))
    vectors = _features(dataset, rows, reporter(emit, should_continue, _("examples seen")))
    emit("phase", phase="doubts", what=_("Looking for labels that may be wrong"))
    labels = np.array([dataset.examples[row].label for row in rows], dtype=np.int64)
    groups = components([ties_of(dataset.examples[row]) for row in rows])
    held_out = probe.folds(labels, groups, 0)
    prepared = probe.prepare(vectors)
    judged = probe.cross_validate(prepared, labels, held_out)
    given = np.exp(judged.log_probabilities)
    doubted = doubtful(given, labels) if judged.accuracy.value >= TRUSTED_FROM else []
    return Suspicions(
        looked_at=len(rows),
        accuracy=judged.accuracy,
        wrong=tuple(_suspect(dataset, rows[i], given[i]) for i in doubted),
        leak=_leak_scores(dataset, parts, rows, prepared, labels),
    )


def doubtful(given: probe.Floats, labels: probe.Ints) -> list[int]:
    """Return the examples whose label is probably wrong, the least likely first.

    Args:
        given: [n, classes] probabilities of a classifier that did not see the example.
        labels: [n] class numbers.
    """
    classes = given.shape[1]
    own = given[np.arange(len(labels)), labels]
    sums = np.bincount(labels, own, minlength=classes)
    usual = sums / np.maximum(np.bincount(labels, minlength=classes), 1)
    border = DOUBT / classes * usual / max(float(usual.mean()), 1e-9)
    is_doubtful = (own < border[labels]) & (given.argmax(1) != labels)
    rows = np.flatnonzero(is_doubtful)
    order: list[int] = rows[np.argsort((own / border[labels])[rows], kind="stable")].tolist()
    return order


def _suspect(dataset: Dataset, row: int, given: probe.Floats) -> Suspect:
    example = dataset.examples[row]
    return Suspect(
        row=example.row,
        given=dataset.classes[example.label],
        suggested=dataset.classes[int(given.argmax())],
        given_probability=round(float(given[example.label]), 4),
    )


def _sampled(dataset: Dataset, rows: Sequence[int]) -> list[int]:
    if len(rows) <= LIMIT:
        return list(rows)
    rng = np.random.default_rng(0)
    chosen: list[int] = []
    for label in range(len(dataset.classes)):
        own = [row for row in rows if dataset.examples[row].label == label]
        count = min(len(own), max(probe.FOLDS, round(LIMIT * len(own) / len(rows))))
        chosen += rng.choice(own, count, replace=False).tolist()
    return sorted(chosen)


def _features(
    dataset: Dataset, rows: Sequence[int], report: Callable[[int, int], None]
) -> probe.Floats:
    """Return [rows, width]; what was computed before one of the data's changes is not again."""
    path = files.cache_dir() / "looks" / f"{dataset.id}-{CACHE_VERSION}.npz"
    known = _kept(path)
    keys = [dataset.examples[row].key for row in rows]
    missing = [row for row, key in zip(rows, keys, strict=True) if key not in known]
    if missing:
        for row, vector in zip(missing, _computed(dataset, missing, report), strict=True):
            known[dataset.examples[row].key] = vector
        files.trim_folder(path.parent, CACHE_LIMIT_BYTES)
        with files.replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(
                file, keys=np.array(list(known), dtype="S64"), rows=np.stack([*known.values()])
            )
    return np.stack([known[key] for key in keys])


def _kept(path: Path) -> dict[str, probe.Floats]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {
                key.decode(): row for key, row in zip(stored["keys"], stored["rows"], strict=True)
            }
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _computed(
    dataset: Dataset, rows: Sequence[int], report: Callable[[int, int], None]
) -> probe.Floats:
    precision.keep_freed_memory()
    modality = modality_of(dataset.modality)
    base = catalog.find(catalog.default_base(dataset.modality))
    size = EDGE_PX if dataset.modality == "picture" else None
    backbone = modality.load_backbone(base, size=size, pretrained=True)
    backbone.body.to(precision.device())
    examples = modality.open_examples(dataset, tuple(rows), backbone)
    vectors: probe.Floats = features.compute(backbone.chain, examples, report).numpy()
    return vectors


def _leak_scores(
    dataset: Dataset,
    parts: Split,
    rows: Sequence[int],
    prepared: probe.Prepared,
    labels: probe.Ints,
) -> LeakScores | None:
    """Score the held-out part by a probe fitted on training, with and without the leaked ones."""
    leaked = {held for _twin, held in audit.leaked_pairs(dataset, parts)}
    in_val = set(parts.val)
    held = np.array([i for i, row in enumerate(rows) if row in in_val], dtype=np.int64)
    is_leaked = np.array([rows[i] in leaked for i in held], dtype=bool)
    if not is_leaked.any():
        return None
    right = probe.cross_validate(prepared, labels, [held]).predicted[held] == labels[held]
    clean = right[~is_leaked]
    return LeakScores(
        accuracy(int(right.sum()), len(right)),
        accuracy(int(clean.sum()), len(clean)) if len(clean) else None,
    )
