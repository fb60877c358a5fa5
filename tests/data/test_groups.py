"""Components: what shares a tie, directly or through others, belongs together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of


def test_items_without_shared_ties_stand_alone() -> None:
    assert components([["a"], ["b"], []]) == [0, 1, 2]


def test_ties_join_through_others() -> None:
    assert components([["a"], ["c"], ["b"], ["a", "b"], ["c"]]) == [0, 1, 0, 0, 1]


def test_a_long_chain_is_one_component() -> None:
    assert set(components([[i, i + 1] for i in range(5000)])) == {0}


def test_an_example_is_tied_by_bytes_pixels_and_group(record: Callable[..., Dataset]) -> None:
    example = replace(record([0, 1]).examples[0], group="walk 3")
    assert ties_of(example) == [
        ("key", example.key),
        ("pixels", example.pixels),
        ("group", "walk 3"),
    ]
    assert ties_of(replace(example, pixels="", group="")) == [("key", example.key)]
