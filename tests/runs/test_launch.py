"""Launching and steering: start once, pause, go on, resume, stop, queue."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tl_core.errors import InputError, RunFailed
from tl_core.runs import control, events, launch, locks, results, store
from tl_core.spec import RunSpec

Command = tuple[str, ...]
Eventually = Callable[[Callable[[], Any]], Any]

QUICK = RunSpec(kind="train", dataset="steady", size=32, epochs=2)
LONG = RunSpec(kind="train", dataset="steady", size=32, epochs=1000)


@pytest.fixture
def status(thaw_home: Path, eventually: Eventually) -> Iterator[Callable[[str, str], None]]:
    """Wait until a run has a status; at the end of the test stop all that still go on."""

    def wait(run_id: str, wanted: str) -> None:
        def has_come() -> bool:
            state = store.read_run(run_id)
            assert state.status == wanted or state.status not in store.TERMINAL, state
            return state.status == wanted

        eventually(has_come)

    yield wait
    for state in store.list_runs():
        launch.stop(state.id, force=True, grace_seconds=0.2)


Status = Callable[[str, str], None]


def kinds(run_id: str) -> list[str]:
    return [e["kind"] for e in events.read_events(store.run_dir(run_id) / events.FILE)[0]]


def test_a_run_starts_and_finishes(toy_command: Command, status: Status) -> None:
    run_id = launch.start(QUICK, command=toy_command)
    status(run_id, "finished")
    state = store.read_run(run_id)
    assert state.stop_reason == "epochs"
    assert [e["epoch"] for e in state.epochs] == [0, 1]
    assert state.attempt == 1
    assert kinds(run_id)[:3] == ["created", "launched", "started"]
    assert "steady is done" in (store.run_dir(run_id) / "worker.log").read_text()
    assert results.result(state)["trainable_parameters"] == 10


def test_an_unusable_request_is_refused(thaw_home: Path) -> None:
    with pytest.raises(InputError):
        launch.start(RunSpec(kind="train", dataset=""))
    assert store.list_runs() == ()


def test_the_same_request_is_the_same_run_while_it_goes_on(
    toy_command: Command, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = launch.start(LONG, command=toy_command)
    status(first, "running")
    monkeypatch.setattr(launch, "TWIN_SECONDS", 0.0)
    assert launch.start(LONG, command=toy_command) == first
    launch.stop(first)
    status(first, "stopped")
    second = launch.start(LONG, command=toy_command)
    assert second != first


def test_a_second_click_is_the_same_run_even_if_it_has_ended(
    toy_command: Command, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "TWIN_SECONDS", 3600.0)
    first = launch.start(QUICK, command=toy_command)
    status(first, "finished")
    assert launch.start(QUICK, command=toy_command) == first
    monkeypatch.setattr(launch, "TWIN_SECONDS", 0.0)
    assert launch.start(QUICK, command=toy_command) != first


def test_a_run_that_was_made_but_never_launched_is_launched(
    toy_command: Command, status: Status
) -> None:
    run_id = store.new_run(QUICK)
    assert launch.start(QUICK, command=toy_command) == run_id
    status(run_id, "finished")


def test_a_relative_source_is_the_same_request_again(
    toy_command: Command, status: Status, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = RunSpec(kind="import", source="pictures")
    run_id = launch.start(spec, command=toy_command)
    assert launch.start(spec, command=toy_command) == run_id
    status(run_id, "failed")  # the toy worker knows no dataset without a name
    assert store.read_run(run_id).spec.source == str(tmp_path / "pictures")


def test_pause_and_go_on(toy_command: Command, status: Status) -> None:
    run_id = launch.start(LONG, command=toy_command)
    status(run_id, "running")
    launch.pause(run_id)
    status(run_id, "paused")
    launch.unpause(run_id)
    status(run_id, "running")
    launch.pause(run_id)
    status(run_id, "paused")
    launch.resume(run_id, command=toy_command)
    status(run_id, "running")
    assert store.read_run(run_id).attempt == 1


def test_a_paused_run_lets_another_one_work(toy_command: Command, status: Status) -> None:
    first = launch.start(LONG, command=toy_command)
    status(first, "running")
    launch.pause(first)
    status(first, "paused")
    second = launch.start(QUICK, command=toy_command)
    status(second, "finished")
    assert store.read_run(first).status == "paused"


def test_a_second_run_queues_and_can_be_stopped_there(
    toy_command: Command, status: Status, eventually: Eventually
) -> None:
    first = launch.start(LONG, command=toy_command)
    status(first, "running")
    second = launch.start(QUICK, command=toy_command)
    third = launch.start(RunSpec(kind="evidence", dataset="forking"), command=toy_command)
    for run_id in (second, third):
        eventually(lambda run_id=run_id: store.read_run(run_id).waiting)
        assert store.read_run(run_id).status == "queued"
    launch.stop(second)
    status(second, "stopped")
    assert kinds(second) == ["created", "launched", "started", "waiting", "stopped"]
    assert store.read_run(third).status == "queued"
    launch.stop(first)
    status(third, "finished")


def test_an_import_does_not_queue(toy_command: Command, status: Status) -> None:
    first = launch.start(LONG, command=toy_command)
    status(first, "running")
    second = launch.start(
        RunSpec(kind="import", source="/x", dataset="forking"), command=toy_command
    )
    status(second, "finished")
    assert store.read_run(first).status == "running"


def test_stop_keeps_the_best_and_resume_goes_on(
    toy_command: Command, status: Status, eventually: Eventually
) -> None:
    spec = RunSpec(kind="train", dataset="steady", size=32, epochs=8)
    run_id = launch.start(spec, command=toy_command)
    eventually(lambda: len(store.read_run(run_id).epochs) >= 2)
    launch.stop(run_id)
    status(run_id, "stopped")
    stopped = store.read_run(run_id)
    assert stopped.stop_reason == "person"
    assert stopped.finished is not None
    assert stopped.finished["best"]["epoch"] == stopped.epochs[-1]["epoch"]
    launch.stop(run_id)
    assert store.read_run(run_id).last_seq == stopped.last_seq
    launch.resume(run_id, command=toy_command)
    status(run_id, "finished")
    finished = store.read_run(run_id)
    assert [e["epoch"] for e in finished.epochs] == list(range(8))
    assert finished.attempt == 2
    assert finished.stop_reason == "epochs"


def test_a_finished_run_can_be_neither_resumed_nor_paused(
    toy_command: Command, status: Status
) -> None:
    run_id = launch.start(QUICK, command=toy_command)
    status(run_id, "finished")
    with pytest.raises(InputError, match="has finished"):
        launch.resume(run_id, command=toy_command)
    for steer in (launch.pause, launch.unpause):
        with pytest.raises(InputError, match="not at work"):
            steer(run_id)
    launch.stop(run_id)
    assert store.read_run(run_id).status == "finished"
    store.delete_run(run_id)


def test_a_stopping_run_is_not_resumed(
    toy_command: Command, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = launch.start(RunSpec(kind="train", dataset="stubborn"), command=toy_command)
    status(run_id, "running")
    launch.stop(run_id)
    assert store.read_run(run_id).status == "stopping"
    with pytest.raises(InputError, match="still stopping"):
        launch.resume(run_id, command=toy_command)
    with pytest.raises(InputError, match="has not ended"):
        store.delete_run(run_id)


def test_force_ends_what_does_not_stop_by_itself(toy_command: Command, status: Status) -> None:
    run_id = launch.start(RunSpec(kind="train", dataset="stubborn"), command=toy_command)
    status(run_id, "running")
    launch.stop(run_id, force=True, grace_seconds=0.2)
    state = store.read_run(run_id)
    assert (state.status, state.stop_reason) == ("stopped", "person")
    assert not locks.is_alive(store.run_dir(run_id))


def test_a_signal_stops_like_a_person(
    toy_command: Command, status: Status, eventually: Eventually
) -> None:
    run_id = launch.start(LONG, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    told = events.read_events(store.run_dir(run_id) / events.FILE)[0]
    started = next(e for e in told if e["kind"] == "started")
    os.kill(started["pid"], signal.SIGTERM)
    status(run_id, "stopped")
    assert store.read_run(run_id).finished is not None


def test_a_full_disk_does_not_keep_a_run_going(
    toy_command: Command,
    status: Status,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*ignored: Any) -> None:
        raise OSError(28, "No space left on device")

    run_id = launch.start(LONG, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    with monkeypatch.context() as patch:
        patch.setattr(control, "write_want", full)
        with pytest.raises(RunFailed) as raised:
            launch.pause(run_id)
        assert raised.value.code == "disk_full"
        launch.stop(run_id)
    status(run_id, "stopped")


def test_a_full_disk_is_told_at_the_start(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*ignored: Any, **more: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(events.EventWriter, "emit", full)
    with pytest.raises(RunFailed, match="no room left") as raised:
        launch.start(QUICK)
    assert raised.value.code == "disk_full"


def test_stopping_a_run_without_a_worker_ends_it(thaw_home: Path) -> None:
    never_launched = store.new_run(QUICK)
    launch.stop(never_launched)
    assert store.read_run(never_launched).status == "stopped"
    dead = store.new_run(LONG)
    with events.EventWriter(store.run_dir(dead) / events.FILE, new_attempt=True) as writer:
        writer.emit("started")
    assert store.read_run(dead).status == "interrupted"
    launch.stop(dead)
    state = store.read_run(dead)
    assert (state.status, state.stop_reason) == ("stopped", "person")
    store.delete_run(dead)


def test_a_damaged_run_is_not_resumed(thaw_home: Path) -> None:
    run_id = store.new_run(QUICK)
    (store.run_dir(run_id) / "spec.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        launch.resume(run_id)


@pytest.mark.parametrize("steer", [launch.pause, launch.unpause, launch.resume, launch.stop])
def test_an_unknown_run_is_refused(thaw_home: Path, steer: Callable[[str], None]) -> None:
    with pytest.raises(InputError, match="There is no run"):
        steer("../../etc")


def test_two_resumes_make_one_worker_work(toy_command: Command, status: Status) -> None:
    run_id = launch.start(LONG, command=toy_command)
    status(run_id, "running")
    launch.stop(run_id)
    status(run_id, "stopped")
    launch.resume(run_id, command=toy_command)
    launch.resume(run_id, command=toy_command)
    status(run_id, "running")
    assert kinds(run_id).count("launched") == 2


def test_signals_go_to_the_worker_that_is_sure_only(
    thaw_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    run_id = store.new_run(LONG)
    folder = store.run_dir(run_id)
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        launch._signal(folder, signal.SIGTERM)
        writer.emit("started", pid=4_000_000, host="elsewhere")
        launch._signal(folder, signal.SIGTERM)
        writer.emit("launched")
        launch._signal(folder, signal.SIGTERM)
    assert sent == []


def test_a_run_in_a_race_does_not_answer_for_a_request(
    toy_command: Command, status: Status
) -> None:
    racing = store.new_run(LONG, race="some-race")
    own = launch.start(LONG, command=toy_command)
    assert own != racing
    status(own, "running")


def test_an_action_is_asked_for_once_until_it_is_answered(
    toy_command: Command, eventually: Eventually
) -> None:
    run_id = launch.start(LONG, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    asked = launch.act(run_id, "ignore", alarm="plateau")
    assert launch.act(run_id, "ignore", alarm="plateau") == asked
    assert launch.act(run_id, "ignore") != asked
    waiting = control.read_actions(store.run_dir(run_id))
    assert [one.alarm for one in waiting] == ["plateau", ""]
    launch.pause(run_id)
    assert control.read_actions(store.run_dir(run_id)) == waiting


def test_an_action_that_ends_a_run_does_so_even_without_a_worker(
    toy_command: Command, status: Status, eventually: Eventually
) -> None:
    run_id = launch.start(LONG, command=toy_command)
    eventually(lambda: store.read_run(run_id).epochs)
    launch.act(run_id, "stop_keep_best")
    status(run_id, "stopped")
    waiting = store.new_run(LONG)
    launch.act(waiting, "stop_keep_best")
    status(waiting, "stopped")
    launch.resume(run_id, command=toy_command)
    assert control.read_actions(store.run_dir(run_id)) == ()
    status(run_id, "running")


def test_actions_that_make_no_sense_are_refused(thaw_home: Path) -> None:
    probe = store.new_run(RunSpec(kind="train", dataset="d", strategy="linear_probe"))
    for action, words in (("fly", "no action"), ("thaw_next", "does not thaw")):
        with pytest.raises(InputError, match=words) as raised:
            launch.act(probe, action)
        assert raised.value.issues[0].field == "action"
    measuring = store.new_run(RunSpec(kind="evidence", dataset="d"))
    with pytest.raises(InputError, match="training run"):
        launch.act(measuring, "ignore")
    with pytest.raises(InputError):
        launch.act("20260101-000000-nothing-0000", "ignore")
    assert control.read_actions(store.run_dir(probe)) == ()
