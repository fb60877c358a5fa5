"""How far a new example lies from those a run has learned from, beside its own held-out ones.

The distance is the one to the nearest training example, between features of length 1 (Sun et al.
2022, arXiv 2204.06507). They are those of the untouched base, whatever the run has made of it: so
they are at hand for every strategy and from the first epoch on, and they tell no less than those of
tuned networks (`benchmarks/ood_tuned.json`). `benchmarks/ood.json` compares this with other
distances and with how sure the model is. Other kinds of data are told apart (AUROC 0.98 and more on
34 pairs); classes left out of the same kind of picture hardly are (0.60, 0.71).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tl_core import files

MOST_REFERENCES = 2000
"""Training examples compared with, at most: drawn by the seed from larger sets."""
MOST_HELD_OUT = 1000
BORDER = 0.95
"""Share of the held-out examples that are called like the training examples."""
FILE = "artifacts/unlike.json"
_CHUNK = 256  # examples compared at once
_TINY = 2e-3  # what single precision leaves between copies; a border lies above it


@dataclass(frozen=True)
class Familiar:
    """What a run has learned from, as the base sees it."""

    references: torch.Tensor
    """[n, width] features of training examples, rows of length 1."""
    held_out: tuple[float, ...]
    """The distance of each held-out example, in [0, 2], ascending; at least one."""

    @property
    def border(self) -> float:
        """The distance beyond which something is unlike the training examples, above 0."""
        return max(float(np.quantile(self.held_out, BORDER)), _TINY)


@dataclass(frozen=True)
class Unlike:
    """How unlike the training examples one example is."""

    score: float
    """Its distance in units of the border: it is flagged above 1."""
    flag: bool
    farther_than: float
    """Share of the run's held-out examples that lie nearer, in [0, 1]."""


@dataclass(frozen=True)
class Near:
    """A training example and how alike it is."""

    place: int
    """Among the references."""
    cosine: float
    """Of the base's features, in [-1, 1]."""


def familiar(train: torch.Tensor, held_out: torch.Tensor) -> Familiar:
    """Learn what is usual.

    Args:
        train: [n, width] the base's features of training examples.
        held_out: [m, width] those of held-out ones, at least one.
    """
    references = _unit(train)
    found = _to_nearest(references, held_out).sort().values
    return Familiar(references, tuple(round(float(one), 6) for one in found))


def unlike(known: Familiar, asked: torch.Tensor) -> tuple[Unlike, ...]:
    """Return how unlike the training examples each example is.

    Args:
        known: what is usual.
        asked: [n, width] the base's features of the examples.
    """
    held_out, border = np.array(known.held_out), known.border
    return tuple(
        Unlike(
            score=round(distance / border, 4),
            flag=distance > border,
            farther_than=round(float((held_out < distance).mean()), 4),
        )
        for distance in _to_nearest(known.references, asked).tolist()
    )


def nearest(known: Familiar, asked: torch.Tensor, most: int) -> list[tuple[Near, ...]]:
    """Return for each of [n, width] the training examples most alike, the first one first."""
    found = (_unit(asked) @ known.references.T).topk(min(most, len(known.references)))
    return [
        tuple(Near(place, round(cosine, 4)) for place, cosine in zip(places, values, strict=True))
        for places, values in zip(found.indices.tolist(), found.values.tolist(), strict=True)
    ]


def chosen(n: int, most: int, seed: int) -> list[int]:
    """Return which of `n` examples count where there are more than `most`, ascending."""
    return sorted(np.random.default_rng(seed).permutation(n)[:most].tolist())


def keep(run_dir: Path, known: Familiar) -> None:
    """Write down with a run how far its held-out examples lie, and where the border is."""
    record = {
        "border": known.border,
        "references": len(known.references),
        "held_out": list(known.held_out),
    }
    files.write_json(run_dir / FILE, record)


def kept(run_dir: Path, train: torch.Tensor) -> Familiar | None:
    """Return what was written down, with features of the same training examples; None if not."""
    try:
        record = files.read_json(run_dir / FILE)
        if record["references"] != len(train):
            return None
        return Familiar(_unit(train), tuple(float(one) for one in record["held_out"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _to_nearest(references: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
    """Return [n] the distance to the nearest reference, in [0, 2]."""
    parts = torch.split(_unit(asked), _CHUNK)
    cosines = torch.cat([(part @ references.T).amax(1) for part in parts])
    return (2 - 2 * cosines).clamp_min(0).sqrt()


def _unit(values: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(values.float(), dim=1)
