"""Facts and faults of a dataset: counts, sizes, copies, leaks, give-aways, odd ones.

What takes a network (near-duplicates, wrong labels) is found by jobs of `tl_core.evidence`; here
their records are read and told.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from tl_core import spec, wording
from tl_core.data import edits, faults, labels, oddities, shortcuts, suspicions, traits, twins
from tl_core.data.dataset import Dataset
from tl_core.data.finding import Finding, by_severity, finding, read_findings
from tl_core.data.split import Split, split
from tl_core.data.store import dataset_dir
from tl_core.data.twins import Twins
from tl_core.i18n import _
from tl_core.spec import DatasetFacts

__all__ = ["Finding", "facts", "findings"]

_CACHED_FACTS = 16
_cache: dict[tuple[str, str, bool, float, int], DatasetFacts] = {}
_cache_lock = threading.Lock()


def facts(dataset: Dataset, *, val_fraction: float, seed: int) -> DatasetFacts:
    """Return the facts of a dataset under the split that Thaw will use; repeated calls are free.

    `leak` counts exact copies, and near-duplicates once somebody looked for them; see
    `faults.leak_of`.

    Raises:
        InputError: if the dataset cannot be split.
    """
    known = _twins(dataset)
    key = (dataset.id, dataset.fingerprint, known is not None, val_fraction, seed)
    with _cache_lock:
        if key in _cache:
            return _cache[key]
    found = _facts(dataset, split(dataset, val_fraction=val_fraction, seed=seed), known)
    with _cache_lock:
        while len(_cache) >= _CACHED_FACTS:
            _cache.pop(next(iter(_cache)))
        _cache[key] = found
    return found


def _twins(dataset: Dataset) -> Twins | None:
    """Return the near-duplicates of pictures; of texts the import has looked for them."""
    return twins.read(dataset_dir(dataset.id)) if dataset.modality == "picture" else None


def _facts(dataset: Dataset, parts: Split, known: Twins | None) -> DatasetFacts:
    counts = Counter(e.label for e in dataset.examples)
    splits = {"train": len(parts.train), "val": len(parts.val)}
    if parts.test:
        splits["test"] = len(parts.test)
    sizes = np.array(_sizes(dataset))
    return DatasetFacts(
        n=len(dataset.examples),
        classes=len(dataset.classes),
        per_class_min=min(counts[i] for i in range(len(dataset.classes))),
        duplicates=len(faults.copies(dataset)),
        leak=faults.leak_of(dataset, parts, known),
        near_duplicates=len({max(pair) for pair in faults.near_pairs(dataset, known)}),
        counts={name: counts[i] for i, name in enumerate(dataset.classes)},
        splits=splits,
        sizes={
            "min": int(sizes.min()),
            "median": int(np.median(sizes)),
            "max": int(sizes.max()),
        },
        modality=dataset.modality,
        languages=dataset.languages,
    )


def _sizes(dataset: Dataset) -> list[tuple[int, ...]]:
    """Return what each example measures: its edges in pixels, or its words."""
    if dataset.modality == "text":
        return [(len(e.text.split()),) for e in dataset.examples]
    return [(e.width, e.height) for e in dataset.examples]


def leaked_pairs(dataset: Dataset, parts: Split) -> list[tuple[int, int]]:
    """Return (in training, held out) for each held-out example that training holds too.

    Both are indices into `dataset.examples`; near-duplicates count once somebody looked for them.
    """
    return faults.leaked(dataset, parts, faults.near_pairs(dataset, _twins(dataset)))


def findings(dataset: Dataset) -> tuple[Finding, ...]:
    """Return everything noticed about a dataset, at import and now, most pressing first."""
    parts = split(dataset, val_fraction=spec.DEFAULT_VAL_FRACTION, seed=0)
    folder = dataset_dir(dataset.id)
    stored = [
        f for f in read_findings(folder, dataset.modality) if f.check not in _LOOKED_FOR_AGAIN
    ]
    noticed = [*_between(dataset, parts), *_of_classes(dataset, parts), *_doubts(dataset)]
    if dataset.modality == "picture":
        noticed += _of_pictures(dataset)
    kept = (_without_kept(f, dataset) for f in [*stored, *noticed])
    return by_severity(f for f in kept if f.count)


_LOOKED_FOR_AGAIN = frozenset({"label_twins"})
"""Noted at import, but edits may have mended it."""
FAR_LARGER = 10.0
"""Times the smallest class from which a class counts as far larger: a prior; at 10 a model that
knows only the largest class is right nine times of ten between the two."""


def _between(dataset: Dataset, parts: Split) -> list[Finding]:
    """Find what lies between examples: copies, contradictions, leaks, near twins."""
    near = faults.near_pairs(dataset, _twins(dataset))
    label = [example.label for example in dataset.examples]
    leaked = faults.leaked(dataset, parts, near)
    is_leak = faults.leak_of(dataset, parts, None if not near else _twins(dataset)).suspected
    contradicting = [pair for pair in near if label[pair[0]] != label[pair[1]]]
    return [
        _conflict(dataset),
        _paired("duplicates", dataset, faults.copies(dataset)),
        _paired("leak" if is_leak else "shared", dataset, leaked),
        _paired("near_conflict", dataset, contradicting),
        _paired("near_twins", dataset, _to_leaders(near)),
    ]


def _to_leaders(near: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return each example that is a near twin of an earlier one once, with the earliest."""
    first: dict[int, int] = {}
    for a, b in sorted((min(pair), max(pair)) for pair in near):
        first.setdefault(b, first.get(a, a))
    return [(leader, twin) for twin, leader in first.items()]


def _paired(check: str, dataset: Dataset, pairs: Sequence[tuple[int, int]]) -> Finding:
    row = [example.row for example in dataset.examples]
    return finding(
        check,
        len(pairs),
        [dataset.examples[second].name for _first, second in pairs],
        modality=dataset.modality,
        rows=[row[second] for _first, second in pairs],
        pairs=[(row[first], row[second]) for first, second in pairs],
    )


def _conflict(dataset: Dataset) -> Finding:
    found = faults.conflicts(dataset)
    names = [
        f"{dataset.examples[own[0]].name}: "
        + " | ".join(sorted({dataset.classes[dataset.examples[i].label] for i in own}))
        for own in found
    ]
    row = [example.row for example in dataset.examples]
    pairs = [(row[own[0]], row[i]) for own in found for i in own[1:]]
    rows = [row[i] for own in found for i in own]
    return finding("conflict", len(found), names, modality=dataset.modality, rows=rows, pairs=pairs)


def _of_classes(dataset: Dataset, parts: Split) -> list[Finding]:
    missing, twin_names = faults.unchecked(dataset, parts), labels.twins(dataset.classes)
    found = [
        finding("unchecked_class", len(missing), missing, modality=dataset.modality),
        finding("label_twins", len(twin_names), twin_names, modality=dataset.modality),
    ]
    largest, smallest, ratio = faults.imbalance(dataset)
    if ratio >= FAR_LARGER:
        told = _("{large} has {times} times as many as {small}").format(
            large=largest, times=wording.number(ratio), small=smallest
        )
        found.append(finding("imbalance", 1, [told], modality=dataset.modality))
    return found


def _of_pictures(dataset: Dataset) -> list[Finding]:
    known = traits.read(dataset_dir(dataset.id), dataset.examples)
    if known is None:
        return []
    found = [_rows(check, dataset, odd) for check, odd in oddities.oddities(dataset, known).items()]
    given_away = shortcuts.shortcuts(dataset, known)
    told = [
        _("{name}: {trait} tells it in {share} of cases").format(
            name=dataset.classes[s.label],
            trait=_(shortcuts.TRAITS[s.trait]),
            share=wording.percent(s.balanced_accuracy),
        )
        for s in given_away
    ]
    found.append(finding("shortcut", len({s.label for s in given_away}), told))
    return found


def _rows(check: str, dataset: Dataset, places: Iterable[int]) -> Finding:
    own = [dataset.examples[i] for i in places]
    return finding(check, len(own), [e.name for e in own], rows=[e.row for e in own])


def _doubts(dataset: Dataset) -> list[Finding]:
    """Tell the labels that are probably wrong, if somebody looked for them."""
    known = suspicions.read(dataset_dir(dataset.id), dataset.fingerprint)
    if known is None:
        return []
    name = {example.row: example.name for example in dataset.examples}
    doubted = [s for s in known.wrong if s.row in name]
    return [
        finding(
            "wrong_labels",
            len(doubted),
            [f"{name[s.row]}: {s.given} → {s.suggested}?" for s in doubted],
            modality=dataset.modality,
            rows=[s.row for s in doubted],
            asides=[s.suggested for s in doubted],
        )
    ]


def _without_kept(found: Finding, dataset: Dataset) -> Finding:
    """Leave out what a person has looked at and wants as it is."""
    kept = edits.kept(dataset_dir(dataset.id), found.check, dataset.revision)
    if not kept or not found.rows:
        return found
    names = {example.row: example.name for example in dataset.examples}
    asides = found.asides or ("",) * len(found.rows)
    left = [(row, aside) for row, aside in zip(found.rows, asides, strict=True) if row not in kept]
    return finding(
        found.check,
        len(left),
        [names[row] for row, _aside in left],
        modality=dataset.modality,
        rows=[row for row, _aside in left],
        pairs=[pair for pair in found.pairs if pair[1] not in kept],
        asides=[aside for _row, aside in left] if found.asides else (),
    )
