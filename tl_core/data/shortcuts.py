"""Shortcuts: a class that gives itself away by something that is not in the picture's subject.

Where all pictures of one class come from one camera or one web page, a model learns the camera or
the page (Geirhos et al. 2020, arXiv 2004.07780). Each trait is tried alone: how well do its
values tell one class from the rest, each example judged by all others?
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt

from tl_core.data.dataset import Dataset
from tl_core.data.traits import GREY, Traits
from tl_core.i18n import N_

GIVES_AWAY = 0.85
"""Balanced accuracy from which a trait gives a class away; chance is 0.5. A prior: photographs and
surfaces at hand stay below it except where a class was cut or lit otherwise
(`benchmarks/audit.json`)."""
LEAST = 10
"""Examples of a class from which it can be told."""
BINS = 12
"""Into which numbers are divided, equally filled."""

TRAITS: dict[str, str] = {
    "size": N_("the size of its pictures in pixels"),
    "format": N_("the format of its files"),
    "name": N_("the way its files are named"),
    "border": N_("the colour of its borders"),
    "brightness": N_("its brightness"),
    "grey": N_("being grey or coloured"),
}
"""What is tried, and how it is called."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One class that one trait gives away."""

    label: int
    trait: str
    """A key of TRAITS."""
    balanced_accuracy: float
    """Mean of the shares right within the class and outside it, leave-one-out, in [0, 1]."""


def shortcuts(dataset: Dataset, traits: Traits) -> tuple[Shortcut, ...]:
    """Return the classes that a single trait gives away, the plainest first.

    Args:
        dataset: of pictures.
        traits: [n] of `traits.TRAIT`, in the same order.
    """
    labels = np.array([example.label for example in dataset.examples])
    counts = np.bincount(labels, minlength=len(dataset.classes))
    found = []
    for name, tell in _VALUES.items():
        cells = tell(dataset, traits)
        if cells.max(initial=0) == 0:
            continue  # all alike: nothing can be told
        for label in np.flatnonzero((counts >= LEAST) & (len(labels) - counts >= LEAST)):
            score = _balanced(cells, labels == label)
            if score >= GIVES_AWAY:
                found.append(Shortcut(int(label), name, round(score, 3)))
    return tuple(sorted(found, key=lambda s: (-s.balanced_accuracy, s.label, s.trait)))


def _balanced(cells: Ints, is_class: npt.NDArray[np.bool_]) -> float:
    """Return the leave-one-out balanced accuracy of guessing by cell which examples are the class.

    In each cell the guess falls on the class where it holds more there of its own total than the
    rest; an example does not count for itself, so alone in a cell it is guessed to be of the rest.
    """
    inside = np.bincount(cells, is_class, minlength=cells.max() + 1)
    outside = np.bincount(cells, ~is_class, minlength=cells.max() + 1)
    n_in, n_out = is_class.sum(), (~is_class).sum()
    # Seen by a member of the class: one fewer inside; by another: one fewer outside.
    right_in = (inside - 1) / max(n_in - 1, 1) > outside / n_out
    right_out = (outside - 1) / max(n_out - 1, 1) >= inside / n_in
    return float((inside @ right_in / n_in + outside @ right_out / n_out) / 2)


def _categories(values: Sequence[object]) -> Ints:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def _bins(values: npt.NDArray[np.float32], bins: int = BINS) -> Ints:
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.searchsorted(edges, values).astype(np.int64)


def _size(dataset: Dataset, traits: Traits) -> Ints:
    sizes = [(e.width, e.height) for e in dataset.examples]
    if len(set(sizes)) <= len(sizes) // LEAST:
        return _categories(sizes)
    areas = np.array([w * h for w, h in sizes], dtype=np.float32)
    shapes = np.array([w / max(h, 1) for w, h in sizes], dtype=np.float32)
    return _categories(list(zip(_bins(areas, 6).tolist(), _bins(shapes, 6).tolist(), strict=True)))


def _format(dataset: Dataset, traits: Traits) -> Ints:
    return _categories([e.path.suffix for e in dataset.examples])


def _name(dataset: Dataset, traits: Traits) -> Ints:
    """Return the pattern of each file name; digits are alike, its class in it is no clue."""
    return _categories(
        [
            _pattern(PurePosixPath(e.name).stem, dataset.classes[e.label])
            for e in dataset.examples
        ]
    )  # fmt: skip


def _pattern(stem: str, label: str) -> str:
    plain = stem.casefold().replace(label.casefold(), "")
    return re.sub(r"[^\W\d_]{9,}", "…", re.sub(r"\d+", "0", plain))[:24]


def _border(dataset: Dataset, traits: Traits) -> Ints:
    """Return in which of some hundred coarse colours the border of each picture lies."""
    coarse = (traits["border"] // 52).astype(np.int64)  # five levels a channel
    return _categories([tuple(row) for row in coarse.tolist()])


def _brightness(dataset: Dataset, traits: Traits) -> Ints:
    return _bins(traits["brightness"])


def _grey(dataset: Dataset, traits: Traits) -> Ints:
    return (traits["colour"] <= GREY).astype(np.int64)


_VALUES: Mapping[str, Callable[[Dataset, Traits], Ints]] = {
    "size": _size,
    "format": _format,
    "name": _name,
    "border": _border,
    "brightness": _brightness,
    "grey": _grey,
}
