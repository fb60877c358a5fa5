"""Runs that are bases, as a finished one leaves its folder; the weights are some bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from tl_core import catalog, files
from tl_core.catalog import tuned
from tl_core.spec import DEFAULT_BASE, Accuracy

RUN = "20260101-120000-signs-0a1b"
_NUMBERS = b"some numbers"


def kept_run(run: str = RUN, **changes: object) -> str:
    """Write the folder of a finished run and return `run:ID`."""
    folder = files.runs_dir() / run
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / "best.safetensors").write_bytes(_NUMBERS)
    tuned.write(folder, record_of(**changes))
    return f"{catalog.RUN_PREFIX}{run}"


def record_of(**changes: object) -> tuned.Tuned:
    """Return what such a run says of its network."""
    record = tuned.Tuned(
        origin=DEFAULT_BASE,
        strategy="full_fine_tune",
        dataset="signs-1",
        dataset_name="signs",
        fingerprint="f1",
        classes=5,
        accuracy=Accuracy(0.9, 0.85, 0.94, 120),
        is_changed=True,
        size=96,
        seed=0,
        val_fraction=0.2,
        stages=catalog.find(DEFAULT_BASE).stages,
        sha256=hashlib.sha256(_NUMBERS).hexdigest(),
    )
    return replace(record, **changes)  # type: ignore[arg-type]
