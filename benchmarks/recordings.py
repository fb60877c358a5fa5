"""Recorded runs, one file each: written so that equal runs give equal bytes, and read again.

    recorded/<set>-<per class>/<strategy>-s<seed>[-<fault>].npz

Such a file is a zip as NumPy writes it: `cell.json` and one array per name in `ARRAYS`. It holds
no weights and no pictures.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from cells import Cell

from tl_core import files

ROOT = Path(__file__).with_name("recorded")
SUFFIX = ".npz"
HEADER = "cell.json"
ARRAYS = {
    "example": np.uint32,
    "label": np.uint8,
    "predicted": np.uint8,
    "probability": np.float16,
    "val_losses": np.float16,
}
"""Names and formats: the first 32 bits of the hashes of the validation examples, or of the test
examples where there are any; their class as it was given; the class the best weights give and how
sure they are; loss of the validation examples in nats, [epochs, examples]."""
DIGITS = 6
_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Recording:
    """One recorded run."""

    name: str
    data: str
    """Name of the set."""
    per_class: int
    """Training examples per class; 0 for all."""
    strategy: str
    seed: int
    fault: str
    """Kind of what was planted; empty if nothing was."""
    settings: dict[str, Any]
    """The cell as the grid describes it, with threads, number format, sizes of the parts, the
    learning program's digest."""
    epochs: tuple[dict[str, Any], ...]
    """Every field of every epoch; epoch 0 is the look before training."""
    decisions: tuple[dict[str, Any], ...]
    """Phases, thaws, rollbacks, alerts and whatever else decided, in order."""
    result: dict[str, Any]
    """stop_reason, best, seconds, trainable_parameters, images_per_second, peak_mb …"""
    example: npt.NDArray[np.uint32]
    label: npt.NDArray[np.uint8]
    predicted: npt.NDArray[np.uint8]
    probability: npt.NDArray[np.float16]
    val_losses: npt.NDArray[np.float16]

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Which of the examples the best weights get right."""
        return self.label == self.predicted

    @property
    def accuracy(self) -> float:
        """Accuracy of the best weights on them, in [0, 1]."""
        return float(self.right.mean())


def path_of(name: str, root: Path = ROOT) -> Path:
    """Return where the run called `name` is kept."""
    return files.safe_join(root, f"{name}{SUFFIX}")


def write(
    cell: Cell,
    settings: Mapping[str, Any],
    epochs: Iterable[Mapping[str, Any]],
    decisions: Iterable[Mapping[str, Any]],
    result: Mapping[str, Any],
    arrays: Mapping[str, Any],
    root: Path = ROOT,
) -> Path:
    """Keep a finished run; nothing is ever half there."""
    header = {
        "cell": dataclasses.asdict(cell),
        "settings": dict(settings),
        "epochs": list(epochs),
        "decisions": list(decisions),
        "result": dict(result),
    }
    text = json.dumps(short(header), separators=(",", ":"), sort_keys=True, allow_nan=False)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _add(archive, HEADER, text.encode())
        for name, kind in ARRAYS.items():
            _add(archive, f"{name}.npy", _bytes_of(np.asarray(arrays[name]), kind))
    path = path_of(cell.name, root)
    files.write_atomically(path, packed.getvalue())
    return path


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH_OF_ZIP)  # no clock, so that equal runs are equal files
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _bytes_of(values: npt.NDArray[Any], kind: Any) -> bytes:
    if np.issubdtype(kind, np.floating):
        values = np.clip(values, np.finfo(kind).min, np.finfo(kind).max)
    buffer = io.BytesIO()
    np.save(buffer, values.astype(kind), allow_pickle=False)
    return buffer.getvalue()


def short(value: Any) -> Any:
    """Round every number to a few digits; what is not finite becomes null."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: short(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [short(item) for item in value]
    return value


def read(path: Path) -> Recording:
    """Return one recorded run."""
    with np.load(path, allow_pickle=False) as archive:
        header = json.loads(archive[HEADER])
        arrays = {name: archive[name] for name in ARRAYS}
    cell = header["cell"]
    return Recording(
        name=f"{path.parent.name}/{path.stem}",
        data=cell["data"]["name"],
        per_class=cell["per_class"],
        strategy=cell["strategy"],
        seed=cell["seed"],
        fault=(cell["fault"] or {}).get("kind", ""),
        settings={"size": cell.get("size_px"), **cell, **header["settings"]},
        epochs=tuple(header["epochs"]),
        decisions=tuple(header["decisions"]),
        result=header["result"],
        **arrays,
    )


def load(root: Path = ROOT) -> tuple[Recording, ...]:
    """Return every recorded run, ordered by name."""
    return tuple(read(path) for path in sorted(root.glob(f"*/*{SUFFIX}")))


def load_cells(root: Path = ROOT) -> pd.DataFrame:
    """Return one row per recorded run: what it was, how good, how long, how large."""
    return pd.DataFrame([_row(recording) for recording in load(root)])


def _row(recording: Recording) -> dict[str, Any]:
    result = recording.result
    return {
        "name": recording.name,
        "data": recording.data,
        "per_class": recording.per_class,
        "strategy": recording.strategy,
        "seed": recording.seed,
        "fault": recording.fault,
        "accuracy": recording.accuracy,
        "n": len(recording.label),
        "epochs": recording.epochs[-1]["epoch"],
        **{
            key: result.get(key)
            for key in (
                "stop_reason",
                "seconds",
                "whole_seconds",
                "images_per_second",
                "trainable_parameters",
                "peak_anonymous_mb",
                "peak_resident_mb",
            )
        },
        "threads": recording.settings["threads"],
        "engine": recording.settings["engine"],
    }


def engine_digest() -> str:
    """Return 12 hexadecimal digits that change with the code that trains."""
    root = Path(__file__).parents[1] / "tl_core" / "engine"
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
