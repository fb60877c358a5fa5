"""What a run's best model says of pictures or texts that it has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from tl_core import catalog
from tl_core.analysis import calibration
from tl_core.data.dataset import Dataset, Example
from tl_core.data.split import split
from tl_core.engine import evaluate, features, inherit, looks, maps, precision
from tl_core.engine import unlike as distance
from tl_core.engine.looks import Sight
from tl_core.engine.modality import Backbone, Raw, modality_of
from tl_core.engine.rebuild import Rebuilt, rebuild
from tl_core.engine.unlike import Familiar, Unlike
from tl_core.engine.words import Word, weigh
from tl_core.errors import InputError
from tl_core.spec import RunSpec, to_dict

TOP = 5  # classes told per example, at most
SUREST = 0.9999
"""No probability is told to be 1: that would be a matter of rounding."""


@dataclass(frozen=True)
class Guess:
    """One class and how probable it is."""

    label: str
    probability: float
    """In [0, 1]; calibrated, where a temperature was kept with the run (see `calibration`)."""


@dataclass(frozen=True)
class Neighbour:
    """A training example that is among those most alike."""

    name: str
    """Untrusted text."""
    label: str
    key: str
    """Of the example in its dataset."""
    cosine: float
    """Of the untouched base's features, at most 1."""


@dataclass(frozen=True)
class Answer:
    """What a model says of one example."""

    guesses: tuple[Guess, ...]
    """The most probable classes, the first one first."""
    words: tuple[Word, ...] = ()
    """Of a text, with what they weigh for the first class; empty unless asked for."""
    sight: Sight | None = None
    """Of a picture, where the model looks for the first class; None unless asked for, and where
    the network gives no map."""
    unlike: Unlike | None = None
    """How unlike the training examples it is; None where the base is not here to tell."""
    nearest: tuple[Neighbour, ...] = ()
    """The training examples most alike, the first one first; empty unless asked for."""


@dataclass(frozen=True)
class Memory:
    """What a run has learned from, as its untouched base sees it."""

    backbone: Backbone
    """That base."""
    rows: tuple[int, ...]
    """Of the dataset: the training examples compared with, in the order of `known`."""
    known: Familiar


@dataclass(frozen=True)
class Model:
    """A run's model, ready to be asked."""

    dataset: Dataset
    rebuilt: Rebuilt
    memory: Memory | None
    temperature: float
    """Above 0: logits are divided by it; 1 where none was fitted (Guo et al. 2017)."""


def predict(
    spec: RunSpec,
    dataset: Dataset,
    run_dir: Path,
    examples: Sequence[Example],
    *,
    why: bool = False,
    epoch: int | None = None,
) -> tuple[Answer, ...]:
    """Return what a run's best model says of each example.

    Args:
        spec: what the run was asked for.
        dataset: what it was trained on.
        run_dir: folder of the run, which must have kept weights.
        examples: what to look at; see `data.loose`.
        why: also tell what the first class rests on: which words of a text, where in a picture.
        epoch: which weights to take of a run that goes on; None for those it ended with.

    Raises:
        InputError: if the base cannot be had any more.
        FileNotFoundError: if the run has kept no such weights.
    """
    model = open_model(spec, dataset, run_dir, epoch)
    return ask(model, examples, why=why)


def open_model(
    spec: RunSpec, dataset: Dataset, run_dir: Path, epoch: int | None = None
) -> Model:  # fmt: skip
    """Load a run's best model, with what it needs to tell what is unlike its training examples.

    Raises:
        InputError: if the base cannot be had any more.
        FileNotFoundError: if the run has kept no such weights.
    """
    precision.keep_freed_memory()
    rebuilt = rebuild(spec, dataset, run_dir, epoch)
    # A temperature is fitted to the weights that a run ends with.
    fitted = calibration.read(run_dir) if epoch is None else None
    temperature = fitted.temperature if fitted else 1.0
    return Model(dataset, rebuilt, _memory(spec, dataset, run_dir, rebuilt), temperature)


def _memory(
    spec: RunSpec, dataset: Dataset, run_dir: Path, rebuilt: Rebuilt
) -> Memory | None:  # fmt: skip
    """Return what the run has learned from; its features are read from the cache if they can be.

    None for a control whose base is not on this computer, since it was never needed.
    """
    backbone = rebuilt.backbone
    if not rebuilt.is_untouched:
        try:
            base = catalog.find(spec.base)
            backbone = inherit.load_backbone(base, size=spec.size, pretrained=True)
        except InputError:
            return None
        backbone.body.eval().requires_grad_(False).to(precision.device())
    parts = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed)

    def seen(rows: Sequence[int], most: int) -> tuple[tuple[int, ...], torch.Tensor]:
        chosen = tuple(rows[n] for n in distance.chosen(len(rows), most, spec.seed))
        opened = modality_of(dataset.modality).open_examples(dataset, chosen, backbone)
        return chosen, features.pooled(backbone, opened, _unheard).last

    rows, train = seen(parts.train, distance.MOST_REFERENCES)
    known = distance.kept(run_dir, train)
    if known is None:
        _rows, held_out = seen(parts.val, distance.MOST_HELD_OUT)
        known = distance.familiar(train, held_out)
    return Memory(backbone, rows, known)


def _unheard(done: int, total: int) -> None:
    """Take the place of a progress function where nobody waits for it."""


def ask(
    model: Model, examples: Sequence[Example], *, why: bool = False, near: int = 0
) -> tuple[Answer, ...]:
    """Return what a model says of each example.

    Args:
        model: see `open_model`.
        examples: what to look at; see `data.loose`.
        why: also tell what the first class rests on: which words of a text, where in a picture.
        near: how many of the training examples most alike to tell.
    """
    dataset = model.dataset
    asked = replace(dataset, examples=tuple(examples))
    opened = modality_of(dataset.modality).open_examples(
        asked, range(len(examples)), model.rebuilt.backbone
    )
    logits, seen = _looked_at(model, opened)
    found = (logits / model.temperature).softmax(1).topk(min(TOP, len(dataset.classes)))
    likeness = _likeness(model, seen, near) if seen is not None else [(None, ())] * len(examples)
    first = found.indices[:, 0].tolist()
    rests = _rests(model, examples, opened, first) if why else [{}] * len(examples)
    answers = []
    for number, (places, shares) in enumerate(
        zip(found.indices.tolist(), found.values.tolist(), strict=True)
    ):
        guesses = tuple(
            Guess(dataset.classes[place], min(round(share, 4), SUREST))
            for place, share in zip(places, shares, strict=True)
        )
        unlike, nearest = likeness[number]
        answers.append(Answer(guesses, unlike=unlike, nearest=nearest, **rests[number]))
    return tuple(answers)


def _rests(
    model: Model, examples: Sequence[Example], opened: Raw, classes: Sequence[int]
) -> list[dict[str, Any]]:
    """Return for each example what its class rests on, as fields of its answer."""
    rebuilt = model.rebuilt
    if model.dataset.modality == "text":
        learner, backbone = rebuilt.learner, rebuilt.backbone
        return [
            {"words": weigh(learner, backbone, model.dataset, example.text, given)}
            for example, given in zip(examples, classes, strict=True)
        ]
    found = looks.seam(rebuilt, opened.inputs([0]))
    if found is None:
        return [{}] * len(examples)
    return [{"sight": one} for one in looks.sights(found, opened, classes, rebuilt.backbone)]


def _looked_at(model: Model, opened: Raw) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return logits [n, classes], and the untouched base's features [n, width] if it is here."""
    learner, memory, rows = model.rebuilt.learner, model.memory, range(len(opened))
    if memory is None:
        return evaluate.run(learner, learner, opened, rows), None
    seen = evaluate.run(memory.backbone.body, memory.backbone.body, opened, rows)
    if model.rebuilt.is_untouched and not learner.all_depths:
        head = learner.head
        with torch.inference_mode():
            return head(seen.to(head.mean.device)).cpu(), seen
    return evaluate.run(learner, learner, opened, rows), seen


def _likeness(
    model: Model, seen: torch.Tensor, near: int
) -> list[tuple[Unlike | None, tuple[Neighbour, ...]]]:
    """Return how unlike the training examples each example is, and which of them are nearest."""
    memory = model.memory
    assert memory is not None
    nearest: list[tuple[Neighbour, ...]] = [()] * len(seen)
    if near:
        nearest = [
            tuple(_neighbour(model.dataset, memory.rows[one.place], one.cosine) for one in row)
            for row in distance.nearest(memory.known, seen, near)
        ]
    return list(zip(distance.unlike(memory.known, seen), nearest, strict=True))


def _neighbour(dataset: Dataset, row: int, cosine: float) -> Neighbour:
    example = dataset.examples[row]
    return Neighbour(example.name, dataset.classes[example.label], example.key, cosine)


def told(name: str, answer: Answer) -> dict[str, Any]:
    """Return an answer as plain JSON values, as programs rely on them."""
    return {
        "file": name,
        "top": [to_dict(guess) for guess in answer.guesses],
        "unlike_training": None if answer.unlike is None else to_dict(answer.unlike),
        **({"words": [_word(word) for word in answer.words]} if answer.words else {}),
        **({"looks": _place(answer.sight)} if answer.sight else {}),
        **({"nearest": to_dict(answer.nearest)} if answer.nearest else {}),
    }


def lit(answer: Answer) -> str:
    """Return the picture lit where the model looks, a JPEG in base64; empty without a map."""
    return maps.jpeg(answer.sight.lit) if answer.sight else ""


def _place(sight: Sight) -> dict[str, Any]:
    return {"how": sight.how, **asdict(sight.place), "edge": sight.heat.shape[-1]}


def _word(word: Word) -> dict[str, Any]:
    return {"word": word.text, "weight": word.weight}
