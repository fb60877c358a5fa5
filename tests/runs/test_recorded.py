"""The runs that come with Thaw open like any other and hold a real curve."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.errors import InputError
from tl_core.runs import recorded, results, store


def test_a_recorded_run_opens_as_a_finished_one_with_a_curve(thaw_home: Path) -> None:
    ids = recorded.recorded_runs()
    assert ids
    for run_id in ids:
        assert recorded.open_recorded(run_id) == run_id
        run = store.read_run(run_id)
        assert run.status == "finished"
        assert len(run.epochs) > 5
        assert run.best is not None
        assert run.stages
        losses = [epoch["val_loss"] for epoch in run.epochs]
        assert run.best["val_loss"] == pytest.approx(min(losses))
        assert results.result(run)["best"]["val_accuracy"]["n"] > 0


def test_opening_twice_keeps_one_and_deleting_allows_it_again(thaw_home: Path) -> None:
    run_id = recorded.recorded_runs()[0]
    recorded.open_recorded(run_id)
    recorded.open_recorded(run_id)
    assert [run.id for run in store.list_runs()] == [run_id]
    store.delete_run(run_id)
    assert recorded.open_recorded(run_id) == run_id


@pytest.mark.parametrize("name", ["", "..", "../recorded", "20200101-000000-x-0000"])
def test_other_names_are_refused(thaw_home: Path, name: str) -> None:
    with pytest.raises(InputError):
        recorded.open_recorded(name)
