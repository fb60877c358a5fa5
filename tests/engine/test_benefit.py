"""The benefit job: its order, its shares of the time, and that it goes on where it stood."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tl_core.benefits import SCRATCH, TRANSFERRED
from tl_core.data.dataset import Dataset
from tl_core.engine import benefit, benefit_record
from tl_core.engine.scores import accuracy
from tl_core.errors import Cancelled, RunFailed
from tl_core.spec import RunSpec

SPEC = RunSpec("benefit", dataset="record-1", size=64, minutes=5.0)


class FakeTraining:
    """Trains nothing: more labels and a head start make it right more often."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int, int | None]] = []
        self.before: Callable[[int], None] = lambda turn: None

    def __call__(
        self, spec: RunSpec, data: Dataset, strategy: str, folder: Path, emit: Any, ask: Any
    ) -> dict[str, Any]:
        n = sum(example.split == "train" for example in data.examples)
        n_val = sum(example.split == "val" for example in data.examples)
        self.before(len(self.asked))
        self.asked.append((strategy, spec.base, n, spec.epochs))
        if not ask():
            raise Cancelled
        emit("step", what="pictures", done=1, total=1)
        share = min(1.0, (0.5 if strategy == "from_scratch" else 0.7) + n / 400)
        right = round(n_val * share)
        for epoch in range(5):
            emit("epoch", epoch=epoch, val_accuracy=share * epoch / 4)
        path = folder / "artifacts" / "predictions.csv"
        path.parent.mkdir(parents=True)
        with path.open("w", newline="") as file:
            rows = [["key", "name", "label", "predicted", "probability"]]
            rows += [[str(i), "x", "a", "a" if i < right else "b", "1"] for i in range(n_val)]
            csv.writer(file).writerows(rows)
        best = {"epoch": 2, "val_loss": 0.5, "val_accuracy": asdict(accuracy(right, n_val))}
        return {"stop_reason": "epochs", "best": best, "images_per_second": 50.0}


@pytest.fixture
def dataset(record: Callable[..., Dataset], thaw_home: Path) -> Dataset:
    return record([0, 1] * 50)


@pytest.fixture
def training() -> FakeTraining:
    return FakeTraining()


def told() -> tuple[list[tuple[str, dict[str, Any]]], Callable[..., None]]:
    events: list[tuple[str, dict[str, Any]]] = []
    return events, lambda kind, **fields: events.append((kind, fields))


def ready() -> bool:
    return True


def test_everything_is_measured_on_the_same_examples(
    dataset: Dataset, training: FakeTraining, tmp_path: Path
) -> None:
    events, emit = told()
    end = benefit.measure(SPEC, dataset, tmp_path, emit, ready, train=training)
    assert end["stop_reason"] == "done"
    found = benefit_record.read(tmp_path)
    assert found is not None
    assert found.is_whole
    assert [n for _way, _base, n, _epochs in training.asked[:4]] == [80, 40, 20, 10]
    assert {(p.way, p.n) for p in found.parts if p.base == SPEC.base} == {
        (way, n) for way in (TRANSFERRED, SCRATCH) for n in found.sizes
    }
    assert [p.base for p in found.others()] == ["tf_efficientnet_lite1", "tf_efficientnet_lite2"]
    assert {p.accuracy.n for p in found.parts} == {20}
    assert {len(level.each) for level in found.levels if level.n < 80} == {3}
    assert len(found.versus) == 3
    assert json.loads((tmp_path / "artifacts" / "benefit.json").read_text())["version"] == 1
    assert not (tmp_path / "parts").exists()
    steps = [fields for kind, fields in events if kind == "step"]
    assert [step["done"] for step in steps] == list(range(found.planned))


def test_the_control_has_steps_enough(
    dataset: Dataset, training: FakeTraining, tmp_path: Path
) -> None:
    benefit.measure(SPEC, dataset, tmp_path, told()[1], ready, train=training)
    epochs = [(n, e) for way, _base, n, e in training.asked if way == "from_scratch"][:4]
    assert epochs[0] == (10, 100)
    assert all(e is not None and 30 <= e <= 100 for _n, e in epochs)
    assert all(e is None for way, _base, _n, e in training.asked if way != "from_scratch")


def test_a_killed_job_goes_on_with_what_is_missing(
    dataset: Dataset, training: FakeTraining, tmp_path: Path
) -> None:
    def killed(turn: int) -> None:
        if turn == 3:
            (tmp_path / "parts" / "transferred-10-0").mkdir(parents=True)
            raise KeyboardInterrupt

    training.before = killed
    with pytest.raises(KeyboardInterrupt):
        benefit.measure(SPEC, dataset, tmp_path, told()[1], ready, train=training)
    kept = benefit_record.read(tmp_path)
    assert kept is not None
    assert [p.n for p in kept.parts] == [80, 40, 20]
    again = FakeTraining()
    benefit.measure(SPEC, dataset, tmp_path, told()[1], ready, train=again)
    found = benefit_record.read(tmp_path)
    assert found is not None
    assert found.parts[:3] == kept.parts
    assert found.is_whole
    assert len(again.asked) == found.planned - 3
    assert again.asked[0][2] == 10


def test_a_stop_keeps_what_is_measured(
    dataset: Dataset, training: FakeTraining, tmp_path: Path
) -> None:
    end = benefit.measure(
        SPEC, dataset, tmp_path, told()[1], lambda: len(training.asked) < 3, train=training
    )
    assert end["stop_reason"] == "person"
    found = benefit_record.read(tmp_path)
    assert found is not None
    assert [p.n for p in found.parts] == [80, 40]


def test_a_stop_before_anything_is_a_cancel(
    dataset: Dataset, training: FakeTraining, tmp_path: Path
) -> None:
    with pytest.raises(Cancelled):
        benefit.measure(SPEC, dataset, tmp_path, told()[1], lambda: False, train=training)


def test_no_time_at_all_is_told_with_a_way_out(
    dataset: Dataset, training: FakeTraining, tmp_path: Path
) -> None:
    hurried = RunSpec("benefit", dataset="record-1", minutes=0.01)
    with pytest.raises(RunFailed, match="no time"):
        benefit.measure(hurried, dataset, tmp_path, told()[1], ready, train=training)
    assert training.asked == []


def test_with_little_time_the_rest_is_passed_over_and_counted(
    dataset: Dataset, training: FakeTraining, tmp_path: Path
) -> None:
    short = RunSpec("benefit", dataset="record-1", minutes=0.2)
    end = benefit.measure(short, dataset, tmp_path, told()[1], ready, train=training)
    assert end["stop_reason"] == "time"
    assert any(way == "linear_probe" and n == 80 for way, _b, n, _e in training.asked)
    assert 0 < len(training.asked) < 22


def test_the_engine_itself_is_measured(drawn: Dataset, thaw_home: Path, tmp_path: Path) -> None:
    spec = RunSpec("benefit", dataset=drawn.id, size=32, minutes=10.0)
    turns = []

    def some() -> bool:
        return len(turns) < 2

    def emit(kind: str, **fields: Any) -> None:
        if kind == "step":
            turns.append(fields["done"])

    benefit.measure(spec, drawn, tmp_path, emit, some)
    found = benefit_record.read(tmp_path)
    assert found is not None
    (one,) = found.parts
    assert (one.way, one.n, one.accuracy.n) == (TRANSFERRED, 22, 6)
    assert len(one.right) == 6
    assert one.curve[0].epoch == 0
    assert one.flops == pytest.approx(2 * 385187552 * (32 / 224) ** 2 * 28)
    assert not one.was_kept
