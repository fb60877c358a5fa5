"""What benefit jobs have found: by run, by data, and recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.made_benefit import BASE, LARGER, made_benefit
from tests.runs.telling import tell
from tl_core import benefits, files
from tl_core.records import to_dict
from tl_core.runs import benefit, store
from tl_core.spec import RunSpec

pytestmark = pytest.mark.usefixtures("thaw_home")


def job(*told: Any, found: Any = None, **asked: Any) -> str:
    run_id = store.new_run(RunSpec(**{"kind": "benefit", "dataset": "d"} | asked))
    tell(run_id, "launched", "started", *told)
    if found is not None:
        files.write_json(store.run_dir(run_id) / benefits.FILE, to_dict(found))
    return run_id


def test_the_newest_with_something_to_show_is_spoken_of() -> None:
    assert benefit.newest("d", BASE) is None
    told = job("finished", found=made_benefit())
    failed = job(("failed", {"code": "x", "message": "m", "fix": "f"}))
    found = benefit.newest("d", BASE)
    assert found is not None
    assert found.id == told
    assert benefit.newest("d", LARGER) is None
    assert benefit.newest("d", BASE, revision=1) is None
    store.delete_run(told)
    left = benefit.newest("d", BASE)
    assert left is not None
    assert left.id == failed


def test_programs_read_what_follows() -> None:
    run_id = job("finished", found=made_benefit())
    told = benefit.result(store.read_run(run_id))
    assert (told["run"], told["status"]) == (run_id, "finished")
    assert told["fewer_labels"]["times"] == 4.0
    assert told["faster"]["transferred"]["epoch"] == 2
    assert told["ceiling"]["p"] == 0.002
    assert told["inherited_share"] == pytest.approx(0.92)
    assert [(one["base"], one["p"]) for one in told["bases"]] == [(LARGER, 1.0)]
    assert told["benefit"]["sizes"] == [20, 40, 80]


def test_before_anything_is_measured_there_is_nothing() -> None:
    assert benefit.result(store.read_run(job()))["benefit"] is None
    empty = replace(made_benefit(), parts=(), levels=(), versus=())
    told = benefit.summary(empty)
    assert told["fewer_labels"] is None
    assert told["faster"] is None
    assert told["bases"] == []


def test_recorded_ones_are_found_by_what_can_be_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "app_dir", lambda: tmp_path)
    assert benefit.recorded("f", BASE) is None
    folder = tmp_path / "sample_data" / "benefits"
    files.write_json(folder / "a.json", to_dict(made_benefit()))
    files.write_atomically(folder / "b.json", "{")
    assert benefit.recorded("f", BASE) == made_benefit()
    assert benefit.recorded("other", BASE) is None
    assert benefit.recorded("f", LARGER) is None
    monkeypatch.setattr(files, "app_dir", lambda: None)
    assert benefit.recorded("f", BASE) is None


def test_what_comes_with_thaw_can_be_read() -> None:
    app = files.app_dir()
    assert app is not None
    paths = sorted((app / "sample_data" / "benefits").glob("*.json"))
    assert paths
    for path in paths:
        found = benefits.read(path)
        assert found is not None, path
        assert found.whole("transferred") is not None
        assert found.of("scratch")
