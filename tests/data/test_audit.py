"""Facts and findings: counted right, leaks seen, nothing ruled out that was not measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.data import audit
from tl_core.data.dataset import Dataset
from tl_core.spec import DatasetFacts

pytestmark = pytest.mark.usefixtures("thaw_home")

Record = Callable[..., Dataset]


def facts(dataset: Dataset) -> DatasetFacts:
    return audit.facts(dataset, val_fraction=0.2, seed=0)


def checks(dataset: Dataset) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {f.check: (f.count, f.examples) for f in audit.findings(dataset)}


def keys(*numbers: int) -> list[str]:
    return [f"{n:064x}" for n in numbers]


def test_the_facts_are_counted(record: Record) -> None:
    found = facts(record([0] * 10 + [1] * 5 + [2] * 20))
    assert (found.n, found.classes, found.per_class_min, found.duplicates) == (35, 3, 5, 0)
    assert found.counts == {"class 0": 10, "class 1": 5, "class 2": 20}
    assert found.splits == {"train": 28, "val": 7}
    assert found.sizes == {"min": 6, "median": 7, "max": 10}
    assert (found.leak.suspected, found.leak.pairs) == (None, 0)


def test_facts_are_remembered(record: Record) -> None:
    dataset = record([0, 1] * 5)
    assert facts(dataset) is facts(dataset)
    assert facts(dataset) is not audit.facts(dataset, val_fraction=0.3, seed=0)
    for i in range(2 * audit._CACHED_FACTS):
        audit.facts(dataset, val_fraction=0.2, seed=i)
    assert len(audit._cache) <= audit._CACHED_FACTS


def test_copies_are_counted_by_bytes_or_pixels(record: Record) -> None:
    dataset = record([0] * 5 + [1] * 5, keys=keys(0, 0, 0, 3, 4, 5, 6, 7, 8, 9))
    assert facts(dataset).duplicates == 2
    assert checks(dataset) == {"duplicates": (2, ("1.png", "2.png"))}
    examples = list(record([0] * 5 + [1] * 5, dataset_id="r-2").examples)
    examples[9] = replace(examples[9], pixels=examples[8].pixels)
    other = replace(dataset, id="r-2", fingerprint="2", examples=tuple(examples))
    assert facts(other).duplicates == 1


def test_one_picture_under_two_labels_is_a_conflict(record: Record) -> None:
    dataset = record([0] * 5 + [1] * 5, keys=keys(0, 1, 2, 3, 4, 0, 6, 7, 8, 9))
    assert checks(dataset)["conflict"] == (1, ("0.png: class 0 | class 1",))
    assert audit.findings(dataset)[0].severity == "serious"


def given_parts(record: Record, *, shared: int, n_val: int, dataset_id: str) -> Dataset:
    """Return 400 training examples and `n_val` held-out ones, `shared` of them copies."""
    splits = ["train"] * 400 + ["val"] * n_val
    numbers = list(range(400 + n_val))
    for i in range(shared):
        numbers[400 + i] = i
    labels = [i % 2 for i in numbers]
    return record(labels, splits=splits, keys=keys(*numbers), dataset_id=dataset_id)


@pytest.mark.parametrize(
    ("shared", "suspected", "check"), [(0, None, None), (2, None, "shared"), (3, True, "leak")]
)
def test_a_leak_is_suspected_above_one_percent(
    record: Record, shared: int, suspected: bool | None, check: str | None
) -> None:
    dataset = given_parts(record, shared=shared, n_val=200, dataset_id=f"leak-{shared}")
    leak = facts(dataset).leak
    assert (leak.suspected, leak.pairs) == (suspected, shared)
    found = checks(dataset).keys() & {"leak", "shared"}
    assert found == ({check} if check else set())


def test_a_leak_into_the_test_part_is_seen(record: Record) -> None:
    splits = ["train"] * 20 + ["test"] * 4
    numbers = [*range(20), 0, 1, 22, 23]
    labels = [i % 2 for i in range(24)]
    dataset = record(labels, splits=splits, keys=keys(*numbers), dataset_id="leak-test")
    assert facts(dataset).leak.suspected is True
    assert facts(dataset).leak.pairs == 2
    assert facts(dataset).splits["test"] == 4


def test_a_leak_in_a_small_part_is_not_hidden_by_a_large_one(record: Record) -> None:
    splits = ["train"] * 20 + ["val"] * 4 + ["test"] * 400
    numbers = list(range(424))
    numbers[20] = 0
    labels = [i % 2 for i in range(424)]
    dataset = record(labels, splits=splits, keys=keys(*numbers), dataset_id="leak-small")
    assert facts(dataset).leak.suspected is True


def test_our_own_split_never_leaks_copies(record: Record) -> None:
    dataset = record([0] * 30 + [1] * 30, keys=keys(*(i // 2 for i in range(60))))
    assert facts(dataset).leak.pairs == 0
    assert facts(dataset).duplicates == 30


def test_a_class_without_validation_is_told(record: Record) -> None:
    splits = ["train"] * 12 + ["val"] * 3
    dataset = record([0, 1] * 6 + [0] * 3, splits=splits)
    assert checks(dataset)["unchecked_class"] == (1, ("class 1",))


def test_sound_data_have_no_findings(record: Record) -> None:
    assert audit.findings(record([0, 1] * 10)) == ()


@pytest.mark.data
def test_the_ants_and_bees_are_sound(data_root: Path) -> None:
    from tl_core.data.ingest import import_data

    dataset = import_data(data_root / "ants_bees")
    found = facts(dataset)
    assert (found.n, found.classes) == (396, 2)
    assert found.splits == {"train": 243, "val": 153}
    assert found.counts == {"ants": 192, "bees": 204}
    assert (found.duplicates, found.leak.pairs) == (0, 0)
    assert [(f.check, f.count) for f in audit.findings(dataset)] == [("grey", 2)]
