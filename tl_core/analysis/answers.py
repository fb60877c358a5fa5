"""What the best weights of a run said of every example that was held out, as it is kept.

THAW_HOME/runs/<id>/artifacts/answers.npz    classes; of `val` and `test`: rows, labels, logits
THAW_HOME/runs/<id>/artifacts/*predictions.csv    of earlier runs: the first class and its share
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from tl_core import files
from tl_core.data.dataset import Dataset

FILE = "artifacts/answers.npz"
_TABLES = {"val": "artifacts/predictions.csv", "test": "artifacts/test_predictions.csv"}

Part = Literal["val", "test"]
PARTS: tuple[Part, ...] = ("val", "test")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Said = tuple[Sequence[int], Sequence[int], npt.NDArray[np.float32]]
"""Of each example its row and its label, and logits [n, classes]."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Of the examples of one part: what they are, and what the model took them for."""

    part: Part
    classes: tuple[str, ...]
    """Sorted; untrusted text."""
    rows: Ints
    """[n] each example by its `Example.row`."""
    labels: Ints
    """[n] the class that it is labelled with."""
    given: Ints
    """[n] the class that it was given."""
    sure: Floats
    """[n] the probability of the class given, in [0, 1], as the network says it."""
    logits: Floats | None
    """[n, classes]; None of a run that has kept the first class only."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_right(self) -> Bools:
        """[n] whether the class given is the one it is labelled with."""
        found: Bools = self.labels == self.given
        return found


def of_logits(
    part: Part, classes: Sequence[str], rows: Ints, labels: Ints, logits: Floats
) -> Answers:
    """Return what logits [n, classes] say of the examples of a part."""
    chances = probabilities(logits)
    given = logits.argmax(1)
    sure = chances[np.arange(len(given)), given]
    return Answers(part, tuple(classes), rows, labels, given, sure, logits)


def probabilities(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return [n, classes] probabilities of logits divided by a temperature (softmax)."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(1, keepdims=True))
    shares: Floats = powers / powers.sum(1, keepdims=True)
    return shares


def write(folder: Path, classes: Sequence[str], parts: Mapping[Part, Said]) -> None:
    """Keep what was said of each part that was judged in the folder of a run."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"classes": np.array(list(classes), dtype=np.str_)}
    for part, (rows, labels, logits) in parts.items():
        arrays[f"{part}_rows"] = np.array(rows, dtype=np.int64)
        arrays[f"{part}_labels"] = np.array(labels, dtype=np.int64)
        arrays[f"{part}_logits"] = logits.astype(np.float32)
    with files.replacing(folder / FILE) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def read(folder: Path, dataset: Dataset | None) -> dict[Part, Answers]:
    """Return what a run said of each part that it was judged on; empty if nothing can be read.

    Args:
        folder: of the run.
        dataset: what it was trained on, at its revision; without it earlier runs say nothing.
    """
    try:
        with (folder / FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return _whole(kept)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return _first_classes(folder, dataset) if dataset is not None else {}


def is_whole(folder: Path) -> bool:
    """Tell whether every probability was kept, not the first alone."""
    return (folder / FILE).is_file()


def _whole(kept: Mapping[str, npt.NDArray[np.generic]]) -> dict[Part, Answers]:
    classes = tuple(str(name) for name in kept["classes"])
    found: dict[Part, Answers] = {}
    for part in PARTS:
        if f"{part}_rows" in kept:
            logits = kept[f"{part}_logits"].astype(np.float64)
            rows, labels = (kept[f"{part}_{name}"].astype(np.int64) for name in ("rows", "labels"))
            if logits.shape != (len(rows), len(classes)) or labels.shape != rows.shape:
                raise ValueError(part)
            found[part] = of_logits(part, classes, rows, labels, logits)
    return found


def _first_classes(folder: Path, dataset: Dataset) -> dict[Part, Answers]:
    """Read the tables that runs have always written."""
    place_of = {(e.key, e.name): e for e in dataset.examples}
    number_of = {name: number for number, name in enumerate(dataset.classes)}
    found: dict[Part, Answers] = {}
    for part in PARTS:
        try:
            with (folder / _TABLES[part]).open(newline="", encoding="utf-8") as file:
                lines = list(csv.DictReader(file))
            known = [line for line in lines if (line["key"], line["name"]) in place_of]
            columns = [
                [place_of[line["key"], line["name"]].row for line in known],
                [number_of[line["label"]] for line in known],
                [number_of[line["predicted"]] for line in known],
            ]
            sure = np.array([float(line["probability"]) for line in known])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        rows, labels, given = (np.array(column, dtype=np.int64) for column in columns)
        if len(rows):
            found[part] = Answers(part, dataset.classes, rows, labels, given, sure, None)
    return found
