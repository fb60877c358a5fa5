"""Deleting under fire: whoever is killed on the way leaves every run whole, in one place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.runs.telling import tell
from tl_core import files
from tl_core.runs import store, trash
from tl_core.spec import RunSpec

ROOT = Path(__file__).parents[2]
TO_AND_FRO = """
import sys
from tl_core.runs import trash
print("ready", flush=True)
while True:
    trash.delete(sys.argv[1])
    trash.restore(sys.argv[1])
"""
KILLED_BEFORE_OR_AFTER = """
import os, signal, sys
from pathlib import Path
from tl_core.runs import trash
rename, when = Path.rename, sys.argv[3]
def killed(path, target):
    if when == "after":
        rename(path, target)
    os.kill(os.getpid(), signal.SIGKILL)
Path.rename = killed
getattr(trash, sys.argv[1])(sys.argv[2])
"""
KILLED_WHILE_EMPTYING = """
import os, shutil, signal
from tl_core.runs import trash
def half(path, **ignored):
    next(path.rglob("*.safetensors")).unlink()
    os.kill(os.getpid(), signal.SIGKILL)
shutil.rmtree = half
trash.empty()
"""


@pytest.fixture
def run(thaw_home: Path) -> str:
    run_id = store.new_run(RunSpec(kind="train", dataset="d", strategy="lora"))
    tell(run_id, "launched", "started", ("finished", {"stop_reason": "epochs"}))
    folder = store.run_dir(run_id)
    files.write_atomically(folder / "checkpoints" / "best.safetensors", os.urandom(200_000))
    files.write_atomically(folder / "label.json", b'{"name": "a", "note": "", "tags": []}')
    return run_id


def content(folder: Path) -> dict[str, bytes]:
    """Return every file but the lock, which looking for life may make."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "worker.lock"
    }


def whole(run_id: str) -> dict[str, bytes]:
    """Return the content of a run that lies in one of the two places, and in one only."""
    places = [one.folder for one in trash.deleted() if one.run == run_id]
    places += list(files.runs_dir().glob(run_id))
    (place,) = places
    return content(place)


def killed(code: str, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["delete", "restore"])
def test_a_kill_at_the_renaming_loses_nothing(run: str, what: str, when: str) -> None:
    before = content(store.run_dir(run))
    if what == "restore":
        trash.delete(run)
    killed(KILLED_BEFORE_OR_AFTER, what, run, when)
    assert whole(run) == before
    if trash.deleted():
        trash.restore(run)
    assert content(store.run_dir(run)) == before
    assert store.read_run(run).status == "finished"


def test_kills_at_any_time_lose_nothing(run: str) -> None:
    before = content(store.run_dir(run))
    for turn in range(3):
        worker = subprocess.Popen(
            [sys.executable, "-c", TO_AND_FRO, run], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        time.sleep(0.02 + 0.037 * turn)
        worker.kill()
        worker.communicate()
        assert whole(run) == before
        if trash.deleted():
            trash.restore(run)


def test_a_half_emptied_run_is_never_offered_and_goes_at_the_next_turn(run: str) -> None:
    trash.delete(run)
    killed(KILLED_WHILE_EMPTYING)
    assert trash.deleted() == ()
    assert list(files.trash_dir().iterdir())
    trash.empty()
    assert list(files.trash_dir().iterdir()) == []
