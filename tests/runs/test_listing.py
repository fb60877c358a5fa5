"""The listing: the same as the logs say, without reading them twice."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.runs.telling import tell
from tl_core import files
from tl_core.runs import events, labels, listing, store
from tl_core.spec import RunSpec

END = ("finished", {"stop_reason": "epochs", "seconds": 3.0, "best": {"epoch": 1}})


@pytest.fixture(autouse=True)
def reads(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose logs were read, each time anew."""
    found: list[str] = []
    read = events.read_events

    def reading(path: Path, offset: int = 0) -> tuple[list[events.Event], int, int]:
        found.append(path.parent.name)
        return read(path, offset)

    monkeypatch.setattr(events, "read_events", reading)
    return found


def run(*told: tuple[str, dict[str, object]], **asked: object) -> str:
    spec = {"kind": "train", "dataset": "d", "strategy": "lora", **asked}
    run_id = store.new_run(RunSpec(**spec))  # type: ignore[arg-type]
    tell(run_id, "launched", "started", ("epoch", {"epoch": 0}), *told)
    return run_id


def forget() -> None:
    """Be another process."""
    listing._known.clear()
    listing._going_on.clear()


def test_it_tells_what_the_logs_tell_but_for_the_way_there() -> None:
    run(END)
    run(("failed", {"code": "x", "message": "m", "fix": "f"}))
    run(("stopped", {"stop_reason": "person"}), kind="race", strategies=("lora", "linear_probe"))
    run()
    wanted = []
    for state in store.list_runs():
        is_over = state.status != "interrupted"
        wanted.append(dataclasses.replace(state, **listing._LEFT_OUT) if is_over else state)
    assert {state.status for state in wanted} == {"finished", "failed", "stopped", "interrupted"}
    assert listing.list_runs() == tuple(wanted)
    forget()
    assert listing.list_runs() == tuple(wanted)


def test_what_has_ended_is_read_once_by_all_processes(reads: list[str]) -> None:
    ended = {run(END), run(END)}
    reads.clear()
    listing.list_runs()
    assert set(reads) == ended
    reads.clear()
    listing.list_runs()
    forget()
    listing.list_runs()
    assert reads == []


def test_what_goes_on_is_read_on_and_has_its_epochs(reads: list[str]) -> None:
    going = run()
    listing.list_runs()
    reads.clear()
    assert len(listing.list_runs()[0].epochs) == 1
    assert reads == []
    tell(going, ("epoch", {"epoch": 1}), new_attempt=False)
    assert len(listing.list_runs()[0].epochs) == 2
    tell(going, END, new_attempt=False)
    assert listing.list_runs()[0].status == "finished"


def test_a_resumed_run_is_looked_at_anew() -> None:
    run_id = run(("stopped", {"stop_reason": "person"}))
    assert listing.list_runs()[0].status == "stopped"
    tell(run_id, "launched")
    assert listing.list_runs()[0].status != "stopped"


def test_a_new_label_is_seen_at_once() -> None:
    run_id = run(END)
    assert listing.list_runs()[0].name == ""
    labels.rename(store.run_dir(run_id), "mine")
    assert listing.list_runs()[0].name == "mine"
    forget()
    assert listing.list_runs()[0].name == "mine"


def test_a_deleted_run_is_forgotten() -> None:
    run_id = run(END)
    assert listing.list_runs()
    store.delete_run(run_id)
    assert listing.list_runs() == ()
    assert run_id not in (files.cache_dir() / "listing.json").read_text()


@pytest.mark.parametrize(
    "damage",
    ["", "[]", "{", '{"format": 0, "runs": {}}', '{"format": 1, "runs": {"a": {"stamp": 1}}}'],
)
def test_a_damaged_index_is_made_again(damage: str) -> None:
    run(END)
    first = listing.list_runs()
    forget()
    (files.cache_dir() / "listing.json").write_text(damage)
    assert listing.list_runs() == first


def test_without_room_to_keep_it_the_logs_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*ignored: object) -> None:
        raise OSError("no space left on device")

    run(END)
    monkeypatch.setattr(files, "write_json", full)
    assert len(listing.list_runs()) == 1


def test_damaged_runs_are_listed() -> None:
    run_id = run(END)
    (store.run_dir(run_id) / "spec.json").write_bytes(b"\xff{")
    (files.runs_dir() / "20200101-000000-empty-0000").mkdir()
    assert [state.status for state in listing.list_runs()] == ["failed", "failed"]


def test_runs_are_found_by_words_and_tags() -> None:
    first, second = run(END), run(END, dataset="flowers", strategy="full_fine_tune")
    labels.tag(store.run_dir(first), ["Paper", "old"])
    labels.tag(store.run_dir(second), ["paper"])
    labels.note(store.run_dir(second), "for the meeting")

    def ids(**asked: object) -> set[str]:
        found = listing.matching(listing.list_runs(), **asked)  # type: ignore[arg-type]
        return {state.id for state in found}

    assert ids() == {first, second}
    assert ids(search="MEETING flowers") == {second}
    assert ids(search="meeting lora") == set()
    assert ids(tags=["PAPER"]) == {first, second}
    assert ids(tags=["paper", "old"]) == {first}
    assert ids(search="bees", about=lambda state: "Bees" if state.id == first else "") == {first}
    known = [tag.casefold() for tag in listing.tags_of(listing.list_runs())]
    assert known == ["old", "paper"]
