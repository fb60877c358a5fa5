"""Assembling: labels tidied, classes kept or set aside, copies bound together, order fixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.data.assemble import Draft, assemble
from tl_core.data.dataset import Example
from tl_core.data.finding import Notes
from tl_core.errors import InputError

Noted = dict[str, tuple[str, ...]]


def drafts(label: str, n: int, *, split: str = "", group: str = "", look: str = "") -> list[Draft]:
    """Return pictures of one label, all different unless they share a `look`."""
    return [
        Draft(
            label,
            Example(
                key=f"{look or f'{label}{split}{i}'}",
                path=Path(f"/nowhere/{i}"),
                label=-1,
                split=split,
                group=group,
                name=f"{label}/{split}{i}",
                pixels=look or f"{label}{split}{i}",
            ),
        )
        for i in range(n)
    ]


def assembled(*given: list[Draft]) -> tuple[tuple[str, ...], tuple[Example, ...], Noted]:
    notes = Notes()
    classes, examples = assemble([d for some in given for d in some], notes)
    return classes, examples, {f.check: f.examples for f in notes.findings()}


def test_classes_are_sorted_and_labels_point_at_them() -> None:
    classes, examples, noted = assembled(drafts("dogs", 5), drafts("cats", 6))
    assert classes == ("cats", "dogs")
    assert [classes[e.label] for e in examples] == ["cats"] * 6 + ["dogs"] * 5
    assert all(e.name.startswith(classes[e.label]) for e in examples)
    assert all(e.group == "" for e in examples)
    assert noted == {}


def test_the_order_does_not_depend_on_the_order_given() -> None:
    one, other = drafts("dogs", 5, split="val"), drafts("cats", 6, split="train")
    three = drafts("dogs", 5, split="train")
    forward = assembled(one, other, three)
    backward = assembled(three[::-1], other[::-1], one[::-1])
    assert forward == backward
    assert [e.split for e in forward[1]] == ["train"] * 11 + ["val"] * 5


def test_a_class_of_fewer_than_five_is_set_aside() -> None:
    classes, examples, noted = assembled(
        drafts("a", 5), drafts("b", 5), drafts("few", 4), drafts("one", 1)
    )
    assert classes == ("a", "b")
    assert len(examples) == 10
    assert noted == {"small_class": ("few (4 pictures)", "one (1 picture)")}


def test_all_parts_count_towards_the_five() -> None:
    classes, _examples, _noted = assembled(
        drafts("a", 5, split="train"), drafts("b", 3, split="train"), drafts("b", 2, split="test")
    )
    assert classes == ("a", "b")


def test_a_class_that_cannot_be_trained_is_set_aside() -> None:
    plenty = [drafts(c, 5, split="train") for c in ("a", "b")]
    classes, _examples, noted = assembled(*plenty, drafts("c", 9, split="test"))
    assert classes == ("a", "b")
    assert noted == {"untrained_class": ("c",)}
    one_left = drafts("c", 1, split="train")
    assert assembled(*plenty, drafts("c", 9, split="test"), one_left)[0] == ("a", "b")
    with_val = drafts("c", 9, split="val")
    assert assembled(*plenty, with_val, one_left)[0] == ("a", "b", "c")


def test_spaces_around_names_do_not_matter_and_capitals_do() -> None:
    classes, examples, noted = assembled(
        drafts("cat", 5), drafts(" cat ", 2), drafts("Cat", 5), drafts("dog", 5)
    )
    assert classes == ("Cat", "cat", "dog")
    assert sum(e.label == 1 for e in examples) == 7
    assert noted == {"labels_merged": ("cat",), "label_twins": ("Cat", "cat")}


def test_nameless_pictures_are_left_out() -> None:
    classes, _examples, noted = assembled(drafts("a", 5), drafts("b", 5), drafts(" \0 ", 2))
    assert classes == ("a", "b")
    assert len(noted["stray"]) == 2


def test_copies_share_a_group() -> None:
    twins = drafts("a", 2, look="same")
    _classes, examples, _noted = assembled(drafts("a", 5), drafts("b", 5), twins)
    groups = [e.group for e in examples if e.group]
    assert len(groups) == 2
    assert len(set(groups)) == 1


def test_groups_that_share_a_copy_become_one() -> None:
    _classes, examples, _noted = assembled(
        drafts("a", 5, group="walk 1"),
        drafts("b", 5, group="walk 2"),
        drafts("a", 1, group="walk 1", look="x"),
        drafts("b", 1, group="walk 2", look="x"),
        drafts("c", 5, group="walk 3"),
    )
    assert {e.group for e in examples} == {"walk 1", "walk 3"}


def test_fewer_than_two_classes_are_an_error_that_tells_everything() -> None:
    with pytest.raises(InputError) as caught:
        assembled(drafts("a", 5), drafts("b", 4), drafts("c", 3))
    first, *others = caught.value.issues
    assert "Only the class 'a' is left" in first.message
    assert [i.field for i in others] == ["b (4 pictures), c (3 pictures)"]
    with pytest.raises(InputError, match="No class with enough usable pictures"):
        assembled()
