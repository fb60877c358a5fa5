"""What a run said: written whole and read back, or taken from the tables of earlier runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tl_core.analysis import answers
from tl_core.data.dataset import Dataset

LOGITS = np.array([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0]], dtype=np.float32)


@pytest.fixture
def dataset(record: Callable[..., Dataset]) -> Dataset:
    made = record([0, 1, 1, 0])
    return replace(made, examples=tuple(replace(e, row=n) for n, e in enumerate(made.examples)))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    said = ([4, 7, 9], [0, 1, 1], LOGITS)
    answers.write(tmp_path, ["ä [x]", "b"], {"val": said, "test": ([1], [0], LOGITS[:1])})
    assert answers.is_whole(tmp_path)
    found = answers.read(tmp_path, None)
    val = found["val"]
    assert val.classes == ("ä [x]", "b")
    assert val.rows.tolist() == [4, 7, 9]
    assert val.is_right.tolist() == [True, True, False]
    assert val.sure == pytest.approx([0.8808, 0.7311, 0.9526], abs=1e-4)
    assert val.logits is not None
    assert val.logits.tolist() == LOGITS.tolist()
    assert len(found["test"]) == 1


def test_a_temperature_changes_how_sure_it_is_and_nothing_else() -> None:
    plain = answers.probabilities(LOGITS.astype(float))
    warm = answers.probabilities(LOGITS.astype(float), 2.0)
    assert warm.sum(1) == pytest.approx(1)
    assert (warm.argmax(1) == plain.argmax(1)).all()
    assert (warm.max(1) < plain.max(1)).all()
    assert np.isfinite(answers.probabilities(np.array([[4000.0, -4000.0]]))).all()


def test_earlier_runs_tell_the_first_class(tmp_path: Path, dataset: Dataset) -> None:
    (tmp_path / "artifacts").mkdir()
    lines = ["key,name,label,predicted,probability"]
    for example, given in zip(dataset.examples[:3], ("class 0", "class 0", "class 1"), strict=True):
        lines.append(f"{example.key},{example.name},class {example.label},{given},0.75")
    lines.append("gone,gone.png,class 0,class 0,0.5")
    (tmp_path / "artifacts" / "predictions.csv").write_text("\n".join(lines))
    assert not answers.is_whole(tmp_path)
    assert answers.read(tmp_path, None) == {}
    ((part, found),) = answers.read(tmp_path, dataset).items()
    assert part == "val"
    assert found.logits is None
    assert found.rows.tolist() == [0, 1, 2]
    assert found.is_right.tolist() == [True, False, True]
    assert found.sure.tolist() == [0.75] * 3


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 torn"])
def test_damaged_answers_are_none(tmp_path: Path, dataset: Dataset, content: bytes) -> None:
    (tmp_path / "artifacts").mkdir()
    (tmp_path / answers.FILE).write_bytes(content)
    assert answers.read(tmp_path, dataset) == {}


def test_answers_that_do_not_fit_together_are_none(tmp_path: Path) -> None:
    answers.write(tmp_path, ["a", "b", "c"], {"val": ([1], [0], LOGITS[:1])})
    assert answers.read(tmp_path, None) == {}
