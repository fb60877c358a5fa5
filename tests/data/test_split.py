"""The split: parts disjoint, groups whole, classes on both sides, shares kept, repeatable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.data.split import choose_groups, split
from tl_core.errors import InputError

Record = Callable[..., Dataset]


def check_sound(dataset: Dataset, *, val_fraction: float = 0.2, seed: int = 0) -> Counter[int]:
    """Assert what every split promises; return the validation examples per class."""
    parts = split(dataset, val_fraction=val_fraction, seed=seed)
    every = [*parts.train, *parts.val, *parts.test]
    assert sorted(every) == list(range(len(dataset.examples)))
    assert list(parts.train) == sorted(parts.train)
    group = components([ties_of(e) for e in dataset.examples])
    assert not {group[i] for i in parts.train} & {group[i] for i in parts.val}
    labels = {e.label for e in dataset.examples}
    assert {dataset.examples[i].label for i in parts.train} == labels
    assert {dataset.examples[i].label for i in parts.val} == labels
    return Counter(dataset.examples[i].label for i in parts.val)


@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.37, 0.5])
def test_each_class_keeps_its_share_exactly_without_groups(record: Record, fraction: float) -> None:
    sizes = {0: 100, 1: 37, 2: 5, 3: 2}
    held = check_sound(
        record([c for c, n in sizes.items() for _ in range(n)]), val_fraction=fraction
    )
    for label, n in sizes.items():
        assert held[label] == min(max(round(fraction * n), 1), n - 1)


def test_the_seed_decides_and_file_names_do_not(record: Record) -> None:
    dataset = record([0, 1] * 50)
    renamed = replace(
        dataset, examples=tuple(replace(e, name="x", path=e.path / "y") for e in dataset.examples)
    )
    first = split(dataset, val_fraction=0.2, seed=3)
    assert first == split(renamed, val_fraction=0.2, seed=3)
    assert first.val != split(dataset, val_fraction=0.2, seed=4).val


def test_the_order_of_the_examples_does_not_matter(record: Record) -> None:
    dataset = record([0, 1] * 50)
    turned = replace(dataset, examples=dataset.examples[::-1])
    keys = {dataset.examples[i].key for i in split(dataset, val_fraction=0.2, seed=0).val}
    assert keys == {turned.examples[i].key for i in split(turned, val_fraction=0.2, seed=0).val}


def test_groups_of_one_class_stay_whole(record: Record) -> None:
    labels = [0] * 60 + [1] * 60
    groups = [f"{label}-{i // 4}" for i, label in enumerate(labels)]
    for seed in range(5):
        held = check_sound(record(labels, groups=groups), seed=seed)
        assert held == {0: 12, 1: 12}


def test_groups_of_several_classes_stay_whole_and_keep_the_shares(record: Record) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 600).tolist()
    groups = [f"person {g}" for g in rng.integers(0, 40, 600)]
    for seed in range(5):
        held = check_sound(record(labels, groups=groups), seed=seed)
        for label, n in Counter(labels).items():
            assert abs(held[label] / n - 0.2) < 0.06


def test_few_large_groups_still_give_both_sides_every_class(record: Record) -> None:
    for people in (2, 3):
        labels = [0, 1, 2] * (4 * people)
        groups = [f"person {i // 12}" for i in range(len(labels))]
        held = check_sound(record(labels, groups=groups))
        assert held == {0: 4, 1: 4, 2: 4}  # one person


def test_copies_never_straddle(record: Record) -> None:
    keys = [f"{i // 3:064x}" for i in range(60)]
    held = check_sound(record([0] * 30 + [1] * 30, keys=keys), val_fraction=0.3)
    assert held == {0: 9, 1: 9}


def test_copies_under_two_labels_stay_together(record: Record) -> None:
    keys = [f"{i % 20:064x}" for i in range(40)]
    held = check_sound(record([0] * 20 + [1] * 20, keys=keys))
    assert held == {0: 4, 1: 4}


def test_a_class_of_one_group_stays_in_training(record: Record) -> None:
    labels = [0] * 20 + [1] * 6
    groups = [""] * 20 + ["one"] * 6
    dataset = record(labels, groups=groups)
    parts = split(dataset, val_fraction=0.2, seed=0)
    assert {dataset.examples[i].label for i in parts.train} == {0, 1}
    assert {dataset.examples[i].label for i in parts.val} == {0}


def test_one_big_group_among_singles_does_not_swallow_the_class(record: Record) -> None:
    labels = [0] * 20 + [1] * 20
    groups = ["big"] * 18 + [""] * 22
    for seed in range(5):
        held = check_sound(record(labels, groups=groups), seed=seed)
        assert 1 <= held[0] <= 4


def test_given_parts_are_kept(record: Record) -> None:
    splits = ["train"] * 6 + ["val"] * 3 + ["test"] * 2 + [""]
    parts = split(record([0, 1] * 6, splits=splits), val_fraction=0.5, seed=1)
    assert parts.val == (6, 7, 8)
    assert parts.test == (9, 10)
    assert parts.train == (0, 1, 2, 3, 4, 5, 11)


def test_validation_comes_from_training_when_only_a_test_part_is_given(record: Record) -> None:
    dataset = record([0, 1] * 20, splits=["train"] * 30 + ["test"] * 10)
    parts = split(dataset, val_fraction=0.2, seed=0)
    assert parts.test == tuple(range(30, 40))
    assert len(parts.val) == 6
    assert max(parts.val) < 30


def test_one_group_for_everything_is_refused_in_plain_words(record: Record) -> None:
    dataset = record([0, 1] * 5, groups=["same"] * 10)
    with pytest.raises(InputError, match="belong to one group"):
        split(dataset, val_fraction=0.2, seed=0)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -1.0, float("nan")])
def test_an_impossible_share_is_refused(record: Record, fraction: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        split(record([0, 1]), val_fraction=fraction, seed=0)


def test_training_keeps_every_class_when_groups_cannot_satisfy_both_sides() -> None:
    labels = np.array([0, 1, 1, 2, 0, 2])
    groups = np.array([0, 0, 1, 1, 2, 2])
    chosen = choose_groups(labels, groups, fraction=0.3, seed=0)
    assert chosen.sum() == 1
    assert set(labels[~chosen[groups]]) == {0, 1, 2}


@pytest.mark.parametrize("seed", range(20))
def test_random_data_keep_every_promise(record: Record, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(30, 120))
    labels = [*range(4)] * 5 + rng.integers(0, 4, n).tolist()
    groups = [""] * 20 + [f"g{g}" if g else "" for g in rng.integers(0, 12, n)]
    held = check_sound(record(labels, groups=groups), val_fraction=0.25, seed=seed)
    assert set(held) == {0, 1, 2, 3}
