"""Runs under fire: kills, torn and damaged logs, full disks, two clicks at once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tl_core import files
from tl_core.errors import InputError
from tl_core.runs import events, launch, locks, store
from tl_core.spec import RunSpec

Command = tuple[str, ...]
Eventually = Callable[[Callable[[], Any]], Any]

ROOT = Path(__file__).parents[2]
LONG = RunSpec(kind="train", dataset="steady", size=32, epochs=1000)


@pytest.fixture(autouse=True)
def _no_run_outlives_a_test(thaw_home: Path) -> Iterator[None]:
    yield
    for state in store.list_runs():
        with contextlib.suppress(InputError):
            launch.stop(state.id, force=True, grace_seconds=0.2)


def log_of(run_id: str) -> Path:
    return store.run_dir(run_id) / events.FILE


def kill_worker(run_id: str, number: signal.Signals = signal.SIGKILL) -> None:
    told = events.read_events(log_of(run_id))[0]
    os.kill([e["pid"] for e in told if e["kind"] == "started"][-1], number)


def interrupted(run_id: str, eventually: Eventually) -> store.RunState:
    eventually(lambda: store.read_run(run_id).status == "interrupted")
    return store.read_run(run_id)


def ended(run_id: str, eventually: Eventually) -> store.RunState:
    eventually(lambda: not store.read_run(run_id).is_active)
    return store.read_run(run_id)


def test_a_killed_run_is_interrupted_and_resumes_to_its_end(
    toy_command: Command, eventually: Eventually
) -> None:
    spec = RunSpec(kind="train", dataset="steady", size=32, epochs=6)
    run_id = launch.start(spec, command=toy_command)
    eventually(lambda: len(store.read_run(run_id).epochs) >= 2)
    kill_worker(run_id)
    state = interrupted(run_id, eventually)
    assert state.error is None
    assert not state.is_active
    launch.resume(run_id, command=toy_command)
    assert store.read_run(run_id).status in ("queued", "running")
    state = ended(run_id, eventually)
    assert state.status == "finished"
    assert [e["epoch"] for e in state.epochs] == list(range(6))
    assert {e["attempt"] for e in state.epochs} == {1, 2}


def test_a_run_killed_while_paused_resumes(toy_command: Command, eventually: Eventually) -> None:
    run_id = launch.start(LONG, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    launch.pause(run_id)
    eventually(lambda: store.read_run(run_id).status == "paused")
    kill_worker(run_id)
    interrupted(run_id, eventually)
    before = len(store.read_run(run_id).epochs)
    launch.resume(run_id, command=toy_command)
    eventually(lambda: store.read_run(run_id).status == "running")
    eventually(lambda: len(store.read_run(run_id).epochs) > before)
    assert store.read_run(run_id).attempt == 2


def test_an_orphaned_child_does_not_keep_a_dead_run_alive(
    toy_command: Command, eventually: Eventually
) -> None:
    spec = RunSpec(kind="train", dataset="with-child", size=32, epochs=1000)
    run_id = launch.start(spec, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    child = files.read_json(store.run_dir(run_id) / "artifacts" / "child.json")
    try:
        kill_worker(run_id)
        assert not interrupted(run_id, eventually).is_active
        assert not locks.is_alive(store.run_dir(run_id))
        os.kill(child, 0)  # raises if the child is gone, which would make this no test
    finally:
        os.kill(child, signal.SIGKILL)


def test_force_ends_the_children_too(toy_command: Command, eventually: Eventually) -> None:
    spec = RunSpec(kind="train", dataset="with-child", size=32, epochs=1000)
    run_id = launch.start(spec, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    child = files.read_json(store.run_dir(run_id) / "artifacts" / "child.json")
    kill_worker(run_id, signal.SIGSTOP)  # now it answers neither the file nor SIGTERM
    launch.stop(run_id, force=True, grace_seconds=0.1)
    assert store.read_run(run_id).status == "stopped"

    def is_gone() -> bool:
        try:
            return "Z" in Path(f"/proc/{child}/stat").read_text().split()
        except FileNotFoundError:
            return True

    eventually(is_gone)


def test_a_torn_last_line_is_completed_on_resume(
    toy_command: Command, eventually: Eventually
) -> None:
    spec = RunSpec(kind="train", dataset="steady", size=32, epochs=4)
    run_id = launch.start(spec, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    kill_worker(run_id)
    interrupted(run_id, eventually)
    with log_of(run_id).open("ab") as log:
        log.write(b'{"v":1,"seq":99,"kind":"epoch","ep')
    before = store.read_run(run_id)
    assert (before.status, before.bad_lines) == ("interrupted", 0)
    launch.resume(run_id, command=toy_command)
    state = ended(run_id, eventually)
    assert (state.status, state.bad_lines) == ("finished", 1)
    assert [e["epoch"] for e in state.epochs] == list(range(4))


def test_garbage_in_the_log_is_counted_and_survived(
    toy_command: Command, eventually: Eventually
) -> None:
    spec = RunSpec(kind="train", dataset="steady", size=32, epochs=3)
    run_id = launch.start(spec, command=toy_command)
    assert ended(run_id, eventually).status == "finished"
    lines = log_of(run_id).read_bytes().splitlines(keepends=True)
    garbage = [b"\0\xff\xfe\n", b"[[[[\n", b'{"kind":"epoch","epoch":{}}\n', b"{}\n"]
    files.write_atomically(log_of(run_id), b"".join([*lines[:5], *garbage, *lines[5:]]))
    state = store.read_run(run_id)
    assert state.status == "finished"
    assert state.bad_lines == len(garbage)
    assert [e["epoch"] for e in state.epochs] == [0, 1, 2]
    assert store.list_runs() == (state,)


def test_two_threads_that_start_the_same_get_one_run(toy_command: Command) -> None:
    ids: list[str] = []
    barrier = threading.Barrier(4)

    def click() -> None:
        barrier.wait()
        ids.append(launch.start(LONG, command=toy_command))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1
    assert len(store.list_runs()) == 1


START = """
import sys
from tl_core.runs import launch
from tl_core.spec import RunSpec
sys.stdin.readline()
spec = RunSpec(kind="train", dataset="steady", size=32, epochs=1000)
print(launch.start(spec, command=sys.argv[1:]), flush=True)
sys.stdin.readline()
"""


def starter(command: Command) -> subprocess.Popen[str]:
    """A process that starts a run once it is told to, and then stays until it is told to go."""
    return subprocess.Popen(
        [sys.executable, "-c", START, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )


def test_two_processes_that_start_the_same_get_one_run(
    toy_command: Command, eventually: Eventually
) -> None:
    with starter(toy_command) as one, starter(toy_command) as other:
        for process in (one, other):
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        ids = {process.communicate("\n")[0].strip() for process in (one, other)}
    assert len(ids) == 1
    (run_id,) = ids
    eventually(lambda: store.read_run(run_id).epochs)
    assert len(store.list_runs()) == 1
    assert [e["kind"] for e in events.read_events(log_of(run_id))[0]].count("launched") == 1


def test_a_run_goes_on_when_whoever_started_it_is_killed(
    toy_command: Command, eventually: Eventually
) -> None:
    with starter(toy_command) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write("\n")
        parent.stdin.flush()
        run_id = parent.stdout.readline().strip()
        eventually(lambda: store.read_run(run_id).epochs)
        os.killpg(parent.pid, signal.SIGKILL)
        parent.wait()
    seen = len(store.read_run(run_id).epochs)
    eventually(lambda: len(store.read_run(run_id).epochs) > seen)
    assert store.read_run(run_id).status == "running"
    launch.pause(run_id)
    eventually(lambda: store.read_run(run_id).status == "paused")


def test_whoever_dies_before_launching_blocks_nobody(
    toy_command: Command, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = RunSpec(kind="train", dataset="steady", size=32, epochs=1)

    def die(*ignored: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(launch, "_launch", die)
        with pytest.raises(KeyboardInterrupt):
            launch.start(spec, command=toy_command)
    (state,) = store.list_runs()
    assert state.status == "queued"
    assert launch.start(spec, command=toy_command) == state.id
    assert ended(state.id, eventually).status == "finished"


def test_a_worker_that_never_comes_up_leaves_an_interrupted_run(
    toy_command: Command, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = launch.start(
        RunSpec(kind="train", dataset="steady", epochs=1),
        command=(sys.executable, "-c", "raise SystemExit('no')"),
    )
    assert store.read_run(run_id).status == "queued"
    monkeypatch.setattr("tl_core.runs.fold.START_SECONDS", 0.0)
    assert store.read_run(run_id).status == "interrupted"
    launch.resume(run_id, command=toy_command)
    eventually(lambda: store.read_run(run_id).status == "finished")


def test_the_queue_moves_on_when_the_worker_at_work_is_killed(
    toy_command: Command, eventually: Eventually
) -> None:
    first = launch.start(LONG, command=toy_command)
    eventually(lambda: store.read_run(first).epochs)
    second = launch.start(
        RunSpec(kind="train", dataset="steady", size=32, epochs=1), command=toy_command
    )
    third = launch.start(
        RunSpec(kind="train", dataset="steady", size=32, epochs=2), command=toy_command
    )
    eventually(lambda: store.read_run(second).waiting and store.read_run(third).waiting)
    launch.stop(third)
    assert ended(third, eventually).status == "stopped"
    kill_worker(first)
    assert ended(second, eventually).status == "finished"


def test_a_full_disk_fails_in_words_and_harms_nothing(
    toy_command: Command, eventually: Eventually
) -> None:
    run_id = launch.start(RunSpec(kind="train", dataset="full-disk"), command=toy_command)
    state = ended(run_id, eventually)
    assert state.status == "failed"
    assert state.error is not None
    assert state.error["code"] == "disk_full"
    assert state.bad_lines == 0
    checkpoints = store.run_dir(run_id) / "checkpoints"
    assert [p.name for p in checkpoints.iterdir()] == ["last.json"]
    assert (checkpoints / "last.json").read_bytes() == b"good"
    assert store.read_run(run_id).spec.dataset == "full-disk"


@pytest.fixture
def tiny_disk(thaw_home: Path) -> Iterator[Path]:
    """THAW_HOME/runs on a disk of its own of 400 kB, where that is allowed."""
    runs = thaw_home / "runs"
    runs.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(runs)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small disk is not allowed here")
    yield runs
    for state in store.list_runs():
        launch.stop(state.id, force=True, grace_seconds=0.2)
    subprocess.run(["umount", "-l", str(runs)], check=True)


def test_the_last_word_gets_through_on_a_disk_filled_to_the_last_byte(
    tiny_disk: Path, toy_command: Command, eventually: Eventually
) -> None:
    run_id = launch.start(RunSpec(kind="train", dataset="filling"), command=toy_command)
    state = ended(run_id, eventually)
    assert state.status == "failed"
    assert state.error is not None
    assert state.error["code"] == "disk_full"
    assert state.bad_lines == 0
    store.delete_run(run_id)
    assert store.list_runs() == ()


def test_a_deleted_folder_ends_its_worker(
    toy_command: Command, eventually: Eventually, thaw_home: Path, tmp_path: Path
) -> None:
    run_id = launch.start(LONG, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    elsewhere = tmp_path / "elsewhere"
    store.run_dir(run_id).rename(elsewhere)
    eventually(lambda: not locks.is_alive(elsewhere))
    for left in store.list_runs():  # a last checkpoint makes the folder anew; it can be deleted
        assert not left.is_active
        store.delete_run(left.id)
    assert store.list_runs() == ()


def test_a_damaged_request_harms_only_its_own_run(
    toy_command: Command, eventually: Eventually
) -> None:
    damaged = launch.start(
        RunSpec(kind="train", dataset="steady", size=32, epochs=1), command=toy_command
    )
    ended(damaged, eventually)
    path = store.run_dir(damaged) / "spec.json"
    path.write_bytes(path.read_bytes()[:20])
    fine = launch.start(
        RunSpec(kind="train", dataset="steady", size=32, epochs=2), command=toy_command
    )
    assert ended(fine, eventually).status == "finished"
    # A page that has read the run before may still show it; a new process tells what is wrong.
    script = "from tl_core.runs import store; print([s.status for s in store.list_runs()])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "['finished', 'failed']"
