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


@dataclass(frozen=True)
class Answer:
    """What a model says of one example."""

    guesses: tuple[Guess, ...]
    """The most probable classes, the first one first."""
    words: tuple[Word, ...] = ()
    """Of a text, with what they weigh for the first class; empty unless asked for."""


def predict(
    spec: RunSpec,
    dataset: Dataset,
    run_dir: Path,
    examples: Sequence[Example],
    *,
    weigh_words: bool = False,
) -> tuple[Answer, ...]:
    """Return what a run's best model says of each example.

    Args:
        spec: what the run was asked for.
        dataset: what it was trained on.
        run_dir: folder of the run, which must have kept weights.
        examples: what to look at; see `data.loose`.
        weigh_words: of texts, also tell which words the first class rests on.

    Raises:
        InputError: if the base cannot be had any more.
        FileNotFoundError: if the run has kept no weights.
    """
    precision.keep_freed_memory()
    rebuilt = rebuild(spec, dataset, run_dir)
    learner, backbone = rebuilt.learner, rebuilt.backbone
    asked = replace(dataset, examples=tuple(examples))
    rows = range(len(examples))
    opened = modality_of(dataset.modality).open_examples(asked, rows, backbone)
    shares_of = evaluate.run(learner, learner, opened, rows).softmax(1)
    found = shares_of.topk(min(TOP, len(dataset.classes)))
    answers = []
    for example, places, shares in zip(
        examples, found.indices.tolist(), found.values.tolist(), strict=True
    ):
        guesses = tuple(
            Guess(dataset.classes[place], round(share, 4))
            for place, share in zip(places, shares, strict=True)
        )
        words = weigh(learner, backbone, dataset, example.text, places[0]) if weigh_words else ()
        answers.append(Answer(guesses, words))
    return tuple(answers)
