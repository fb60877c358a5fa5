"""Storage: what takes space is told, what is in use stays, what is removed was spare."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.runs.telling import tell
from tl_core import files
from tl_core.errors import InputError
from tl_core.runs import locks, storage, store, trash
from tl_core.spec import RunSpec

KB = 1000


def put(path: Path, size: int = KB) -> Path:
    files.write_atomically(path, b"x" * size)
    return path


def run(*told: str, kind: str = "train") -> Path:
    folder = store.run_dir(store.new_run(RunSpec(kind=kind, dataset="d", strategy="lora")))
    tell(folder.name, "launched", "started", *told)
    put(folder / "checkpoints" / "best.safetensors", 5 * KB)
    put(folder / "checkpoints" / "best-00003.safetensors", 5 * KB)
    put(folder / "checkpoints" / "last.pt", 20 * KB)
    return folder


def test_an_empty_home_takes_nothing(thaw_home: Path) -> None:
    found = storage.measure()
    assert (found.bytes, found.items, found.busy) == (0, (), False)
    assert found.free > 0


def test_everything_is_counted_once(thaw_home: Path) -> None:
    run("finished")
    put(files.datasets_dir() / "bees" / "images" / "a.png", 3 * KB)
    put(files.cache_dir() / "features" / "a.npy", 7 * KB)
    put(files.uploads_dir() / "x.zip", 2 * KB)
    put(thaw_home / "notes.txt", 11)
    trash.delete(run("finished").name)
    found = storage.measure()
    assert found.bytes == files.folder_bytes(thaw_home)
    assert found.items[0].bytes == max(item.bytes for item in found.items)
    assert [(i.id, i.bytes) for i in found.of("dataset")] == [("bees", 3 * KB)]
    assert {i.kind for i in found.items} == {"run", "dataset", "cache", "trash", "upload", "other"}


def test_a_finished_run_keeps_its_best_weights(thaw_home: Path) -> None:
    folder = run("finished")
    before = files.folder_bytes(folder)
    assert storage.measure().removable("checkpoints") == 25 * KB
    assert storage.clean(["checkpoints"]).freed == {"checkpoints": 25 * KB}
    assert files.folder_bytes(folder) == before - 25 * KB
    assert [p.name for p in (folder / "checkpoints").iterdir()] == ["best.safetensors"]
    assert storage.measure().removable("checkpoints") == 0


@pytest.mark.parametrize("ending", ["", "stopped", "failed"])
def test_a_run_that_may_go_on_keeps_its_checkpoints(thaw_home: Path, ending: str) -> None:
    folder = run(*filter(None, [ending]))
    assert storage.clean(["checkpoints"]).freed == {"checkpoints": 0}
    assert len(list((folder / "checkpoints").iterdir())) == 3


def test_a_finished_run_that_somebody_holds_keeps_its_checkpoints(thaw_home: Path) -> None:
    folder = run("finished")
    with locks.hold(folder):
        assert storage.clean(["checkpoints"]).freed == {"checkpoints": 0}


def test_caches_stay_while_a_job_goes_on(thaw_home: Path) -> None:
    cached = put(files.cache_dir() / "features" / "a.npy")
    going = run()
    with locks.hold(going):
        assert storage.measure().busy
        assert storage.measure().removable("cache") == 0
        done = storage.clean(["cache"])
        assert done.freed == {"cache": 0}
        assert "going on" in done.kept[0]
        assert cached.exists()
    assert storage.clean(["cache"]).freed["cache"] >= KB
    assert not cached.exists()


def test_what_is_half_made_goes_once_it_is_old(thaw_home: Path) -> None:
    old = put(files.runs_dir() / ".new-x" / "spec.json").parent
    young = put(files.runs_dir() / ".new-y" / "spec.json").parent
    late = time.time() - 2 * 86_400
    os.utime(old, (late, late))
    assert storage.measure().removable("leftovers") == KB
    assert storage.clean(["leftovers"]).freed == {"leftovers": KB}
    assert (old.exists(), young.exists()) == (False, True)


def test_the_trash_is_emptied_and_what_is_needed_told(thaw_home: Path) -> None:
    base = run("finished").name
    store.new_run(RunSpec(kind="train", dataset="d", base=f"run:{base}"))
    store.delete_run(base)
    done = storage.clean(["trash"])
    assert done.freed == {"trash": 0}
    assert base in done.kept[0]
    assert [one.run for one in trash.deleted()] == [base]


def test_an_unknown_way_is_refused_before_anything_goes(thaw_home: Path) -> None:
    cached = put(files.cache_dir() / "a")
    with pytest.raises(InputError, match="everything"):
        storage.clean(["cache", "everything"])
    assert cached.exists()
