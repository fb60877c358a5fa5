"""Which words a text's class rests on: each is left out once, and what that changes is its weight.

Erasure (Li, Monroe and Jurafsky 2016, arXiv 1612.08220) asks the model itself and needs nothing of
its insides, so it holds for every strategy. It weighs words one by one: of two words that say the
same, each may seem to count for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from tl_core.data.dataset import Dataset
from tl_core.engine import evaluate
from tl_core.engine.learner import Learner
from tl_core.engine.modality import Backbone, modality_of
from tl_core.spec import to_dict

MOST_WORDS = 40
"""Weighed of each text; the words after them stay as they are."""
EXAMPLES = 3
"""Told of a run: so many that it got wrong, and so many that it got right, the surest first."""


@dataclass(frozen=True)
class Word:
    """One word of a text."""

    text: str
    weight: float
    """How far the log-probability of the class falls without it, in nats; below 0 it rises."""


@dataclass(frozen=True)
class Weighed:
    """One text, its words weighed for the class that it was given."""

    name: str
    label: str
    """Its class as it was labelled."""
    predicted: str
    probability: float
    """Of the predicted class, in [0, 1]."""
    words: tuple[Word, ...]
    rest: str
    """What comes after the words that were weighed; may be empty."""


def weigh(
    learner: Learner, backbone: Backbone, dataset: Dataset, text: str, label: int
) -> tuple[Word, ...]:
    """Return the first words of a text with their weight for the class `label`.

    Args:
        learner: the model, as it is to be asked.
        backbone: what it was made from.
        dataset: what it was trained on.
        text: what to weigh, at least one word.
        label: index of a class.
    """
    words = text.split()
    weighed = range(min(len(words), MOST_WORDS))
    said = [text, *(" ".join(words[:place] + words[place + 1 :]) for place in weighed)]
    like = dataset.examples[0]
    asked = replace(dataset, examples=tuple(replace(like, key=one, text=one) for one in said))
    rows = range(len(said))
    examples = modality_of(dataset.modality).open_examples(asked, rows, backbone)
    sure = evaluate.run(learner, learner, examples, rows).log_softmax(1)[:, label]
    fallen = (sure[0] - sure[1:]).tolist()
    return tuple(Word(words[place], round(fallen[place], 4)) for place in weighed)


def surest(logits: torch.Tensor, labels: Sequence[int]) -> list[int]:
    """Return places of the surest mistakes, then of the surest right answers, EXAMPLES each.

    Args:
        logits: [n, classes].
        labels: [n] the right classes.
    """
    sure, given = logits.softmax(1).max(1)
    order = sure.argsort(descending=True, stable=True).tolist()
    is_right = [int(given[place]) == label for place, label in enumerate(labels)]
    wrong = [place for place in order if not is_right[place]][:EXAMPLES]
    return wrong + [place for place in order if is_right[place]][:EXAMPLES]


def told(
    learner: Learner,
    backbone: Backbone,
    dataset: Dataset,
    rows: Sequence[int],
    logits: torch.Tensor,
) -> list[dict[str, Any]]:
    """Return the texts of `surest` with their words weighed, each a record like `Weighed`.

    Args:
        learner: the model, as it is to be asked.
        backbone: what it was made from.
        dataset: what it was trained on.
        rows: the examples of `dataset` that were judged.
        logits: [len(rows), classes] what it says of them.
    """
    probabilities, given = logits.softmax(1).max(1)
    records = []
    for place in surest(logits, [dataset.examples[row].label for row in rows]):
        example, predicted = dataset.examples[rows[place]], int(given[place])
        weighed = Weighed(
            name=example.name,
            label=dataset.classes[example.label],
            predicted=dataset.classes[predicted],
            probability=round(float(probabilities[place]), 4),
            words=weigh(learner, backbone, dataset, example.text, predicted),
            rest=" ".join(example.text.split()[MOST_WORDS:]),
        )
        records.append(to_dict(weighed))
    return records
