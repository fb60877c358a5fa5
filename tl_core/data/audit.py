"""Facts and faults of a dataset that need no network: counts, sizes, copies, leaks.

Near-duplicates and wrong labels need features and are looked for elsewhere.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

import numpy as np

from tl_core import spec
from tl_core.data import limits
from tl_core.data.dataset import Dataset, dataset_dir
from tl_core.data.finding import Finding, by_severity, finding, read_findings
from tl_core.data.split import Split, split
from tl_core.spec import DatasetFacts, Leak

__all__ = ["Finding", "facts", "findings"]

_CACHED_FACTS = 16
_cache: dict[tuple[str, str, float, int], DatasetFacts] = {}
_cache_lock = threading.Lock()


def facts(dataset: Dataset, *, val_fraction: float, seed: int) -> DatasetFacts:
    """Return the facts of a dataset under the split that Thaw will use; repeated calls are free.

    `leak.pairs` counts held-out examples with an exact copy in training. `leak.suspected` is
    True when they exceed `limits.LEAK_SHARE` of the validation or of the test part, and None
    otherwise: near-duplicates are not measured here, so nothing is ever ruled out.

    Raises:
        InputError: if the dataset cannot be split.
    """
    key = (dataset.id, dataset.fingerprint, val_fraction, seed)
    with _cache_lock:
        if key in _cache:
            return _cache[key]
    found = _facts(dataset, split(dataset, val_fraction=val_fraction, seed=seed))
    with _cache_lock:
        while len(_cache) >= _CACHED_FACTS:
            _cache.pop(next(iter(_cache)))
        _cache[key] = found
    return found


def _facts(dataset: Dataset, parts: Split) -> DatasetFacts:
    counts = Counter(e.label for e in dataset.examples)
    splits = {"train": len(parts.train), "val": len(parts.val)}
    if parts.test:
        splits["test"] = len(parts.test)
    sizes = np.array(_sizes(dataset))
    return DatasetFacts(
        n=len(dataset.examples),
        classes=len(dataset.classes),
        per_class_min=min(counts[i] for i in range(len(dataset.classes))),
        duplicates=len(_copies(dataset)),
        leak=_leak(dataset, parts),
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


def _look(dataset: Dataset, index: int) -> str:
    """Return what two exact copies share: their pixels, or their bytes where none are known."""
    example = dataset.examples[index]
    return example.pixels or example.key


def _copies(dataset: Dataset) -> list[int]:
    """Return the examples that equal an earlier one."""
    seen: set[str] = set()
    copies: list[int] = []
    for i in range(len(dataset.examples)):
        look = _look(dataset, i)
        if look in seen:
            copies.append(i)
        seen.add(look)
    return copies


def _leaked(dataset: Dataset, parts: Split, held_out: Sequence[int]) -> list[int]:
    """Return the held-out examples that have an exact copy in training."""
    trained = {_look(dataset, i) for i in parts.train}
    return [i for i in held_out if _look(dataset, i) in trained]


def _leak(dataset: Dataset, parts: Split) -> Leak:
    leaked = [(len(_leaked(dataset, parts, part)), len(part)) for part in (parts.val, parts.test)]
    is_suspected = any(n > limits.LEAK_SHARE * size for n, size in leaked)
    return Leak(suspected=True if is_suspected else None, pairs=sum(n for n, _size in leaked))


def findings(dataset: Dataset) -> tuple[Finding, ...]:
    """Return everything noticed about a dataset, at import and now, most pressing first."""
    parts = split(dataset, val_fraction=spec.DEFAULT_VAL_FRACTION, seed=0)
    noticed = [
        finding(check, len(names), names, modality=dataset.modality)
        for check, names in (
            ("conflict", _conflicts(dataset)),
            ("duplicates", [dataset.examples[i].name for i in _copies(dataset)]),
            ("unchecked_class", _unchecked(dataset, parts)),
        )
        if names
    ]
    leaked = _leaked(dataset, parts, [*parts.val, *parts.test])
    if leaked:
        check = "leak" if _leak(dataset, parts).suspected else "shared"
        names = [dataset.examples[i].name for i in leaked]
        noticed.append(finding(check, len(leaked), names, modality=dataset.modality))
    stored = read_findings(dataset_dir(dataset.id), dataset.modality)
    return by_severity([*stored, *noticed])


def _conflicts(dataset: Dataset) -> list[str]:
    """Name one example of each picture that has several labels, with the labels."""
    labels: dict[str, set[int]] = {}
    first: dict[str, str] = {}
    for i, example in enumerate(dataset.examples):
        labels.setdefault(_look(dataset, i), set()).add(example.label)
        first.setdefault(_look(dataset, i), example.name)
    return [
        f"{first[look]}: {' | '.join(dataset.classes[label] for label in sorted(own))}"
        for look, own in labels.items()
        if len(own) > 1
    ]


def _unchecked(dataset: Dataset, parts: Split) -> list[str]:
    checked = {dataset.examples[i].label for i in parts.val}
    return [name for i, name in enumerate(dataset.classes) if i not in checked]
