"""Runs without training: each job ends at once with the events that a test gives it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.findings import pilot
from tl_core import cli, files, spec
from tl_core.runs import events, launch, store
from tl_core.spec import Accuracy, Controls, Evidence, RunSpec, Shift, Stage

Emit = Callable[..., None]
Job = Callable[[RunSpec, Path, Emit], None]


def accuracy(value: float, n: int = 100) -> Accuracy:
    return Accuracy(value, value - 0.05, value + 0.05, n)


def evidence(dataset: str, base: str, share: float = 0.9) -> Evidence:
    return Evidence(
        dataset=dataset,
        base=base,
        size=224,
        seed=0,
        n=12,
        classes=2,
        distance="near",
        shift=Shift(0.01, 0.02, 0.03),
        shift_expected=Shift(0.01, 0.01, 0.01),
        source_confidence=0.5,
        leep_per_log_c=-0.3,
        zero_training=None,
        knn=accuracy(0.8),
        linear_probe=accuracy(share),
        controls=Controls(pixels=accuracy(0.6), random_init=accuracy(0.5)),
        stages=(Stage("stem", 100, 0.5), Stage("1", 900, 0.5)),
        forward_per_second=100.0,
        train_per_second=30.0,
        seconds=2.0,
    )


def epoch(number: int, val_loss: float, *, improved: bool = True) -> dict[str, Any]:
    return {
        "epoch": number,
        "phase": "head" if number else "before",
        "train_loss": val_loss * 0.9,
        "train_accuracy": 0.9,
        "val_loss": val_loss,
        "val_accuracy": 0.88,
        "val_low": 0.8,
        "val_high": 0.93,
        "val_n": 40,
        "lr": 0.1,
        "seconds": float(number),
        "improved": improved,
        "epochs_max": 5,
        "thawed": [],
    }


def measured(request: RunSpec, folder: Path, emit: Emit) -> None:
    emit("phase", phase="probe", what="Testing the frozen base")
    emit("step", what="pictures seen", done=1, total=2)
    share = 0.95 if request.base.endswith("1") else 0.9
    record = spec.to_dict(evidence(request.dataset, request.base, share))
    files.write_json(folder / "artifacts" / "evidence.json", record)
    emit("finished", stop_reason="done")


PILOT = pilot(low=0.01, thaw_from="1")


def tried(request: RunSpec, folder: Path, emit: Emit) -> None:
    emit("phase", phase="pilot", what="Trying a short thaw")
    emit("step", what="epochs", done=1, total=9)
    record = replace(evidence(request.dataset, request.base), pilot=PILOT)
    files.write_json(folder / "artifacts" / "evidence.json", spec.to_dict(record))
    emit("finished", stop_reason="done")


def trained(request: RunSpec, folder: Path, emit: Emit) -> None:
    emit("phase", phase="head", what="Training the last layer", stages=["stem", "1"])
    for number, loss in enumerate((0.7, 0.4, 0.5)):
        emit("epoch", **epoch(number, loss, improved=number < 2))
    emit("alert", epoch=2, kind="plateau", text="It no longer gets better.")
    emit(
        "finished",
        stop_reason="patience",
        best={"epoch": 1, "val_loss": 0.4, "val_accuracy": spec.to_dict(accuracy(0.88, 40))},
        test_accuracy=spec.to_dict(accuracy(0.85, 50)),
        retention={"agreement": 0.9},
        seconds=12.5,
        images_per_second=80.0,
        trainable_parameters=2000,
        parameters=100_000,
        sizes={"learned_bytes": 9_000, "whole_bytes": 400_000},
    )


def failing(request: RunSpec, folder: Path, emit: Emit) -> None:
    emit("failed", code="out_of_memory", message="The computer ran out of memory.", fix="Close it.")


@pytest.fixture
def jobs(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Job]:
    """What the jobs of each kind do, to be changed by tests; no process is started."""
    chosen: dict[str, Job] = {"evidence": measured, "pilot": tried, "train": trained}

    def start(request: RunSpec, *, command: tuple[str, ...] | None = None) -> str:
        run_id = store.new_run(request)
        folder = store.run_dir(run_id)
        with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
            writer.emit("launched", command=command)
            writer.emit("started", device="cpu", versions={})
            chosen[request.kind](request, folder, writer.emit)
        return run_id

    monkeypatch.setattr(launch, "start", start)
    return chosen


class Outcome:
    """What one command line gave."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        """The only line of standard output, as JSON."""
        (line,) = self.out.splitlines()
        return json.loads(line)


@pytest.fixture
def thaw(thaw_home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run one command line in this process."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = cli.run([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return run
