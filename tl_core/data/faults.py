"""Faults that lie between examples: copies, contradictions, the same thing on both sides.

Each function returns what a finding is made of, as indices into `dataset.examples`; pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tl_core.data import limits
from tl_core.data.dataset import Dataset, Example
from tl_core.data.split import Split
from tl_core.data.twins import Twins
from tl_core.spec import Leak

Pair = tuple[int, int]


def look(example: Example) -> str:
    """Return what two exact copies share: their pixels, or their bytes where none are known."""
    return example.pixels or example.key


def copies(dataset: Dataset) -> list[Pair]:
    """Return the examples that equal an earlier one, each with that one before it."""
    first: dict[str, int] = {}
    found = []
    for i, example in enumerate(dataset.examples):
        original = first.setdefault(look(example), i)
        if original != i:
            found.append((original, i))
    return found


def conflicts(dataset: Dataset) -> list[list[int]]:
    """Return the examples of each picture or text that has several labels."""
    alike: dict[str, list[int]] = {}
    for i, example in enumerate(dataset.examples):
        alike.setdefault(look(example), []).append(i)
    label = [example.label for example in dataset.examples]
    return [own for own in alike.values() if len({label[i] for i in own}) > 1]


def near_pairs(dataset: Dataset, twins: Twins | None) -> list[Pair]:
    """Return the confirmed near-duplicates that are still in the dataset."""
    if twins is None:
        return []
    place = {example.row: i for i, example in enumerate(dataset.examples)}
    return [(place[a], place[b]) for a, b in twins.pairs if a in place and b in place]


def leaked(dataset: Dataset, parts: Split, near: Sequence[Pair]) -> list[Pair]:
    """Return the held-out examples that training holds too, each with its copy or near twin there.

    Returns:
        (in training, held out), one pair for each held-out example.
    """
    trained: dict[str, int] = {}
    for i in parts.train:
        trained.setdefault(look(dataset.examples[i]), i)
    held_out = [*parts.val, *parts.test]
    exact = {i: trained[key] for i in held_out if (key := look(dataset.examples[i])) in trained}
    inside, outside = set(parts.train), set(held_out)
    nearly: dict[int, int] = {}
    for a, b in near:
        for one, other in ((a, b), (b, a)):
            if one in inside and other in outside:
                nearly.setdefault(other, one)
    together = nearly | exact
    return [(together[i], i) for i in held_out if i in together]


def leak_of(dataset: Dataset, parts: Split, twins: Twins | None) -> Leak:
    """Return how much of the held-out part training holds too.

    `suspected` is True above `limits.LEAK_SHARE` of the validation or of the test part, False
    below it, and None below it as long as nobody looked for near-duplicates of pictures.
    """
    pairs = leaked(dataset, parts, near_pairs(dataset, twins))
    held = {i for _twin, i in pairs}
    is_suspected = any(
        len(held.intersection(part)) > limits.LEAK_SHARE * len(part)
        for part in (parts.val, parts.test)
    )
    ruled_out = False if twins is not None else None
    return Leak(suspected=True if is_suspected else ruled_out, pairs=len(pairs))


def unchecked(dataset: Dataset, parts: Split) -> list[str]:
    """Return the classes that have nothing in the validation part."""
    checked = {dataset.examples[i].label for i in parts.val}
    return [name for i, name in enumerate(dataset.classes) if i not in checked]


def imbalance(dataset: Dataset) -> tuple[str, str, float]:
    """Return the largest and the smallest class, and how many times larger the first is."""
    counts = Counter(example.label for example in dataset.examples)
    largest, smallest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    ratio = counts[largest] / counts[smallest]
    return dataset.classes[largest], dataset.classes[smallest], ratio
