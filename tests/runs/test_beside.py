"""Runs begun beside another one are found by what they were asked for."""

from __future__ import annotations

import pytest

from tl_core.runs import beside, store
from tl_core.spec import RunSpec

pytestmark = pytest.mark.usefixtures("thaw_home")


def test_the_newest_that_fits_is_found_and_never_the_run_itself() -> None:
    run, _first, second, _other = (
        store.new_run(RunSpec(kind="train", dataset="d", seed=seed)) for seed in (1, 2, 2, 3)
    )
    found = beside.newest(run, lambda spec: spec.seed == 2)
    assert found is not None
    assert found.spec.seed == 2
    assert store.run_ids().index(found.id) <= store.run_ids().index(second)
    assert beside.newest(run, lambda spec: spec.seed == 1) is None


def test_what_is_older_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = RunSpec(kind="train", dataset="d")
    run, other = store.new_run(spec), store.new_run(spec)
    old = f"20200101-000000{run[15:]}"
    store.run_dir(run).rename(store.run_dir(run).with_name(old))
    asked: list[int] = []
    assert beside.newest(other, lambda spec: asked.append(1) or False) is None
    assert asked == []


def test_one_that_cannot_be_read_is_passed_over() -> None:
    run, torn, good = (store.new_run(RunSpec(kind="train", dataset="d")) for _ in range(3))
    (store.run_dir(torn) / "spec.json").write_text("{")
    found = beside.newest(run, lambda spec: True)
    assert found is not None
    assert found.id == good
