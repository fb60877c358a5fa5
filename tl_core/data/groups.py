"""Which examples belong together: the same picture, or the same group as the data name it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from tl_core.data.dataset import Example


def components(ties: Sequence[Iterable[Hashable]]) -> list[int]:
    """Number the connected components of items that share a tie.

    Args:
        ties: for each item, the things it shares with others.

    Returns:
        For each item the number of its component; numbers start at 0 in order of appearance.
    """
    parent = list(range(len(ties)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[Hashable, int] = {}
    for i, own in enumerate(ties):
        for tie in own:
            a, b = root(first.setdefault(tie, i)), root(i)
            parent[max(a, b)] = min(a, b)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(i), len(numbers)) for i in range(len(ties))]


def ties_of(example: Example) -> list[Hashable]:
    """Return what keeps an example together with others: its bytes, pixels and group."""
    ties: list[Hashable] = [("key", example.key)]
    if example.pixels:
        ties.append(("pixels", example.pixels))
    if example.group:
        ties.append(("group", example.group))
    return ties


def grouped(
    examples: Sequence[Example], ties: Sequence[Iterable[Hashable]]
) -> tuple[Example, ...]:  # fmt: skip
    """Give everything that shares a tie one group; what stands alone keeps its own or none.

    Args:
        examples: any number of them.
        ties: for each example, what it shares with others.
    """
    numbers = components(ties)
    sizes = Counter(numbers)
    names: dict[int, str] = {}
    for number, example in zip(numbers, examples, strict=True):
        if example.group:
            names[number] = min(names.get(number, example.group), example.group)
    for number, example in zip(numbers, examples, strict=True):
        names.setdefault(number, f"same-{example.pixels[:16]}")
    return tuple(
        replace(e, group=names[number] if sizes[number] > 1 else e.group)
        for number, e in zip(numbers, examples, strict=True)
    )
