"""The ledger of forecasts: the same as the logs say, without reading them twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.foretold import Told, end, forecast
from tl_core import files
from tl_core.runs import events, ledger, store
from tl_core.spec import RunSpec


@pytest.fixture(autouse=True)
def reads(thaw_home: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose logs were read."""
    found: list[str] = []
    whole = store.read_run

    def reading(run_id: str) -> store.RunState:
        found.append(run_id)
        return whole(run_id)

    monkeypatch.setattr(store, "read_run", reading)
    return found


def tell(run_id: str, *told: Told) -> None:
    with events.EventWriter(store.run_dir(run_id) / events.FILE, new_attempt=True) as writer:
        writer.emit("started")
        for kind, fields in told:
            writer.emit(kind, **fields)


def run(*told: Told, kind: str = "train") -> str:
    run_id = store.new_run(RunSpec(kind=kind, dataset="d", strategy="lora"))
    tell(run_id, ("forecast", forecast()), *told)
    return run_id


def test_what_has_ended_is_read_once(reads: list[str]) -> None:
    ended = {run(end()), run(("failed", {"code": "x"})), run(end(), kind="evidence")}
    first = ledger.past()
    assert (len(first.outcomes), first.left_out) == (1, {"failed": 1})
    assert set(reads) == ended
    assert ledger.past() == first
    assert len(reads) == len(ended)


def test_what_goes_on_is_read_again_until_it_ends(reads: list[str]) -> None:
    going = run()
    assert ledger.past().outcomes == ()
    assert ledger.past().outcomes == ()
    assert reads == [going, going]
    tell(going, end())
    assert [o.run for o in ledger.past().outcomes] == [going]


def test_a_run_that_was_resumed_is_judged_anew() -> None:
    run_id = run(("stopped", end(0.9, stop_reason="person")[1]))
    assert ledger.past().left_out == {"person": 1}
    tell(run_id, end(0.92))
    (found,) = ledger.past().outcomes
    assert found.reached.value == 0.92


def test_a_deleted_run_is_forgotten() -> None:
    run_id = run(end())
    assert ledger.past().outcomes
    store.delete_run(run_id)
    assert ledger.past().outcomes == ()
    assert run_id not in (files.cache_dir() / "forecasts.json").read_text()


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"format": 0, "runs": {}}', '{"format": 1}'])
def test_a_damaged_ledger_is_made_again(damage: str) -> None:
    run(end())
    first = ledger.past()
    (files.cache_dir() / "forecasts.json").write_text(damage)
    assert ledger.past() == first


def test_without_room_to_keep_it_the_logs_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*ignored: Any) -> None:
        raise OSError("no space left on device")

    run(end())
    monkeypatch.setattr(files, "write_json", full)
    assert len(ledger.past().outcomes) == 1
