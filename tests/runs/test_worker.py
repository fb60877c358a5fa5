"""The worker: every way a job can end, and what it leaves behind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tl_core.runs import events, locks, store, worker
from tl_core.spec import RunSpec

Command = tuple[str, ...]


def work(command: Command, run_id: str) -> int:
    """Run a worker on a run to its end; returns the exit code."""
    folder = store.run_dir(run_id)
    with (folder / "worker.log").open("ab") as log:
        return subprocess.run(
            [*command, str(folder)], stdout=log, stderr=log, check=False
        ).returncode


def behave(command: Command, behaviour: str) -> store.RunState:
    """Let the toy worker do something and return how that ended."""
    run_id = store.new_run(RunSpec(kind="train", dataset=behaviour, epochs=2))
    work(command, run_id)
    return store.read_run(run_id)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("bad-data", "bad_data"),
        ("bad-request", "bad_request"),
        ("memory", "out_of_memory"),
        ("run-failed", "no_base"),
        ("defect", "internal"),
        ("silent", "internal"),
        ("no-such-behaviour", "internal"),
    ],
)
def test_an_exception_becomes_a_failure_in_words(
    toy_command: Command, behaviour: str, code: str
) -> None:
    state = behave(toy_command, behaviour)
    assert state.status == "failed"
    assert state.error is not None
    assert state.error["code"] == code
    assert state.error["message"]
    assert state.error["fix"]
    assert "Traceback" not in json.dumps(state.error)
    log = (store.run_dir(state.id) / "worker.log").read_text()
    assert "Traceback" in log
    assert not locks.is_alive(store.run_dir(state.id))


def test_all_issues_reach_the_reader(toy_command: Command) -> None:
    state = behave(toy_command, "bad-data")
    assert state.error is not None
    assert [i["field"] for i in state.error["issues"]] == ["a/b.png", "a/b.png"]


def test_cancelled_means_stopped(toy_command: Command) -> None:
    state = behave(toy_command, "leaving")
    assert (state.status, state.stop_reason) == ("stopped", "person")
    assert state.finished is None


def test_a_forked_child_ends_by_a_signal(toy_command: Command) -> None:
    state = behave(toy_command, "forking")
    assert state.status == "finished"
    assert state.finished is not None
    assert state.finished["dataset"] == "signal-15"


def test_what_a_worker_says_first(toy_command: Command) -> None:
    state = behave(toy_command, "steady")
    assert state.status == "finished"
    told = events.read_events(store.run_dir(state.id) / events.FILE)[0]
    started = told[1]
    assert started["kind"] == "started"
    assert started["attempt"] == 1
    assert started["device"] == "cpu"
    assert {"thaw", "python", "torch"} <= started["versions"].keys()
    assert not (store.run_dir(state.id) / ".spare").exists()


def test_a_run_that_has_ended_is_left_alone(toy_command: Command) -> None:
    state = behave(toy_command, "steady")
    assert work(toy_command, state.id) == worker.EXIT_DONE
    assert store.read_run(state.id).last_seq == state.last_seq


def test_a_run_in_other_hands_is_left_alone(
    toy_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = store.new_run(RunSpec(kind="train", dataset="steady"))
    monkeypatch.setattr(worker, "LOCK_SECONDS", 0.05)
    with locks.hold(store.run_dir(run_id)):
        script = f"""
import sys
from pathlib import Path
from tl_core.runs import worker
worker.LOCK_SECONDS = 0.05
sys.exit(worker.main([{str(store.run_dir(run_id))!r}]))
"""
        code = subprocess.run(
            [toy_command[0], "-c", script],
            capture_output=True,
            check=False,
            cwd=Path(__file__).parents[2],
        ).returncode
    assert code == worker.EXIT_BUSY
    assert store.read_run(run_id).attempt == 0


def test_a_missing_run_is_no_crash(toy_command: Command, tmp_path: Path) -> None:
    done = subprocess.run(
        [*toy_command, str(tmp_path / "gone")], capture_output=True, text=True, check=False
    )
    assert done.returncode == worker.EXIT_BUSY
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "gone").exists()


def test_the_exit_code_tells_a_failure(toy_command: Command) -> None:
    run_id = store.new_run(RunSpec(kind="train", dataset="defect"))
    assert work(toy_command, run_id) == worker.EXIT_FAILED


def test_a_request_that_cannot_be_run_fails_in_words(toy_command: Command) -> None:
    run_id = store.new_run(RunSpec(kind="train", dataset="steady"))
    path = store.run_dir(run_id) / "spec.json"
    values: dict[str, Any] = json.loads(path.read_text())
    path.write_text(json.dumps(values | {"epochs": -1}))
    work(toy_command, run_id)
    state = store.read_run(run_id)
    assert state.status == "failed"
    assert state.error is not None
    assert state.error["code"] == "bad_request"


def test_nothing_heavy_is_loaded_before_the_job() -> None:
    script = "import sys, tl_core.runs.worker; print(*sys.modules)"
    done = subprocess.run(
        [worker.sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"torch", "timm", "torchvision", "sklearn", "pandas", "numpy"})


def test_a_helping_process_tells_nothing_and_takes_no_lock(
    thaw_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    run_id = store.new_run(RunSpec(kind="train", dataset="any", strategy="linear_probe"))
    folder = store.run_dir(run_id)
    before = (folder / events.FILE).read_bytes()
    done: list[bool] = []

    def job(spec: RunSpec, run_dir: Path, emit: Any, ask: Any) -> dict[str, Any]:
        emit("epoch", epoch=1)
        done.append(ask())
        with locks.hold(run_dir) as is_ours:
            done.append(is_ours)
        return {}

    assert worker.main([str(folder)], jobs={"train": job}) == worker.EXIT_DONE
    assert done == [True, True]
    assert (folder / events.FILE).read_bytes() == before
