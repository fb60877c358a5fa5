"""The warm worker: claimed in an instant, one job after the other, gone when not needed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tl_core.runs import events, launch, pool, store, warm
from tl_core.spec import RunSpec

Command = tuple[str, ...]
Eventually = Callable[[Callable[[], Any]], Any]

SHORT = RunSpec(kind="train", dataset="steady", size=32, epochs=1)


@pytest.fixture
def warm_worker(
    toy_command: Command, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The folder of a worker that waits."""
    monkeypatch.setenv("THAW_WARM", "1")
    launch.ensure_warm_worker(command=toy_command)
    (folder,) = pool.folders()
    eventually(lambda: pool.read_info(folder).get("ready"))
    yield folder
    launch.stop_warm_workers()


def started(run_id: str) -> dict[str, Any]:
    told = events.read_events(store.run_dir(run_id) / events.FILE)[0]
    return next(e for e in told if e["kind"] == "started")


def finish(run_id: str, eventually: Eventually) -> store.RunState:
    eventually(lambda: not store.read_run(run_id).is_active)
    return store.read_run(run_id)


def test_a_warm_worker_does_one_job_after_the_other(
    warm_worker: Path, eventually: Eventually
) -> None:
    pid = pool.read_info(warm_worker)["pid"]
    runs = []
    for seed in range(2):
        eventually(lambda: pool.is_idle(warm_worker))
        run_id = launch.start(RunSpec(kind="train", dataset="steady", seed=seed, epochs=1))
        assert finish(run_id, eventually).status == "finished"
        assert started(run_id)["pid"] == pid
        assert "steady is done" in (store.run_dir(run_id) / "worker.log").read_text()
        runs.append(run_id)
    eventually(lambda: pool.is_idle(warm_worker))
    for run_id in runs:
        store.delete_run(run_id)
    assert "steady is done" not in (warm_worker / "worker.log").read_text()


def test_a_warm_worker_speaks_the_language_of_each_job(
    warm_worker: Path, speak: Callable[[str], None], eventually: Eventually
) -> None:
    said = []
    for code in ("de", "en"):
        speak(code)
        eventually(lambda: pool.is_idle(warm_worker))
        run_id = launch.start(RunSpec(kind="train", dataset="defect", seed=len(said)))
        error = finish(run_id, eventually).error
        assert error is not None
        said.append(error["message"])
    assert said[0].startswith("In Thaw ist ein Fehler aufgetreten")
    assert said[1].startswith("Something inside Thaw went wrong")


def test_a_warm_worker_survives_a_failed_job(warm_worker: Path, eventually: Eventually) -> None:
    run_id = launch.start(RunSpec(kind="train", dataset="defect"))
    state = finish(run_id, eventually)
    assert state.error is not None
    assert state.error["code"] == "internal"
    assert "Traceback" in (store.run_dir(run_id) / "worker.log").read_text()
    eventually(lambda: pool.is_idle(warm_worker))


def test_a_warm_job_can_be_stopped_and_resumed(warm_worker: Path, eventually: Eventually) -> None:
    run_id = launch.start(RunSpec(kind="train", dataset="steady", epochs=5))
    eventually(lambda: store.read_run(run_id).epochs)
    launch.stop(run_id)
    assert finish(run_id, eventually).status == "stopped"
    eventually(lambda: pool.is_idle(warm_worker))
    launch.resume(run_id)
    state = finish(run_id, eventually)
    assert state.status == "finished"
    assert state.attempt == 2
    assert [e["epoch"] for e in state.epochs] == list(range(5))


def test_a_killed_warm_worker_leaves_an_interrupted_run(
    warm_worker: Path, eventually: Eventually, toy_command: Command
) -> None:
    run_id = launch.start(RunSpec(kind="train", dataset="steady", epochs=1000))
    eventually(lambda: store.read_run(run_id).epochs)
    os.kill(started(run_id)["pid"], 9)
    eventually(lambda: store.read_run(run_id).status == "interrupted")
    assert store.read_run(run_id).epochs
    assert store.read_run(run_id).error is None
    launch.stop(run_id)


def test_a_light_job_leaves_the_warm_worker_alone(warm_worker: Path, toy_command: Command) -> None:
    claimed = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "claim", claimed.append)
        patch.setattr(launch, "spawn", lambda command, log: None)
        launch.start(RunSpec(kind="import", source="/x"))
    assert claimed == []


def test_warm_workers_can_be_turned_off(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THAW_WARM", "0")
    launch.ensure_warm_worker(command=("never",))
    assert list(pool.folders()) == []
    monkeypatch.setattr(pool, "claim", lambda run_id: pytest.fail("claimed"))
    commands: list[Any] = []
    monkeypatch.setattr(launch, "spawn", lambda command, log: commands.append(command))
    launch.start(SHORT)
    assert commands[0][:-1] == list(launch.WORKER)


def test_an_idle_worker_can_be_sent_home(warm_worker: Path) -> None:
    launch.stop_warm_workers()
    assert not warm_worker.exists()


def test_a_worker_goes_when_its_home_vanishes(
    warm_worker: Path, eventually: Eventually, thaw_home: Path
) -> None:
    pid = pool.read_info(warm_worker)["pid"]
    shutil.rmtree(thaw_home)

    def is_gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    eventually(is_gone)
    assert not thaw_home.exists()


# From here on the loop itself, in this process.


@pytest.fixture
def folder(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(warm, "POLL_SECONDS", 0.001)
    folder = pool.folder_of_all() / "a"
    folder.mkdir(parents=True)
    return folder


def test_an_idle_worker_goes_after_a_while(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "IDLE_SECONDS", 0.05)
    assert warm.wait_for_jobs(folder, lambda run_dir: True, ()) == 0
    assert not folder.exists()
    assert list(pool.folder_of_all().iterdir()) == []


def test_an_order_that_comes_while_leaving_is_still_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = store.new_run(SHORT)
    monkeypatch.setattr(warm, "IDLE_SECONDS", 0.0)
    rename, served = Path.rename, []

    def claimed_just_before(path: Path, target: Path) -> Path:
        pool._order(path, {"run": run_id, "cwd": os.getcwd()})
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", claimed_just_before)
        warm.wait_for_jobs(folder, lambda run_dir: bool(served.append(run_dir)), ())
    assert served == [store.run_dir(run_id)]
    assert list(pool.folder_of_all().iterdir()) == []


@pytest.mark.parametrize("reason", ["large", "asked", "second", "signalled"])
def test_after_a_job_it_goes_if_there_is_a_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    run_id = store.new_run(SHORT)
    pool._order(folder, {"run": run_id, "cwd": os.getcwd()})
    if reason == "large":
        monkeypatch.setattr(warm, "MOST_BYTES", 0)
    elif reason == "asked":
        pool.ask_to_quit(folder)
    elif reason == "second":
        (pool.folder_of_all() / "b").mkdir()
    assert warm.wait_for_jobs(folder, lambda run_dir: reason != "signalled", ()) == 0
    assert not folder.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"run":7}', '{"run":"../.."}'])
def test_an_order_that_says_nothing_is_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr(warm, "_ORDER_SECONDS", 0.02)
    monkeypatch.setattr(warm, "IDLE_SECONDS", 0.05)
    (folder / pool.ORDER).write_text(content)
    served: list[Path] = []
    assert warm.wait_for_jobs(folder, lambda run_dir: bool(served.append(run_dir)), ()) == 0
    assert served == []


def test_it_imports_before_it_is_ready(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool]] = []
    monkeypatch.setattr(warm, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(
        warm.importlib,
        "import_module",
        lambda name: seen.append((name, pool.read_info(folder)["ready"])),
    )
    warm.wait_for_jobs(folder, lambda run_dir: True, ("a", "b"))
    assert seen == [("a", False), ("b", False)]


def test_it_does_not_share_a_folder(folder: Path) -> None:
    with warm.locks.hold(folder):
        assert warm.wait_for_jobs(folder, lambda run_dir: True, ()) == 0
    assert folder.exists()


def test_output_goes_where_the_job_belongs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    os.write(1, b"before\n")
    with warm._output_to(tmp_path / "log"):
        os.write(1, b"out\n")
        os.write(2, b"problem\n")
    os.write(1, b"after\n")
    assert (tmp_path / "log").read_text() == "out\nproblem\n"
    assert capfd.readouterr().out == "before\nafter\n"


def test_memory_in_use_is_known() -> None:
    assert 1 << 20 < warm._bytes_in_use() < 1 << 40
