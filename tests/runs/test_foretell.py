"""Forecasts told by the worker: from evidence that is there, once, before anything is learned."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.findings import bare_evidence
from tests.tuned_runs import kept_run
from tl_core import catalog
from tl_core.data import import_data, measured
from tl_core.data.dataset import Dataset
from tl_core.runs import events, forecast, jobs, locks, store
from tl_core.runs.foretell import foretell
from tl_core.runs.state import RunState
from tl_core.spec import Accuracy, Evidence, RunSpec, Stage

SIZE = 64


@pytest.fixture
def pictures(thaw_home: Path, tiny_pictures: Path) -> Dataset:
    return import_data(tiny_pictures, name="tiny")


def evidence(dataset: Dataset) -> Evidence:
    share = Accuracy(0.9, 0.7, 0.97, 12)
    return bare_evidence(
        dataset=dataset.id,
        base=RunSpec("train").base,
        size=SIZE,
        n=12,
        linear_probe=share,
        stages=(Stage("stem", 100, 0.5), Stage("1", 900, 0.5)),
        forward_per_second=100.0,
        train_per_second=30.0,
    )


def asked(dataset: Dataset, **changes: Any) -> RunSpec:
    spec = RunSpec(kind="train", dataset=dataset.id, strategy="linear_probe", size=SIZE)
    return dataclasses.replace(spec, **changes)


def tell(spec: RunSpec, dataset: Dataset, *before: str) -> RunState:
    """Have a new run foretold, after events of these kinds, and return it."""
    run_id = store.new_run(spec)
    folder = store.run_dir(run_id)
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        for kind in before:
            writer.emit(kind, epoch=0)
        foretell(spec, dataset, spec.strategy, folder, writer.emit)
        foretell(spec, dataset, spec.strategy, folder, writer.emit)
    told = [event["kind"] for event in events.read_events(folder / events.FILE)[0]]
    assert told.count("forecast") <= 1
    return store.read_run(run_id)


def test_what_was_measured_foretells_a_named_strategy(pictures: Dataset) -> None:
    measured.write_evidence(pictures, evidence(pictures), val_fraction=0.2)
    kept = tell(asked(pictures), pictures).forecast
    assert kept is not None
    assert kept["accuracy"] == {"value": 0.9, "low": 0.7, "high": 0.97}
    assert (kept["strategy"], kept["known"]) == ("linear_probe", "measured")
    other = tell(asked(pictures, strategy="from_scratch"), pictures).forecast
    assert other is not None
    assert other["known"] != "measured"
    assert other["recommended"] == kept["recommended"]


@pytest.mark.parametrize("changes", [{"seed": 1}, {"size": 96}, {"val_fraction": 0.3}])
def test_evidence_for_another_request_foretells_nothing(
    pictures: Dataset, changes: dict[str, Any]
) -> None:
    measured.write_evidence(pictures, evidence(pictures), val_fraction=0.2)
    assert tell(asked(pictures, **changes), pictures).forecast is None


def test_what_was_measured_under_a_run_is_found_by_its_weights(pictures: Dataset) -> None:
    base = catalog.find(kept_run(size=SIZE))
    told = dataclasses.replace(evidence(pictures), base=base.id, weights=base.weights)
    measured.write_evidence(pictures, told, val_fraction=0.2)
    assert tell(asked(pictures, base=base.id), pictures).forecast is not None


def test_what_may_speak_against_the_base_is_told_with_it(pictures: Dataset) -> None:
    measured.write_evidence(pictures, evidence(pictures), val_fraction=0.2)
    found = tell(asked(pictures), pictures).grounds or {}
    assert (found["linear_probe"], found["best_control"]) == (0.9, None)
    assert found["least_lead"] > 0


def test_a_leak_is_told_whether_or_not_anything_was_measured(
    thaw_home: Path, tiny_pictures: Path, tmp_path: Path
) -> None:
    parts = tmp_path / "parts"
    for part, numbers in (("train", range(8)), ("val", range(6, 8))):  # both hold two of each class
        for label in ("dark", "light"):
            (parts / part / label).mkdir(parents=True)
            for number in numbers:
                shutil.copy(tiny_pictures / label / f"{number}.png", parts / part / label)
    leaky = import_data(parts, name="leaky")
    assert tell(asked(leaky), leaky).grounds == {"leak_pairs": 4}
    measured.write_evidence(leaky, evidence(leaky), val_fraction=0.2)
    found = tell(asked(leaky), leaky).grounds or {}
    assert (found["leak_pairs"], found["linear_probe"]) == (4, 0.9)


def test_a_sound_split_is_no_leak(pictures: Dataset) -> None:
    assert tell(asked(pictures), pictures).grounds is None
    measured.write_evidence(pictures, evidence(pictures), val_fraction=0.2)
    assert (tell(asked(pictures), pictures).grounds or {})["leak_pairs"] is None


def test_nothing_is_measured_for_it(pictures: Dataset) -> None:
    assert tell(asked(pictures), pictures).forecast is None
    assert tell(asked(pictures, base="timm:resnet18", size=None), pictures).forecast is None


def test_nothing_is_foretold_of_what_has_begun_to_learn(pictures: Dataset) -> None:
    measured.write_evidence(pictures, evidence(pictures), val_fraction=0.2)
    assert tell(asked(pictures), pictures, "epoch").forecast is None


def work(spec: RunSpec) -> RunState:
    """Do a job in this process, as its worker does."""
    run_id = store.new_run(spec)
    folder = store.run_dir(run_id)
    with (
        locks.hold(folder),
        events.EventWriter(folder / events.FILE, new_attempt=True) as writer,
    ):
        writer.emit("started")
        writer.emit("finished", **jobs.JOBS[spec.kind](spec, folder, writer.emit, lambda: True))
    return store.read_run(run_id)


def test_real_runs_keep_what_was_expected_and_what_came(pictures: Dataset) -> None:
    auto = work(asked(pictures, strategy="auto"))
    named = work(asked(pictures, strategy="multi_stage_probe"))
    found = [o for o in map(forecast.outcome, (named, auto)) if o]
    assert [o.run for o in found] == [named.id, auto.id]
    for o, run in zip(found, (named, auto), strict=True):
        assert o.strategy == run.strategy
        assert o.expected.low <= o.expected.value <= o.expected.high
        assert o.reached == Accuracy(**(run.finished or {})["best"]["val_accuracy"])
        assert 0 < o.minutes * 60 <= run.seconds + 0.01
    plan = auto.plan or {}
    assert found[1].follows
    assert found[1].expected_minutes == plan["advice"]["candidates"][0]["minutes"]
    assert found[0].known == "measured"
    measured_first = auto.seconds - 60 * found[1].minutes
    assert measured_first > 1e-3
