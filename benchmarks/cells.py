"""Cells of a grid of runs: what is trained on what, read from `grid.toml`."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tl_core.spec import DEFAULT_PATIENCE

GRID = Path(__file__).with_name("grid.toml")
PEER = "fastai"
"""The strategy that is not ours: `fine_tune` of fastai on the same parts and weights."""
FAULTS = (
    "label_noise",
    "leak",
    "learning_rate",
    "tiny_validation",
    "overfitting",
    "forgetting",
)


@dataclass(frozen=True)
class DataSet:
    """Where the pictures or texts of a set lie, and how its parts are made."""

    name: str
    pictures: str = ""
    """Folder of class folders, below the data root."""
    made: str = ""
    """The set of `made_sets.py` that `pictures` and `validate` lie in, instead of the data root."""
    texts: str = ""
    """Or a table with the columns text and label."""
    validate: str = ""
    """The same for the validation part; empty where the data bring none."""
    test: str = ""
    """The same for a test part, which the finished run is judged on once instead."""
    validate_per_class: int = 0
    """How many per class to validate on; 0 for all of `validate`, or for a share."""
    validate_share: float = 0.0
    """Share to hold out by whole groups, where the data bring no validation part."""
    test_per_class: int = 0
    """How many per class of `pictures` to test on, where no `test` part is brought; 0 for none."""
    near_copy_cosine: float = 0.0
    """Likeness from which two pictures are near-copies; 0 where there are none."""
    base: str = ""
    """Where it differs from that of the settings."""
    size: int = 0
    """Likewise."""


@dataclass(frozen=True)
class Fault:
    """Something planted that a good watcher should notice."""

    kind: str
    """One of `FAULTS`."""
    amount: float
    """Share of labels changed, share of the validation part leaked, factor of the learning rate
    (also of `forgetting`), number of validation pictures, or number of epochs without anything
    that holds back (`overfitting`)."""


@dataclass(frozen=True)
class Cell:
    """One run of the grid."""

    data: DataSet
    per_class: int
    """Training examples per class; 0 for all."""
    strategy: str
    seed: int
    fault: Fault | None
    base: str
    size: int
    """Edge of the pictures in pixels, or most tokens of a text."""
    minutes: float
    """Time limit of the training."""
    patience: int
    precision: str = "fp32"
    """Number format; half precision trains more in the same minutes, where the processor has it."""

    @property
    def sample(self) -> str:
        """Name of the set and the number of examples per class."""
        return f"{self.data.name}-{self.per_class or 'all'}"

    @property
    def name(self) -> str:
        """Unique in the grid; also the path of its record without the suffix."""
        fault = f"-{self.fault.kind}" if self.fault else ""
        return f"{self.sample}/{self.strategy}-s{self.seed}{fault}"


def read_grid(path: Path = GRID) -> tuple[Cell, ...]:
    """Return every cell in the order in which they are best recorded."""
    grid = tomllib.loads(path.read_text(encoding="utf-8"))
    sets = data_sets(path)
    cells = [cell for block in grid["block"] for cell in _cells(block, sets, grid["settings"])]
    return tuple(sorted(cells, key=lambda cell: (cell.seed, cell.fault is not None)))


def data_sets(path: Path = GRID) -> dict[str, DataSet]:
    """Return every set by its name."""
    grid = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: DataSet(name, **fields) for name, fields in grid["set"].items()}


def find(name: str, path: Path = GRID) -> Cell:
    """Return the cell called `name`.

    Raises:
        KeyError: if the grid has no such cell.
    """
    return {cell.name: cell for cell in read_grid(path)}[name]


def _cells(block: dict[str, Any], sets: dict[str, DataSet], settings: dict[str, Any]) -> list[Cell]:
    faults = [Fault(**fault) for fault in block.get("faults", [])] or [None]
    for fault in faults:
        if fault and fault.kind not in FAULTS:
            raise ValueError(f"unknown fault {fault.kind}")
    samples = [tuple(sample.rsplit("-", 1)) for sample in block.get("samples", [])]
    samples = samples or list(itertools.product(block["sets"], block["per_class"]))
    combinations = itertools.product(samples, faults, block["strategies"], block["seeds"])
    return [
        Cell(
            data=sets[name],
            per_class=0 if per_class == "all" else int(per_class),
            strategy=strategy,
            seed=seed,
            fault=fault,
            patience=block.get("patience", DEFAULT_PATIENCE),
            base=sets[name].base or settings["base"],
            size=block.get("size") or sets[name].size or settings["size"],
            minutes=block.get("minutes", settings["minutes"]),
            precision=block.get("precision", "fp32"),
        )
        for (name, per_class), fault, strategy, seed in combinations
    ]
