"""A finished run of hand-written events on a few pictures, with the files that it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pages.handmade import best_of, epoch
from tl_core import data
from tl_core.data.dataset import Dataset
from tl_core.runs import events, store
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

PREDICTIONS = "key,name,label,predicted,probability\na,a,dark,dark,0.9\nb,b,dark,light,0.6\n"
VERSIONS = {"thaw": "0.1.0", "torch": "2.14.1"}


@dataclass(frozen=True)
class Ended:
    """A run that has come to its end."""

    run: RunState
    dataset: Dataset


@pytest.fixture
def pictures(thaw_home: Path, tiny_pictures: Path) -> Dataset:
    return data.import_data(tiny_pictures, name="<b>tiny</b>")


@pytest.fixture
def ended(pictures: Dataset) -> Callable[..., Ended]:
    """Make a run that has ended; events may be put before its end, fields into it."""

    def make(*told: tuple[str, dict[str, Any]], strategy: str = "lora", **end: Any) -> Ended:
        spec = RunSpec("train", pictures.id, strategy=strategy, revision=pictures.revision)
        run = store.new_run(spec)
        folder = store.run_dir(run)
        epochs = [epoch(n) for n in range(4)]
        with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
            writer.emit("started", device="cpu", versions=VERSIONS)
            for fields in epochs:
                writer.emit("epoch", **fields)
            for kind, fields in told:
                writer.emit(kind, **fields)
            best = best_of(epochs[-1])
            writer.emit("finished", **({"stop_reason": "epochs", "best": best} | end))
        (folder / "artifacts").mkdir(exist_ok=True)
        (folder / "artifacts" / "predictions.csv").write_text(PREDICTIONS)
        (folder / "checkpoints").mkdir()
        (folder / "checkpoints" / "best.safetensors").write_bytes(b"x")
        return Ended(store.read_run(run), pictures)

    return make
