"""The store of evidence: found again only for exactly what was measured."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core import files, spec
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.errors import InputError
from tl_core.spec import Accuracy, Controls, Evidence, Hits, Shift, Stage


@pytest.fixture
def dataset(thaw_home: Path, record: Callable[..., Dataset]) -> Dataset:
    return record([0, 1, 1])


@pytest.fixture
def evidence(dataset: Dataset) -> Evidence:
    return Evidence(
        dataset=dataset.id,
        base="some_base",
        size=224,
        seed=0,
        n=3,
        classes=2,
        distance="near",
        shift=Shift(0.1, 0.2, 0.3),
        shift_expected=None,
        source_confidence=0.5,
        leep_per_log_c=-0.5,
        zero_training=None,
        knn=None,
        linear_probe=Accuracy(0.9, 0.8, 0.95, 3),
        controls=Controls(pixels=Accuracy(0.5, 0.4, 0.6, 3)),
        stages=(Stage("s1", 10, 0.4), Stage("s2", 20, 0.6)),
        forward_per_second=10.0,
        train_per_second=None,
        seconds=1.5,
    )


def read(dataset: Dataset, **changed: object) -> Evidence | None:
    asked = {"base": "some_base", "size": 224, "val_fraction": 0.2, "seed": 0, **changed}
    return measured.read_evidence(dataset, asked.pop("base"), **asked)


def test_evidence_reads_back_as_it_was_written(dataset: Dataset, evidence: Evidence) -> None:
    assert read(dataset) is None
    path = measured.write_evidence(dataset, evidence, val_fraction=0.2)
    assert path.parent == files.datasets_dir() / dataset.id / "evidence"
    assert read(dataset) == evidence


@pytest.mark.parametrize(
    "changed", [{"base": "other"}, {"size": 160}, {"val_fraction": 0.3}, {"seed": 1}]
)
def test_another_question_has_no_answer_yet(
    dataset: Dataset, evidence: Evidence, changed: dict[str, object]
) -> None:
    measured.write_evidence(dataset, evidence, val_fraction=0.2)
    assert read(dataset, **changed) is None


def test_what_a_run_has_made_is_known_by_its_weights(dataset: Dataset, evidence: Evidence) -> None:
    first, second = (replace(evidence, weights=sha, seconds=s) for sha, s in (("a", 1), ("b", 2)))
    for found in (first, second):
        measured.write_evidence(dataset, found, val_fraction=0.2)
    assert read(dataset, weights="a") == first
    assert read(dataset, weights="b") == second
    assert read(dataset) is None
    assert len(measured.list_evidence(dataset.id)) == 2


def test_changed_data_have_no_evidence(dataset: Dataset, evidence: Evidence) -> None:
    measured.write_evidence(dataset, evidence, val_fraction=0.2)
    assert read(replace(dataset, fingerprint="0" * 64)) is None


def test_a_new_version_of_the_record_is_measured_again(
    dataset: Dataset, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured.write_evidence(dataset, evidence, val_fraction=0.2)
    monkeypatch.setattr(spec, "EVIDENCE_VERSION", spec.EVIDENCE_VERSION + 1)
    assert read(dataset) is None
    assert measured.list_evidence(dataset.id) == ()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"dataset": 3}'])
def test_a_damaged_file_counts_as_not_measured(
    dataset: Dataset, evidence: Evidence, content: str
) -> None:
    measured.write_evidence(dataset, evidence, val_fraction=0.2).write_text(content)
    assert read(dataset) is None


def test_the_list_is_newest_first(dataset: Dataset, evidence: Evidence) -> None:
    assert measured.list_evidence(dataset.id) == ()
    for age, size in enumerate((224, 160, 96)):
        path = measured.write_evidence(dataset, replace(evidence, size=size), val_fraction=0.2)
        os.utime(path, (1000 - age, 1000 - age))
    assert [e.size for e in measured.list_evidence(dataset.id)] == [224, 160, 96]


def test_writing_again_replaces(dataset: Dataset, evidence: Evidence) -> None:
    for seconds in (1.0, 2.0):
        measured.write_evidence(dataset, replace(evidence, seconds=seconds), val_fraction=0.2)
    assert [e.seconds for e in measured.list_evidence(dataset.id)] == [2.0]


def test_a_hostile_dataset_id_is_refused(thaw_home: Path) -> None:
    with pytest.raises(InputError):
        measured.list_evidence("../elsewhere")


def test_other_bases_are_those_asked_about_the_same_examples(
    dataset: Dataset, evidence: Evidence
) -> None:
    own = replace(evidence, probe_hits=Hits("same", "110"))
    others = [
        replace(own, base="b"),
        replace(own, base="c", probe_hits=Hits("others", "110")),
        replace(own, base="d", probe_hits=None),
    ]
    for found in (own, *others):
        measured.write_evidence(dataset, found, val_fraction=0.2)
    assert [e.base for e in measured.under_other_bases(dataset, own)] == ["b"]
    assert measured.under_other_bases(dataset, evidence) == ()
