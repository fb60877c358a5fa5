"""Doubts: planted wrong labels are found, right ones hardly; a leak is worth what it adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tl_core import files
from tl_core.data import audit, store, suspicions
from tl_core.data.dataset import Dataset
from tl_core.data.split import Split, split
from tl_core.engine import probe
from tl_core.errors import Cancelled
from tl_core.evidence import suspects

pytestmark = pytest.mark.usefixtures("thaw_home")

CLASSES, EACH, WIDTH = 4, 60, 32


def quiet(kind: str, /, **fields: object) -> None:
    """Listen to nothing."""


def clouds(spread: float = 0.7) -> tuple[probe.Floats, probe.Ints]:
    """Return points around a centre per class, in order of the classes."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 1, (CLASSES, WIDTH))
    labels = np.repeat(np.arange(CLASSES), EACH)
    return (centres[labels] + rng.normal(0, spread, (len(labels), WIDTH))).astype(
        np.float32
    ), labels


def test_labels_that_nobody_would_give_are_doubted() -> None:
    vectors, truth = clouds()
    wrong = np.arange(5, len(truth), 20)
    labels = truth.copy()
    labels[wrong] = (truth[wrong] + 1) % CLASSES
    held_out = probe.folds(labels, range(len(labels)), 0)
    given = np.exp(probe.cross_validate(probe.prepare(vectors), labels, held_out).log_probabilities)
    doubted = suspects.doubtful(given, labels)
    hits = set(doubted) & set(wrong.tolist())
    assert len(hits) >= 0.7 * len(wrong)
    assert len(hits) >= 0.8 * len(doubted)
    assert doubted[0] in hits


def test_right_labels_are_hardly_ever_doubted() -> None:
    vectors, labels = clouds()
    held_out = probe.folds(labels, range(len(labels)), 0)
    given = np.exp(probe.cross_validate(probe.prepare(vectors), labels, held_out).log_probabilities)
    assert len(suspects.doubtful(given, labels)) <= 0.02 * len(labels)


@pytest.fixture
def measured(
    record: Callable[..., Dataset], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Dataset]:
    """Return a dataset whose features are the clouds, whatever its pictures are."""

    def build(**given: object) -> Dataset:
        vectors, truth = clouds(float(given.pop("spread", 0.7)))  # type: ignore[arg-type]
        labels = np.array(given.pop("labels", truth))
        made = record(labels.tolist(), **given)
        examples = tuple(replace(e, row=row) for row, e in enumerate(made.examples))
        monkeypatch.setattr(
            suspects, "_features", lambda dataset, rows, report: vectors[list(rows)]
        )
        return replace(made, examples=examples)

    return build


def test_each_doubt_names_the_row_and_both_classes(measured: Callable[..., Dataset]) -> None:
    _vectors, labels = clouds()
    labels[7] = 2
    dataset = measured(labels=labels)
    found = suspects.ensure(dataset, quiet, lambda: True)
    (doubt,) = [s for s in found.wrong if s.row == 7]
    assert (doubt.given, doubt.suggested) == ("class 2", "class 0")
    assert 0 <= doubt.given_probability < 0.25
    assert found.looked_at == len(labels)
    assert found.accuracy.value > 0.9
    assert found.leak is None
    assert suspicions.read(store.dataset_dir(dataset.id), dataset.fingerprint) == found
    (told,) = [f for f in audit.findings(dataset) if f.check == "wrong_labels"]
    assert 7 in told.rows
    assert told.asides[told.rows.index(7)] == "class 0"


def test_what_was_found_is_not_looked_for_again(
    measured: Callable[..., Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = measured()
    found = suspects.ensure(dataset, quiet, lambda: True)
    monkeypatch.setattr(suspects, "find", None)
    assert suspects.ensure(dataset, quiet, lambda: True) == found


def test_where_the_classifier_knows_nothing_it_doubts_nothing(
    measured: Callable[..., Dataset],
) -> None:
    found = suspects.find(measured(spread=30.0), quiet, lambda: True)
    assert found.accuracy.value < suspects.TRUSTED_FROM
    assert found.wrong == ()


def test_a_leak_is_scored_with_and_without_its_twins(measured: Callable[..., Dataset]) -> None:
    n = CLASSES * EACH
    splits = ["val" if row % 4 == 0 else "train" for row in range(n)]
    keys = [f"{row:064x}" for row in range(n)]
    for row in range(0, 40, 4):
        keys[row] = keys[row + 1]
    dataset = measured(splits=splits, keys=keys)
    leak = suspects.find(dataset, quiet, lambda: True).leak
    assert leak is not None
    assert leak.without is not None
    assert (leak.with_twins.n, leak.without.n) == (60, 50)


def test_the_test_part_is_never_read(
    measured: Callable[..., Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    splits = ["test" if row % 3 == 0 else "" for row in range(CLASSES * EACH)]
    dataset = measured(splits=splits)
    read: list[int] = []
    vectors, _labels = clouds()

    def watched(dataset: Dataset, rows: list[int], report: object) -> probe.Floats:
        read.extend(rows)
        return vectors[list(rows)]

    monkeypatch.setattr(suspects, "_features", watched)
    suspects.find(dataset, quiet, lambda: True)
    parts: Split = split(dataset, val_fraction=0.2, seed=0)
    assert set(read) == {*parts.train, *parts.val}


def test_many_are_sampled_by_class(
    measured: Callable[..., Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspects, "LIMIT", 80)
    found = suspects.find(measured(), quiet, lambda: True)
    assert found.looked_at == 80


def test_real_pictures_are_looked_at_and_it_can_be_stopped(tiny_pictures: Path) -> None:
    from tl_core.data.ingest import import_data

    dataset = import_data(tiny_pictures)
    with pytest.raises(Cancelled):
        suspects.ensure(dataset, quiet, lambda: False)
    found = suspects.ensure(dataset, quiet, lambda: True)
    assert found.looked_at == 16


def test_a_change_of_the_data_computes_nothing_anew(
    tiny_pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tl_core.data.edits import Edit
    from tl_core.data.ingest import import_data

    dataset = import_data(tiny_pictures)
    before = suspects.ensure(dataset, quiet, lambda: True)
    after = store.mend(dataset.id, Edit("drop", rows=(0, 9)))
    with monkeypatch.context() as patch:
        patch.setattr(suspects, "_computed", None)
        found = suspects.ensure(after, quiet, lambda: True)
    assert (before.looked_at, found.looked_at) == (16, 14)
    for path in (files.cache_dir() / "looks").iterdir():
        path.write_bytes(b"torn")
    again = store.mend(dataset.id, Edit("undo", entry=1))
    assert suspects.find(again, quiet, lambda: True).looked_at == 16
