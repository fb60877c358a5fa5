"""From usable pictures to a dataset: classes chosen, copies kept together, everything in order.

Pure: no file is read or written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tl_core import wording
from tl_core.data import limits, near
from tl_core.data.dataset import SPLIT_ORDER, Example
from tl_core.data.finding import Notes
from tl_core.data.groups import grouped, ties_of
from tl_core.data.labels import tidy_text, twins
from tl_core.errors import InputError, Issue
from tl_core.i18n import _


@dataclass(frozen=True, slots=True)
class Draft:
    """A usable picture with the label as the source writes it."""

    label: str
    example: Example
    """Its label index and its merged group are not known yet."""
    trait: np.void | None = None
    """Of a picture: a record of `traits.TRAIT`."""


def assemble(
    drafts: Sequence[Draft], notes: Notes, tick: near.Tick = lambda: None
) -> tuple[tuple[str, ...], tuple[Example, ...]]:
    """Return the sorted classes and the ordered examples of a dataset.

    Classes that cannot be learned and checked are noted and set aside; so are the pictures in
    them. Texts that say nearly the same are noted and kept together. `tick` is called now and
    then, and may raise to end it.

    Raises:
        InputError: if fewer than `limits.MIN_CLASSES` classes remain; it says why.
    """
    tidied = _tidy_labels(drafts, notes)
    kept = _set_classes_aside(tidied, notes)
    classes = tuple(sorted({d.label for d in kept}))
    if len(classes) < limits.MIN_CLASSES:
        raise too_few_classes(classes, notes)
    notes.add("label_twins", *twins(classes))
    index = {label: i for i, label in enumerate(classes)}
    examples = [replace(d.example, label=index[d.label]) for d in kept]
    examples.sort(key=lambda e: (SPLIT_ORDER[e.split], e.label, e.name, e.key))
    twins_of = (
        near.leaders([e.text for e in examples], tick)
        if notes.modality == "text"
        else list(range(len(examples)))  # of pictures only exact copies are known
    )
    _note_near_twins(examples, twins_of, notes)
    return classes, _group(examples, _bound(examples, twins_of))


def _bound(examples: Sequence[Example], twins_of: Sequence[int]) -> list[int]:
    """Let near twins go that make up most of a class: it could not be divided any more."""
    in_class = Counter(e.label for e in examples)
    together = Counter((leader, examples[n].label) for n, leader in enumerate(twins_of))
    most = {leader for (leader, label), n in together.items() if 2 * n > in_class[label]}
    return [n if leader in most else leader for n, leader in enumerate(twins_of)]


def _note_near_twins(examples: Sequence[Example], twins_of: Sequence[int], notes: Notes) -> None:
    """Note what says nearly the same as another, and which of it lies on both sides of a split."""
    trained: defaultdict[int, set[str]] = defaultdict(set)
    for example, leader in zip(examples, twins_of, strict=True):
        if SPLIT_ORDER[example.split] == 0:
            trained[leader].add(example.pixels)
    for number, leader in enumerate(twins_of):
        example = examples[number]
        if example.pixels != examples[leader].pixels:
            notes.add("near_twins", example.name)
        if SPLIT_ORDER[example.split] and trained[leader] - {example.pixels}:
            notes.add("near_leak", example.name)


def too_few_classes(classes: Sequence[str], notes: Notes) -> InputError:
    """Return the error for data without two usable classes, with everything that led to it."""
    if classes:
        message = _("Only the class '{label}' is left; telling classes apart takes two.").format(
            label=classes[0]
        )
    else:
        message = {
            "text": _("No class with enough usable texts was found."),
        }.get(notes.modality, _("No class with enough usable pictures was found."))
    fix = {
        "text": _(
            "Bring a table with the columns text and label, with at least {n} texts of each "
            "class, or one folder of .txt files per class."
        ),
    }.get(
        notes.modality,
        _(
            "Bring one folder per class with at least {n} pictures each (or train and val folders "
            "of such folders), or a table with the columns path and label."
        ),
    ).format(n=limits.MIN_PER_CLASS)
    found = [
        Issue(", ".join(f.examples[:3]) or f.check, f.effect, f.fix)
        for f in notes.findings()
        if f.severity != "info" or not classes
    ]
    return InputError([Issue("data", message, fix), *found])


def _tidy_labels(drafts: Sequence[Draft], notes: Notes) -> list[Draft]:
    written: defaultdict[str, set[str]] = defaultdict(set)
    tidied: list[Draft] = []
    nameless: list[str] = []
    for draft in drafts:
        label = tidy_text(draft.label)
        if label:
            written[label].add(draft.label)
            tidied.append(replace(draft, label=label))
        else:
            nameless.append(draft.example.name)
    notes.add("stray", *nameless)
    notes.add("labels_merged", *sorted(k for k, forms in written.items() if len(forms) > 1))
    return tidied


def _set_classes_aside(drafts: Sequence[Draft], notes: Notes) -> list[Draft]:
    """Drop classes with too few pictures in all, or too few to train on."""
    has_val = any(d.example.split == "val" for d in drafts)
    least_training = 1 if has_val else 2  # without a val part, one is taken from training
    in_all = Counter(d.label for d in drafts)
    training = Counter(d.label for d in drafts if SPLIT_ORDER[d.example.split] == 0)
    small = sorted(label for label, n in in_all.items() if n < limits.MIN_PER_CLASS)
    untrained = sorted(
        label
        for label, n in in_all.items()
        if n >= limits.MIN_PER_CLASS and training[label] < least_training
    )
    notes.add(
        "small_class", *(_with_count(label, in_all[label], notes.modality) for label in small)
    )
    notes.add("untrained_class", *untrained)
    aside = {*small, *untrained}
    return [d for d in drafts if d.label not in aside]


def _with_count(label: str, n: int, modality: str) -> str:
    return _("{label} ({count})").format(label=label, count=wording.examples(n, modality))


def _group(examples: Sequence[Example], twins_of: Sequence[int]) -> tuple[Example, ...]:
    """Give everything that belongs together one group; what stands alone keeps its own or none."""
    ties = [ties_of(e) for e in examples]
    for own, leader in zip(ties, twins_of, strict=True):
        own.append(("near", leader))
    return grouped(examples, ties)
