"""What a finished run says of pictures or texts that it has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tl_core.data.dataset import Dataset, Example
from tl_core.engine import evaluate, precision
from tl_core.engine.modality import modality_of
from tl_core.engine.rebuild import rebuild
from tl_core.engine.words import Word, weigh
from tl_core.spec import RunSpec

TOP = 5  # classes told per example, at most


@dataclass(frozen=True)
class Guess:
    """One class and how probable it is."""

    label: str
    probability: float
    """In [0, 1]."""


def predict(
    spec: RunSpec, dataset: Dataset, run_dir: Path, examples: Sequence[Example]
) -> tuple[tuple[Guess, ...], ...]:
    """Return the most probable classes of each example, the first one first.

    Args:
        spec: what the run was asked for.
        dataset: what it was trained on.
        run_dir: folder of the run, which must have kept weights.
        examples: what to look at; see `data.loose`.

    Raises:
        InputError: if the base cannot be had any more.
        FileNotFoundError: if the run has kept no weights.
    """
    precision.keep_freed_memory()
    rebuilt = rebuild(spec, dataset, run_dir)
    asked = replace(dataset, examples=tuple(examples))
    rows = range(len(examples))
    opened = modality_of(dataset.modality).open_examples(asked, rows, rebuilt.backbone)
    logits = evaluate.run(rebuilt.learner, rebuilt.learner, opened, rows)
    found = logits.softmax(1).topk(min(TOP, len(dataset.classes)))
    return tuple(
        tuple(
            Guess(dataset.classes[place], round(share, 4))
            for place, share in zip(places, shares, strict=True)
        )
        for places, shares in zip(found.indices.tolist(), found.values.tolist(), strict=True)
    )


def weigh_words(
    spec: RunSpec,
    dataset: Dataset,
    run_dir: Path,
    examples: Sequence[Example],
    labels: Sequence[int],
) -> tuple[tuple[Word, ...], ...]:
    """Return the words of each text with what they weigh for its class in `labels`.

    Raises:
        InputError: if the base cannot be had any more.
        FileNotFoundError: if the run has kept no weights.
    """
    rebuilt = rebuild(spec, dataset, run_dir)
    return tuple(
        weigh(rebuilt.learner, rebuilt.backbone, dataset, example.text, label)
        for example, label in zip(examples, labels, strict=True)
    )
