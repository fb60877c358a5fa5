"""The process that does one job: `python -m tl_core.runs.worker RUN_DIR`.

With `--warm DIR` it waits for jobs (`warm`), with `--predict DIR` it answers for a run's model
(`predictor`), with `--inside DIR` it shows the insides of networks (`insider`).

Started by `accelerate launch`, several processes do one job together; see `engine.together`.

It takes the lock of the run and says `started` before anything heavy is imported, and maps every
exception to a failed event: this is one of the two borders where all exceptions are caught.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any

import tl_core
from tl_core.errors import Cancelled
from tl_core.runs import events, failures, insider, locks, predictor, warm
from tl_core.runs.control import Gate
from tl_core.runs.fold import Fold
from tl_core.runs.jobs import HEAVY, JOBS, Job
from tl_core.runs.request import read_spec
from tl_core.spec import require_valid

log = logging.getLogger(__name__)

DEVICE = "cpu"
LOCK_SECONDS = 5.0  # a worker that is just ending may still hold the lock of the run
EXIT_DONE, EXIT_FAILED, EXIT_BUSY = 0, 1, 3
_SPARE_BYTES = 1 << 16
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Signalled:
    """Whether a signal asked this process to stop."""

    yes = False


_signalled = _Signalled()


def main(
    argv: Sequence[str],
    *,
    jobs: Mapping[str, Job] = JOBS,
    preload: Sequence[str] = warm.PRELOAD,
    open_model: predictor.Open = predictor.open_model,
    look_inside: insider.Look = insider.look,
) -> int:
    """Do the job of a run folder, wait warm for jobs, or answer questions.

    Args:
        argv: `RUN_DIR`, `--warm DIR`, `--predict DIR` or `--inside DIR`.
        jobs: what to do for each kind of job.
        preload: modules that a warm worker imports before it waits.
        open_model: how the model of a run is loaded.
        look_inside: what is found inside of networks.

    Returns:
        The exit code: 0 done or stopped, 1 failed, 3 another process is at it.
    """
    logging.basicConfig(level=logging.INFO, format=_LOG_FORMAT)
    # A forked child would inherit handlers that only note a signal, and never end by one; nor
    # may a signal fall into the gap in which the child has them still.
    os.register_at_fork(
        before=lambda: _mask_signals(signal.SIG_BLOCK),
        after_in_parent=lambda: _mask_signals(signal.SIG_UNBLOCK),
        after_in_child=_let_signals_through,
    )
    _be_the_first_to_go()
    if int(os.environ.get("RANK", "0")) > 0:
        return _follow(Path(argv[0]).absolute(), jobs)
    if argv[0] == "--warm":
        folder = Path(argv[1]).absolute()
        return warm.wait_for_jobs(folder, lambda run_dir: _serve_warm(run_dir, jobs), preload)
    if argv[0] == predictor.OPTION:
        return predictor.serve(Path(argv[1]).absolute(), open_model)
    if argv[0] == insider.OPTION:
        return insider.serve(Path(argv[1]).absolute(), look_inside)
    return serve(Path(argv[0]).absolute(), jobs)


def serve(run_dir: Path, jobs: Mapping[str, Job]) -> int:
    """Make one attempt at the job of `run_dir`; returns the exit code."""
    _signalled.yes = False
    for number in _STOP_SIGNALS:
        signal.signal(number, _on_signal)
    with locks.hold(run_dir, wait_seconds=LOCK_SECONDS) as is_ours:
        if not is_ours:
            log.warning("%s is being worked on by another process, or is gone", run_dir)
            return EXIT_BUSY
        if _has_ended(run_dir):
            return EXIT_DONE
        path = run_dir / events.FILE
        with events.EventWriter(path, new_attempt=True) as writer, _spare_room(run_dir) as spare:
            kind, fields = _attempt(run_dir, writer, jobs)
            _say_last(writer, spare, kind, fields)
    return EXIT_FAILED if kind == "failed" else EXIT_DONE


def _follow(run_dir: Path, jobs: Mapping[str, Job]) -> int:
    """Do the same job beside the main process of several; that one decides, tells and writes."""
    spec = require_valid(read_spec(run_dir))
    try:
        jobs[spec.kind](spec, run_dir, lambda kind, **fields: None, lambda: True)
    except Exception:  # the main process tells what went wrong
        log.exception("a helping process failed")
        return EXIT_FAILED
    return EXIT_DONE


def _serve_warm(run_dir: Path, jobs: Mapping[str, Job]) -> bool:
    """Make one attempt; tells whether this process may go on to another job."""
    serve(run_dir, jobs)
    goes_on = not _signalled.yes
    _let_signals_through()
    return goes_on


def _attempt(
    run_dir: Path, writer: events.EventWriter, jobs: Mapping[str, Job]
) -> tuple[str, Mapping[str, Any]]:
    """Do the job; returns the kind and the fields of its last event."""
    gate: Gate | None = None
    stopped = {"stop_reason": "person"}
    try:
        writer.emit(
            "started", device=DEVICE, pid=os.getpid(), host=socket.gethostname(), **_versions()
        )
        spec = require_valid(read_spec(run_dir))
        device = locks.device_lock(DEVICE) if spec.kind in HEAVY else None
        gate = Gate(run_dir, writer.emit, device, is_terminated=lambda: _signalled.yes)
        if not gate.enter():
            return "stopped", stopped
        results = dict(jobs[spec.kind](spec, run_dir, writer.emit, gate.should_continue))
    except Cancelled:
        return "stopped", stopped
    except Exception as error:
        log.exception("the job failed")
        return "failed", failures.describe(error)
    finally:
        if gate is not None:
            gate.leave()
    was_stopped = results.get("stop_reason") == "person"
    return "stopped" if was_stopped else "finished", results


def _say_last(
    writer: events.EventWriter, spare: Path, kind: str, fields: Mapping[str, Any]
) -> None:
    """Write the event that ends the run, even on a full disk."""
    try:
        writer.emit(kind, **fields)
    except OSError:
        log.exception("the last event could not be written")
        spare.unlink(missing_ok=True)
        if writer.last_kind != kind:
            with contextlib.suppress(OSError):  # then the run reads as interrupted, which it is
                writer.emit(kind, **fields)


@contextlib.contextmanager
def _spare_room(run_dir: Path) -> Iterator[Path]:
    """Keep a little of the disk, to be given up for the last event once the disk is full."""
    path = run_dir / ".spare"
    with contextlib.suppress(OSError):
        path.write_bytes(os.urandom(_SPARE_BYTES))  # zeros might take no room
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _has_ended(run_dir: Path) -> bool:
    """Tell whether there is nothing to do: two resumes at once leave the second one idle."""
    return Fold.of(events.read_events(run_dir / events.FILE)[0]).has_ended


def _versions() -> dict[str, Any]:
    found = {"thaw": tl_core.__version__, "python": sys.version.split()[0]}
    for name in ("torch", "timm"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return {"versions": found}


def _on_signal(number: int, frame: FrameType | None) -> None:
    _signalled.yes = True


def _let_signals_through() -> None:
    """Let signals end this process again."""
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    _mask_signals(signal.SIG_UNBLOCK)


def _mask_signals(how: int) -> None:
    signal.pthread_sigmask(how, _STOP_SIGNALS)


def _be_the_first_to_go() -> None:
    """Ask Linux to end a job rather than the web app when memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
