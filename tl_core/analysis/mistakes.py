"""Which classes are found, which are mixed up, and which single mistakes are the worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tl_core.analysis.answers import Answers, Ints
from tl_core.shares import Span, wilson


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one class fares."""

    name: str
    """Untrusted text."""
    labelled: int
    """Examples labelled so."""
    named: int
    """Examples that the model took for it."""
    right: int
    """Both."""

    @property
    def recall(self) -> Span | None:
        """Of those labelled so the share that was found; None if there are none."""
        return wilson(self.right / self.labelled, self.labelled) if self.labelled else None

    @property
    def precision(self) -> Span | None:
        """Of those taken for it the share that is; None if nothing was."""
        return wilson(self.right / self.named, self.named) if self.named else None


@dataclass(frozen=True, slots=True)
class Mixed:
    """One class taken for another."""

    label: int
    given: int
    count: int
    of: int
    """Examples of the class `label`."""


def matrix(answers: Answers) -> Ints:
    """Return the confusion matrix, [classes, classes]: labelled down, given across."""
    count = len(answers.classes)
    flat = np.bincount(answers.labels * count + answers.given, minlength=count * count)
    return flat.reshape(count, count).astype(np.int64)


def by_class(answers: Answers) -> tuple[ClassScore, ...]:
    """Return how each class fares, in the order of the classes."""
    found = matrix(answers)
    labelled, named, right = found.sum(1), found.sum(0), found.diagonal()
    return tuple(
        ClassScore(name, int(labelled[n]), int(named[n]), int(right[n]))
        for n, name in enumerate(answers.classes)
    )


def mixed_up(answers: Answers) -> tuple[Mixed, ...]:
    """Return every pair of classes of which one was taken for the other, the commonest first."""
    found = matrix(answers)
    sizes = found.sum(1)
    pairs = [
        Mixed(int(label), int(given), int(found[label, given]), int(sizes[label]))
        for label, given in zip(*np.nonzero(found), strict=True)
        if label != given
    ]
    return tuple(sorted(pairs, key=lambda p: (-p.count, -p.count / p.of, p.label, p.given)))


def worst(answers: Answers) -> list[int]:
    """Return the places of all mistakes, the surest first."""
    return [place for place in surest(answers) if not answers.is_right[place]]


def cell(answers: Answers, label: int | None, given: int | None) -> list[int]:
    """Return the places of what is labelled one class and was given another, the surest first.

    Args:
        answers: of one part.
        label: the class it is labelled with; None for any.
        given: the class it was given; None for any.
    """
    return [
        place
        for place in surest(answers)
        if label in (None, int(answers.labels[place]))
        and given in (None, int(answers.given[place]))
    ]


def surest(answers: Answers) -> list[int]:
    """Return all places, the surest first."""
    return [int(place) for place in np.argsort(-answers.sure, kind="stable")]
