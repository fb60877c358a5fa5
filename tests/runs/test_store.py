"""The store: making, reading, listing, summing up and deleting runs."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.findings import bare_evidence
from tests.runs.telling import tell
from tl_core import files
from tl_core.errors import InputError
from tl_core.runs import events, locks, results, store
from tl_core.spec import RunSpec, to_dict

SPEC = RunSpec(kind="train", dataset="ants-bees", strategy="linear_probe")

pytestmark = pytest.mark.usefixtures("thaw_home")


def test_a_new_run_is_queued_and_whole() -> None:
    run_id = store.new_run(SPEC)
    state = store.read_run(run_id)
    assert (state.id, state.spec, state.status) == (run_id, SPEC, "queued")
    assert not state.launched
    assert state.created > 0
    assert {p.name for p in store.run_dir(run_id).iterdir()} == {"spec.json", "events.jsonl"}
    (created,) = events.read_events(store.run_dir(run_id) / events.FILE)[0]
    assert created["dataset"] == "ants-bees"
    assert created["job"] == "train"


@pytest.mark.parametrize(
    ("spec", "about"),
    [
        (SPEC, "ants-bees"),
        (RunSpec(kind="import", source="/x/My Photos.zip"), "my-photos"),
        (RunSpec(kind="import", source="/x", name="Ants & Bees / 2"), "ants-bees-2"),
        (RunSpec(kind="import", source="/x", name="蟻"), "import"),
        (RunSpec(kind="train", dataset="a" * 200), "a" * 32),
    ],
)
def test_an_id_says_what_it_is_about(spec: RunSpec, about: str) -> None:
    run_id = store.new_run(spec)
    day, time, *middle, suffix = run_id.split("-")
    assert (len(day), len(time), len(suffix)) == (8, 6, 4)
    assert "-".join(middle) == about
    assert store.run_dir(run_id).is_dir()


def test_an_unusable_request_makes_no_run(thaw_home: Path) -> None:
    with pytest.raises(InputError):
        store.new_run(RunSpec(kind="train", dataset="", epochs=0))
    assert not (thaw_home / "runs").exists()


def test_a_half_made_run_is_not_there(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*ignored: Any, **more: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(events.EventWriter, "emit", fail)
        with pytest.raises(OSError, match="No space"):
            store.new_run(SPEC)
    assert list((thaw_home / "runs").iterdir()) == []


@pytest.mark.parametrize(
    "run_id",
    [
        "",
        ".",
        "..",
        "../..",
        "/etc",
        "20261124-143012-ants-bees-3f9a",
        "20261124-143012-../../x-3f9a",
        "20261124-143012-ants-bees-3f9a\n",
        "20261124-143012-ants\0-3f9a",
        "٢٠٢٦١١٢٤-143012-ants-3f9a",
        "x" * 10_000,
    ],
)
def test_an_unknown_or_malformed_id_is_refused(run_id: str) -> None:
    for use in (store.read_run, store.run_dir, store.delete_run, store.evidence):
        with pytest.raises(InputError, match="There is no run") as raised:
            use(run_id)
        assert len(str(raised.value)) < 300


def test_a_linked_folder_is_no_run(thaw_home: Path, tmp_path: Path) -> None:
    store.new_run(SPEC)
    (tmp_path / "elsewhere").mkdir()
    (thaw_home / "runs" / "20261124-143012-link-3f9a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError):
        store.read_run("20261124-143012-link-3f9a")
    assert len(store.list_runs()) == 1


def test_reading_goes_on_where_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = store.new_run(SPEC)
    tell(run_id, "started", ("epoch", {"epoch": 0}))
    assert [e["epoch"] for e in store.read_run(run_id).epochs] == [0]
    offsets: list[int] = []
    read = events.read_events

    def watched(path: Path, offset: int = 0) -> tuple[list[events.Event], int, int]:
        offsets.append(offset)
        return read(path, offset)

    monkeypatch.setattr(events, "read_events", watched)
    store.read_run(run_id)
    assert offsets == []
    size = (store.run_dir(run_id) / events.FILE).stat().st_size
    with (store.run_dir(run_id) / events.FILE).open("a") as log:
        line = {"v": 1, "seq": 4, "t": 1.0, "attempt": 1, "kind": "epoch", "epoch": 1}
        log.write(json.dumps(line)[:10])
        log.flush()
        assert [e["epoch"] for e in store.read_run(run_id).epochs] == [0]
        log.write(json.dumps(line)[10:] + "\n")
    assert [e["epoch"] for e in store.read_run(run_id).epochs] == [0, 1]
    assert set(offsets) == {size}


def test_a_replaced_log_is_read_anew() -> None:
    run_id = store.new_run(SPEC)
    tell(run_id, "started", ("epoch", {"epoch": 0}), ("epoch", {"epoch": 1}))
    assert len(store.read_run(run_id).epochs) == 2
    path = store.run_dir(run_id) / events.FILE
    lines = path.read_bytes().splitlines(keepends=True)
    files.write_atomically(path, b"".join(lines[:-1]))
    assert len(store.read_run(run_id).epochs) == 1
    path.write_bytes(b"")
    assert len(store.read_run(run_id).epochs) == 0


def test_many_threads_read_the_same_state() -> None:
    run_id = store.new_run(SPEC)
    tell(run_id, "started", *(("epoch", {"epoch": n}) for n in range(200)), "finished")
    found: list[store.RunState] = []
    threads = [
        threading.Thread(target=lambda: found.append(store.read_run(run_id))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [store.read_run(run_id)] * 8


def test_a_run_is_alive_while_its_lock_is_held() -> None:
    run_id = store.new_run(SPEC)
    tell(run_id, "launched", new_attempt=False)
    with locks.hold(store.run_dir(run_id)):
        tell(run_id, "started")
        assert store.read_run(run_id).status == "running"
    assert store.read_run(run_id).status == "interrupted"


def test_a_run_that_ends_between_two_looks_is_not_called_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id = store.new_run(SPEC)
    tell(run_id, "launched", "started")

    def ends_meanwhile(folder: Path) -> bool:
        tell(run_id, "finished", new_attempt=False)
        return False

    monkeypatch.setattr(locks, "is_alive", ends_meanwhile)
    assert store.read_run(run_id).status == "finished"


def test_runs_are_listed_newest_first() -> None:
    ids = [store.new_run(SPEC) for _ in range(3)]
    times = {run_id: store.read_run(run_id).created for run_id in ids}
    listed = [state.id for state in store.list_runs()]
    assert sorted(listed) == sorted(ids)
    assert [times[i] for i in listed] == sorted(times.values(), reverse=True)


def test_no_runs_are_an_empty_list() -> None:
    assert store.list_runs() == ()


def test_damaged_runs_are_listed_and_told(thaw_home: Path) -> None:
    fine = store.new_run(SPEC)
    damaged = store.new_run(SPEC)
    (store.run_dir(damaged) / "spec.json").write_bytes(b"\xff{")
    empty = "20200101-000000-empty-0000"
    (thaw_home / "runs" / empty).mkdir()
    (thaw_home / "runs" / "notes.txt").write_text("mine")
    states = {state.id: state for state in store.list_runs()}
    assert states.keys() == {fine, damaged, empty}
    for run_id in (damaged, empty):
        state = states[run_id]
        assert state.status == "failed"
        assert state.error is not None
        assert state.error["code"] == "unreadable"
        assert results.result(state)["status"] == "failed"
        store.delete_run(run_id)
    assert [state.id for state in store.list_runs()] == [fine]


def test_deleting_is_refused_while_a_run_goes_on() -> None:
    run_id = store.new_run(SPEC)
    tell(run_id, "launched", "started")
    with locks.hold(store.run_dir(run_id)), pytest.raises(InputError, match="has not ended"):
        store.delete_run(run_id)
    assert store.run_dir(run_id).is_dir()


@pytest.mark.parametrize("for_good", [False, True])
def test_deleting_takes_everything_away(thaw_home: Path, tmp_path: Path, for_good: bool) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    run_id = store.new_run(SPEC)
    tell(run_id, "launched", "started")
    (store.run_dir(run_id) / "artifacts").symlink_to(outside)
    store.delete_run(run_id, for_good=for_good)
    left = [path.name for path in (thaw_home / "runs").iterdir()]
    assert left == ([] if for_good else [files.trash_dir().name])
    assert (outside / "kept").exists()
    with pytest.raises(InputError):
        store.read_run(run_id)


def test_a_folder_is_looked_at_wherever_it_lies(tmp_path: Path) -> None:
    run_id = store.new_run(SPEC)
    tell(run_id, "launched", "started", "finished")
    state = store.read_run(run_id)
    elsewhere = store.run_dir(run_id).rename(tmp_path / run_id)
    assert store.peek(elsewhere) == state


def test_evidence_is_read_from_its_run() -> None:
    run_id = store.new_run(RunSpec(kind="evidence", dataset="d"))
    with pytest.raises(InputError, match="holds no measurements"):
        store.evidence(run_id)
    evidence = bare_evidence()
    files.write_json(store.run_dir(run_id) / "artifacts" / "evidence.json", to_dict(evidence))
    assert store.evidence(run_id) == evidence
