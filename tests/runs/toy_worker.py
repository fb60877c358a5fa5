"""A worker whose jobs take no time and need no data; run by tests in a process of its own.

`spec.dataset` names what the job does, `spec.epochs` how long, `spec.size` the milliseconds of
one batch.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tl_core import files
from tl_core.errors import Cancelled, InputError, Issue, RunFailed
from tl_core.runs import worker
from tl_core.runs.model import Kept
from tl_core.runs.predictor import Answering
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

BATCHES = 3
DISK_LIMIT = 100_000


def steady(
    spec: RunSpec, folder: Path, emit: Callable[..., None], should_continue: Callable[[], bool]
) -> dict[str, Any]:
    """Train for nothing, with a checkpoint after each epoch; resumes from it."""
    saved = folder / "checkpoints" / "last.json"
    epoch = -1
    if saved.exists():
        epoch = json.loads(saved.read_text())["epoch"]
        emit("resumed", epoch=epoch)
    emit("phase", phase="head", what="Training", stages=["early", "late"])
    while epoch + 1 < (spec.epochs or 3):
        for batch in range(BATCHES):
            if not should_continue():
                if epoch < 0:
                    raise Cancelled
                return _results(epoch, "person")
            time.sleep((spec.size or 32) / 1000)
            emit("step", what="batches", done=batch + 1, total=BATCHES)
        epoch += 1
        emit("epoch", **_epoch(epoch))
        files.write_json(saved, {"epoch": epoch})
        emit("checkpoint", epoch=epoch, best=True)
    print("steady is done")
    return _results(epoch, "epochs")


def _epoch(epoch: int) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "phase": "head",
        "train_loss": 1 / (epoch + 1),
        "train_accuracy": 0.5,
        "val_loss": 2 / (epoch + 1),
        "val_accuracy": 0.5,
        "val_low": 0.4,
        "val_high": 0.6,
        "val_n": 100,
        "lr": 0.1,
        "seconds": 1.0,
        "improved": True,
        "thawed": [],
    }


def _results(epoch: int, stop_reason: str) -> dict[str, Any]:
    accuracy = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 100}
    return {
        "stop_reason": stop_reason,
        "best": {"epoch": epoch, "val_loss": 2 / (epoch + 1), "val_accuracy": accuracy},
        "test_accuracy": None,
        "retention": {"agreement": 0.9},
        "seconds": 3.0,
        "images_per_second": 100.0,
        "trainable_parameters": 10,
    }


def stubborn(*ignored: Any) -> dict[str, Any]:
    """Never ask whether to go on."""
    time.sleep(60)
    return {}


def forking(*ignored: Any) -> dict[str, Any]:
    """Have a child that sleeps, and end it by SIGTERM."""
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    os.kill(child, signal.SIGTERM)
    _pid, status = os.waitpid(child, 0)
    return {"stop_reason": "done", "dataset": f"signal-{os.WTERMSIG(status)}"}


def with_child(spec: RunSpec, folder: Path, *rest: Any) -> dict[str, Any]:
    """Train with a child that outlives a kill of its parent."""
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    files.write_json(folder / "artifacts" / "child.json", child)
    return steady(spec, folder, *rest)


def full_disk(spec: RunSpec, folder: Path, *ignored: Any) -> dict[str, Any]:
    """Save once, then write beyond a limit on the size of files, as on a full disk."""
    files.write_atomically(folder / "checkpoints" / "last.json", b"good")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (DISK_LIMIT, hard))
    files.write_atomically(folder / "checkpoints" / "last.json", b"x" * 2 * DISK_LIMIT)
    return {}


def filling(
    spec: RunSpec, folder: Path, emit: Callable[..., None], *ignored: Any
) -> dict[str, Any]:
    """Fill the disk to the last byte, then say something."""
    with (folder / "artifact").open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 1000)
            except OSError:
                break
    while True:
        emit("step", what="x" * 500, done=1, total=1)


def raising(error: BaseException) -> Callable[..., dict[str, Any]]:
    """Return a job that raises `error`."""

    def job(*ignored: Any) -> dict[str, Any]:
        raise error

    return job


BEHAVIOURS: dict[str, Callable[..., dict[str, Any]]] = {
    "steady": steady,
    "stubborn": stubborn,
    "forking": forking,
    "with-child": with_child,
    "full-disk": full_disk,
    "filling": filling,
    "bad-data": raising(InputError([Issue("a/b.png", "It is empty.", "Remove it.")] * 2)),
    "bad-request": raising(InputError([Issue("base", "There is none.", "Choose another.")])),
    "memory": raising(MemoryError()),
    "run-failed": raising(RunFailed("no_base", "No base.", "Get one.")),
    "defect": raising(KeyError("oh")),
    "leaving": raising(Cancelled()),
    "silent": lambda *ignored: None,  # type: ignore[dict-item, return-value]
}


def toy_job(spec: RunSpec, *rest: Any) -> dict[str, Any]:
    """Do what the dataset is called."""
    return BEHAVIOURS[spec.dataset](spec, *rest)


def toy_model(state: RunState, kept: Kept) -> Answering:
    """Load at once a model that says its epoch and process; some names of files are its end."""

    def answering(paths: list[Path], *, near: int, why: bool) -> list[dict[str, Any]]:
        if any(path.name == "end" for path in paths):
            os.kill(os.getpid(), signal.SIGKILL)
        if any(path.name == "once" and not path.exists() for path in paths):
            paths[0].touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if any(path.name == "defect" for path in paths):
            raise KeyError("oh")
        told = {"epoch": kept.epoch, "pid": os.getpid(), "near": near, "why": why}
        return [{"file": str(path), **told} for path in paths]

    return answering


def toy_look(question: dict[str, Any]) -> dict[str, Any]:
    """Say again what is asked, and which process says it; some words are its end."""
    said = question.get("say", "")
    if said == "end":
        os.kill(os.getpid(), signal.SIGKILL)
    if said == "defect":
        raise KeyError("oh")
    if said == "unusable":
        raise InputError([Issue("file", "It is not usable.", "Bring another.")])
    return {"said": said, "pid": os.getpid()}


if __name__ == "__main__":
    jobs = {"train": toy_job, "evidence": toy_job, "import": toy_job}
    ways: dict[str, Any] = {"open_model": toy_model, "look_inside": toy_look}
    sys.exit(worker.main(sys.argv[1:], jobs=jobs, preload=(), **ways))
