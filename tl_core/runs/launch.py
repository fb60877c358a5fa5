"""Starting and steering runs: what the buttons and the commands call.

Nothing here waits for a job, but `stop` with `force`. State is kept in run folders only: whoever
starts a run may end, and anybody else may steer it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tl_core.actions import ACTIONS
from tl_core.errors import InputError, Issue, RunFailed
from tl_core.i18n import _
from tl_core.runs import control, events, failures, locks, pool, steering, store
from tl_core.runs.fold import Fold
from tl_core.runs.jobs import HEAVY
from tl_core.runs.request import read_spec, with_absolute_source
from tl_core.runs.spawn import WORKER, spawn
from tl_core.runs.state import TERMINAL, RunState
from tl_core.spec import RunSpec, require_valid

GOING_ON = frozenset({"queued", "running", "paused"})
TWIN_SECONDS = 2.0  # a second click within this time means the same run
GRACE_SECONDS = 10.0
_KILL_SECONDS = 10.0  # freeing the memory of a large process takes a moment
_POLL_SECONDS = 0.05


def start(spec: RunSpec, *, command: Sequence[str] | None = None) -> str:
    """Start a run and return its id, at once.

    The same request again gives the same run while that goes on, or within two seconds.

    Args:
        spec: what to do.
        command: the worker's command without the run folder; None means the usual one.

    Raises:
        InputError: if `spec` cannot be run.
        RunFailed: if there is no room on the disk.
    """
    require_valid(spec)
    with locks.starting(), _full_disk_told():
        twin = _twin(with_absolute_source(spec))
        if twin is None:
            run_id = store.new_run(spec)
            _launch(run_id, spec.kind, command)
            return run_id
        if not twin.launched:  # whoever made it did not live to start it
            _launch(twin.id, spec.kind, command)
        return twin.id


def _twin(spec: RunSpec) -> RunState | None:
    """Return the run that a repeated request means, if there is one."""
    for run_id in store.run_ids():
        with contextlib.suppress(InputError):
            if read_spec(store.run_dir(run_id)) != spec:
                continue
            state = store.read_run(run_id)
            if state.race:  # it may drop out at any time
                continue
            if state.status in GOING_ON or time.time() - state.created < TWIN_SECONDS:
                return state
    return None


def _launch(run_id: str, kind: str, command: Sequence[str] | None) -> None:
    """Have a worker take the run up; the start lock must be held."""
    folder = store.run_dir(run_id)
    with events.EventWriter(folder / events.FILE) as writer:
        writer.emit("launched")
    if command is None and kind in HEAVY and _uses_warm_workers() and pool.claim(run_id):
        return
    spawn([*(command or WORKER), str(folder)], folder / "worker.log")


def resume(run_id: str, *, command: Sequence[str] | None = None) -> None:
    """Let a run go on: a paused one at once, one without a worker in a new worker.

    Raises:
        InputError: if there is no such run, or it has nothing left to do, or is still stopping.
        RunFailed: if there is no room on the disk.
    """
    with locks.starting(), _full_disk_told():
        state = store.read_run(run_id)
        folder = store.run_dir(run_id)
        _refuse_in_race(state)
        _refuse_resume(state)
        control.write_want(folder, "run")
        if state.status not in GOING_ON or not state.launched:
            _launch(run_id, state.spec.kind, command)


def _refuse_resume(state: RunState) -> None:
    if state.status == "finished":
        message = _("The run {id} has finished; there is nothing left to do.")
        fix = _("Start a new run to train further.")
    elif state.status == "stopping":
        message = _("The run {id} is still stopping.")
        fix = _("Wait a moment, then resume it.")
    elif not state.spec.kind:
        message = _("What was asked for in the run {id} cannot be read.")
        fix = _("Start it again, and delete this one.")
    else:
        return
    raise InputError([Issue("run", message.format(id=state.id), fix)])


def _refuse_in_race(state: RunState) -> None:
    """Leave a run to the race that works on it, in which all have the same time."""
    if not state.race:
        return
    try:
        race = store.read_run(state.race)
    except InputError:  # deleted
        return
    if race.is_active:
        message = _("The run {id} takes part in the race {race}, which is going on.")
        fix = _("Pause, resume or stop the race instead.")
        raise InputError([Issue("run", message.format(id=state.id, race=race.id), fix)])


def pause(run_id: str) -> None:
    """Let a run wait at its next batch; it keeps its memory and frees the processor.

    Raises:
        InputError: if there is no such run, or no process is at work on it, or a race has it.
    """
    _want(run_id, "pause")


def unpause(run_id: str) -> None:
    """Let a paused run go on.

    Raises:
        InputError: if there is no such run, or no process is at work on it, or a race has it.
    """
    _want(run_id, "run")


def _want(run_id: str, want: control.Want) -> None:
    state = store.read_run(run_id)
    _refuse_in_race(state)
    if state.status not in GOING_ON:
        message = _("The run {id} is not at work.").format(id=run_id)
        raise InputError([Issue("run", message, _("Resume it, or start a new run."))])
    with _full_disk_told():
        control.write_want(store.run_dir(run_id), want)


def act(run_id: str, action: str, *, alarm: str = "") -> str:
    """Ask a run for an action at its next batch, and return the id under which it will answer.

    The same action again, while the first one waits, is the first one.

    Args:
        run_id: the run.
        action: one of `actions.ACTIONS`.
        alarm: only for `ignore`: the kind of alarm; empty for all.

    Raises:
        InputError: if there is no such run or action, the run is not at work, or a race has it, or
            the action makes no sense for it.
    """
    if action not in ACTIONS:
        message = _("There is no action '{found}'.").format(found=action)
        fix = _("Use one of: {known}.").format(known=", ".join(ACTIONS))
        raise InputError([Issue("action", message, fix)])
    state = store.read_run(run_id)
    _refuse_in_race(state)
    steering.require_possible(state, action)
    answered = {told["id"] for told in state.actions}
    try:
        with _full_disk_told():
            return control.ask(store.run_dir(run_id), action, alarm=alarm, unless=answered).id
    finally:
        if action in control.ENDING:  # even of a full disk, or where no worker lives to read it
            stop(run_id)


def stop(run_id: str, *, force: bool = False, grace_seconds: float = GRACE_SECONDS) -> None:
    """Stop a run and keep its best; a run that has ended stays as it is.

    Args:
        run_id: the run.
        force: wait, and end a worker that does not stop by itself: after `grace_seconds` by a
            signal that it may answer, after as long again by one that it cannot.
        grace_seconds: how long to wait at each of these steps.

    Raises:
        InputError: if there is no such run.
    """
    folder = store.run_dir(run_id)
    if store.read_run(run_id).status in TERMINAL:
        return
    try:
        control.write_want(folder, "stop")
    except OSError:  # a full disk must not keep a run going
        _signal(folder, signal.SIGTERM)
    if force:
        _insist(run_id, folder, grace_seconds)
    if store.read_run(run_id).status not in ("stopping", *TERMINAL):
        _end_for_the_dead(folder)


def _insist(run_id: str, folder: Path, grace_seconds: float) -> None:
    """Wait for the worker to end, signalling it ever harder."""
    if _is_dead_within(run_id, grace_seconds):
        return
    _signal(folder, signal.SIGTERM)
    if _is_dead_within(run_id, grace_seconds):
        return
    _signal(folder, signal.SIGKILL)
    _is_dead_within(run_id, _KILL_SECONDS)


def _is_dead_within(run_id: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    folder = store.run_dir(run_id)
    while locks.is_alive(folder) or store.read_run(run_id).status == "stopping":
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _end_for_the_dead(folder: Path) -> None:
    """Write the stopped event of a run that has no worker to write it."""
    with locks.starting(), locks.hold(folder, wait_seconds=0.5) as is_ours:
        path = folder / events.FILE
        fold = Fold.of(events.read_events(path)[0])
        if not is_ours or fold.has_ended:
            return
        with events.EventWriter(path) as writer:
            writer.emit("stopped", stop_reason="person", was_dead=True)


def _signal(folder: Path, number: signal.Signals) -> None:
    """Signal the worker that holds the lock; does nothing if that is not sure to be it."""
    told, _offset, _bad = events.read_events(folder / events.FILE)
    last = next((e for e in reversed(told) if e["kind"] in ("launched", "started")), {})
    pid = last.get("pid")
    if not isinstance(pid, int) or last.get("host") != socket.gethostname():
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if not locks.is_alive(folder):
            return
        if number == signal.SIGKILL and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def ensure_warm_worker(*, command: Sequence[str] | None = None) -> None:
    """Keep one idle worker that has its imports behind it; returns at once.

    `THAW_WARM=0` in the environment turns warm workers off.
    """
    if _uses_warm_workers():
        pool.ensure(command or WORKER)


def stop_warm_workers() -> None:
    """Send idle warm workers home; busy ones go after their job."""
    pool.stop_all()


def _uses_warm_workers() -> bool:
    return os.environ.get("THAW_WARM") != "0"


@contextlib.contextmanager
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if not failures.is_full_disk(error):
            raise
        told = failures.describe(error)
        raise RunFailed(told["code"], told["message"], told["fix"]) from error
