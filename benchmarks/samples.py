"""The examples of a cell as a dataset: which train, which validate, and what was planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import made_sets
import numpy as np
from cells import Cell, DataSet, Fault
from measuring import folder_dataset, table_dataset
from near_copies import with_groups

from tl_core import files
from tl_core.data.dataset import Dataset, Example, fingerprint_of
from tl_core.data.groups import components, ties_of
from tl_core.data.split import choose_groups

ByClass = list[list[Example]]


def dataset_of(cell: Cell) -> Dataset:
    """Return the examples of `cell`, each marked `train`, `val` or `test`.

    Of the same set and seed, fewer training examples are a part of more, and the other parts stay
    as they are.
    """
    pool, validation = _parts(cell.data, cell.seed)
    classes = len(pool.classes)
    pool, tested = _tested(cell.data, pool, cell.seed)
    drawn = _drawn(by_class(pool.examples, classes), cell.per_class, cell.seed)
    train = [replace(example, split="train") for example in drawn]
    val = [replace(example, split="val") for example in validation]
    if cell.fault:
        train, val = planted(train, val, cell.fault, classes=classes, seed=cell.seed)
    test = [replace(example, split="test") for example in tested]
    examples = tuple(train + val + test)
    return replace(pool, examples=examples, fingerprint=fingerprint_of(pool.classes, examples))


def by_class(examples: tuple[Example, ...], classes: int) -> ByClass:
    """Return the examples of each class, in their order."""
    found: ByClass = [[] for _ in range(classes)]
    for example in examples:
        found[example.label].append(example)
    return found


def _opened(data: DataSet, place: str) -> Dataset:
    """Return a folder of pictures or a table of texts below the data root, or of a made set."""
    read = table_dataset if data.texts else folder_dataset
    root = made_sets.folder(data.made) if data.made else files.data_root()
    return read(root / place)


def _tested(data: DataSet, pool: Dataset, seed: int) -> tuple[Dataset, list[Example]]:
    """Return what is left to train on, and the test part: one that is brought, or some of it."""
    if data.test:
        return pool, list(_opened(data, data.test).examples)
    if not data.test_per_class:
        return pool, []
    held = _drawn(by_class(pool.examples, len(pool.classes)), data.test_per_class, seed)
    return _without(pool, held), held


def _without(pool: Dataset, held: list[Example]) -> Dataset:
    keys = {example.key for example in held}
    return replace(pool, examples=tuple(e for e in pool.examples if e.key not in keys))


def _parts(data: DataSet, seed: int) -> tuple[Dataset, list[Example]]:
    """Return what may train, and the validation part."""
    pool = _opened(data, data.texts or data.pictures)
    if data.near_copy_cosine:
        pool = with_groups(pool, data.near_copy_cosine)
    if data.validate:
        brought = _opened(data, data.validate)
        grouped = by_class(brought.examples, len(pool.classes))
        return pool, _drawn(grouped, data.validate_per_class, seed)
    if data.validate_per_class:
        grouped = by_class(pool.examples, len(pool.classes))
        held = _drawn(grouped, data.validate_per_class, seed)
    else:
        held = _held_groups(pool, data.validate_share, seed)
    return _without(pool, held), held


def _drawn(grouped: ByClass, per_class: int, seed: int) -> list[Example]:
    """Return `per_class` examples of each class, drawn by the seed; 0 for all of them."""
    drawn = []
    for label, members in enumerate(grouped):
        order = np.random.default_rng([seed, label]).permutation(len(members))
        chosen = order[: per_class or len(members)]
        drawn += [members[place] for place in sorted(chosen.tolist())]
    return drawn


def _held_groups(pool: Dataset, share: float, seed: int) -> list[Example]:
    """Return about a share of each class, groups kept whole."""
    labels = np.array([example.label for example in pool.examples])
    groups = np.array(components([ties_of(example) for example in pool.examples]))
    chosen = choose_groups(labels, groups, fraction=share, seed=seed)[groups]
    return [e for e, is_held in zip(pool.examples, chosen, strict=True) if is_held]


def planted(
    train: list[Example], val: list[Example], fault: Fault, *, classes: int, seed: int
) -> tuple[list[Example], list[Example]]:
    """Return both parts with a fault of the data planted; a fault of the run changes nothing."""
    rng = np.random.default_rng([seed, 1])
    mend: dict[str, Callable[[], tuple[list[Example], list[Example]]]] = {
        "label_noise": lambda: (
            _mislabelled(train, fault.amount, classes, rng),
            _mislabelled(val, fault.amount, classes, rng),
        ),
        "leak": lambda: (train + _leaked(val, fault.amount, rng), val),
        "tiny_validation": lambda: (train, _few(val, int(fault.amount), classes, seed)),
    }
    return mend.get(fault.kind, lambda: (train, val))()


def _mislabelled(
    part: list[Example], share: float, classes: int, rng: np.random.Generator
) -> list[Example]:
    """Give a share of the examples another class; validation has such errors as training has."""
    wrong = set(rng.permutation(len(part))[: round(share * len(part))].tolist())
    steps = rng.integers(1, classes, len(part)).tolist()
    return [
        replace(example, label=(example.label + steps[place]) % classes)
        if place in wrong
        else example
        for place, example in enumerate(part)
    ]


def _leaked(val: list[Example], share: float, rng: np.random.Generator) -> list[Example]:
    chosen = rng.permutation(len(val))[: max(1, round(share * len(val)))]
    return [replace(val[place], split="train") for place in sorted(chosen.tolist())]


def _few(val: list[Example], total: int, classes: int, seed: int) -> list[Example]:
    return _drawn(by_class(tuple(val), classes), max(1, total // classes), seed)
