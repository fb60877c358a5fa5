"""The frozen base read at all depths, asked for beside a run that changed the base."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.runs.telling import tell
from tl_core.runs import all_depths, launch, store
from tl_core.spec import RunSpec

SPEC = RunSpec(
    kind="train",
    dataset="d",
    strategy="full_fine_tune",
    size=64,
    seed=7,
    minutes=2.0,
    val_fraction=0.3,
    revision=4,
    retention="l2_sp",
)

pytestmark = pytest.mark.usefixtures("thaw_home")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """Start no process; remember what was asked for."""
    asked: list[RunSpec] = []

    def start(spec: RunSpec, **_more: Any) -> str:
        asked.append(spec)
        return store.new_run(spec)

    monkeypatch.setattr(launch, "start", start)
    return asked


def test_data_split_seed_and_size_are_the_same(started: list[RunSpec]) -> None:
    run = store.new_run(SPEC)
    assert all_depths.found(store.read_run(run)) is None
    other = all_depths.start(run)
    expected = dataclasses.replace(SPEC, strategy="multi_stage_probe", retention="none")
    assert started == [expected]
    found = all_depths.found(store.read_run(run))
    assert found is not None
    assert (found.id, found.spec) == (other, expected)


def test_asked_for_again_it_is_the_same_unless_it_failed(started: list[RunSpec]) -> None:
    run = store.new_run(SPEC)
    first = all_depths.start(run)
    tell(first, "launched", "started", ("finished", {"stop_reason": "converged"}))
    assert all_depths.start(run) == first
    tell(first, "launched", "started", ("failed", {"code": "x", "message": "", "fix": ""}))
    assert all_depths.found(store.read_run(run)) is None
    assert all_depths.start(run) != first
    assert len(started) == 2
