"""The trash: what is deleted comes back byte by byte, or goes when its time is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.telling import tell
from tl_core import files
from tl_core.errors import InputError
from tl_core.runs import labels, listing, locks, store, trash
from tl_core.spec import RunSpec

pytestmark = pytest.mark.usefixtures("thaw_home")


def ended(base: str = "tf_efficientnet_lite0") -> str:
    run_id = store.new_run(RunSpec(kind="train", dataset="d", base=base, strategy="lora"))
    tell(run_id, "launched", "started", ("finished", {"stop_reason": "epochs"}))
    with locks.hold(store.run_dir(run_id)):
        pass
    files.write_atomically(store.run_dir(run_id) / "checkpoints" / "best.safetensors", b"\0\1\2")
    return run_id


def content(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file with its bytes and its date."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def age(days: float) -> None:
    """Let everything in the trash be older."""
    for one in trash.deleted():
        when = int(one.deleted - days * 86_400)
        one.folder.rename(one.folder.with_name(f"{one.run}.{when}"))


def test_deleting_and_restoring_loses_nothing() -> None:
    run_id = ended()
    labels.note(store.run_dir(run_id), "keep me")
    before, state = content(store.run_dir(run_id)), store.read_run(run_id)
    assert len(before) >= 5
    trash.delete(run_id)
    assert listing.list_runs() == ()
    (gone,) = trash.deleted()
    assert content(gone.folder) == before
    assert gone.state() == state
    assert gone.days_left == trash.KEPT_DAYS
    trash.restore(run_id)
    assert content(store.run_dir(run_id)) == before
    assert store.read_run(run_id) == state
    assert trash.deleted() == ()


def test_what_is_not_in_the_trash_cannot_be_restored() -> None:
    run_id = ended()
    for unknown in (run_id, "", "../runs", "x" * 500):
        with pytest.raises(InputError, match="in the trash"):
            trash.restore(unknown)
    assert store.read_run(run_id).status == "finished"


def test_a_run_whose_place_is_taken_stays_in_the_trash() -> None:
    run_id = ended()
    trash.delete(run_id)
    (files.runs_dir() / run_id).mkdir()
    with pytest.raises(InputError, match="is there already"):
        trash.restore(run_id)
    assert [one.run for one in trash.deleted()] == [run_id]


def test_the_same_run_can_be_deleted_twice_at_once() -> None:
    run_id = ended()
    for number in range(2):
        trash.delete(run_id)
        if not number:
            files.write_atomically(files.runs_dir() / run_id / "spec.json", b"{}")
    newest, oldest = trash.deleted()
    assert (newest.run, oldest.run) == (run_id, run_id)
    assert (oldest.folder / "checkpoints" / "best.safetensors").read_bytes() == b"\0\1\2"


def test_emptying_tells_what_it_freed() -> None:
    run_id = ended()
    trash.delete(run_id)
    size = files.folder_bytes(trash.deleted()[0].folder)
    done = trash.empty()
    assert (done.runs, done.bytes, done.kept) == ((run_id,), size, ())
    assert list(files.trash_dir().iterdir()) == []
    assert trash.empty() == trash.Emptied((), 0, ())


def test_what_others_were_built_on_stays() -> None:
    oldest = ended()
    middle = ended(f"run:{oldest}")
    living = ended(f"run:{middle}")
    alone = ended()
    for run_id in (oldest, middle, alone):
        trash.delete(run_id)
    done = trash.empty()
    assert done.runs == (alone,)
    assert set(done.kept) == {oldest, middle}
    trash.delete(living)
    assert set(trash.empty().runs) == {oldest, middle, living}


def test_what_a_job_going_on_needs_is_not_deleted() -> None:
    run_id = ended()
    for spec in (
        RunSpec(kind="train", dataset="d", base=f"run:{run_id}"),
        RunSpec(kind="explain", dataset="d", run=run_id, aspects=("looks",)),
        RunSpec(kind="export", run=run_id, formats=("onnx",)),
        RunSpec(kind="interpolate", dataset="d", mix_of=run_id),
    ):
        job = store.new_run(spec)
        with pytest.raises(InputError, match=f"The run {job}, which is going on, needs {run_id}"):
            trash.delete(run_id)
        tell(job, ("stopped", {"stop_reason": "person"}))
    trash.delete(run_id)
    assert [one.run for one in trash.deleted()] == [run_id]


def test_it_empties_itself_of_what_is_old() -> None:
    old, young = ended(), ended()
    trash.delete(old)
    age(trash.KEPT_DAYS + 0.1)
    trash.delete(young)
    assert [one.run for one in trash.deleted()] == [young]
    age(trash.KEPT_DAYS - 0.5)
    trash.sweep()
    assert [one.days_left for one in trash.deleted()] == [1]


def test_what_is_no_run_is_left_alone() -> None:
    trash.delete(ended())
    (files.trash_dir() / "mine.txt").write_text("mine")
    (files.trash_dir() / "20260101-000000-a-0000.12").symlink_to(files.home())
    assert len(trash.deleted()) == 1
    trash.empty()
    assert {path.name for path in files.trash_dir().iterdir()} == {
        "mine.txt",
        "20260101-000000-a-0000.12",
    }
