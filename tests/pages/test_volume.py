"""How much data there are, in words."""

from __future__ import annotations

from dataclasses import replace

from pages.ui import volume
from tl_core.spec import DatasetFacts, Leak

FACTS = DatasetFacts(
    n=260,
    classes=2,
    per_class_min=1,
    duplicates=0,
    leak=Leak(None, None),
    splits={"train": 200, "val": 48},
    sizes={"min": 40, "median": 50, "max": 600},
)


def test_parts_are_told_with_the_test_part_only_where_there_is_one() -> None:
    assert volume.parts(FACTS) == (
        "200 to learn from, 48 held out to check. The smallest class has 1 picture."
    )
    with_test = replace(FACTS, splits=FACTS.splits | {"test": 12})
    assert "12 are kept for one test at the end." in volume.parts(with_test)


def test_more_pictures_tell_an_accuracy_more_exactly() -> None:
    assert "8 points either way" in volume.precision(FACTS)
    assert "4 points either way" in volume.precision(replace(FACTS, splits={"val": 216}))


def test_the_rule_of_thumb_is_the_one_for_this_many_pictures() -> None:
    few = volume.rules_of_thumb(FACTS)
    many = volume.rules_of_thumb(replace(FACTS, splits={"train": 5000}))
    assert len(few) == len(many) == 2
    assert not set(few) & set(many)


def test_for_texts_it_is_another_one_whatever_their_number() -> None:
    for n in (100, 5000):
        facts = replace(FACTS, splits={"train": n}, modality="text")
        (said,) = volume.rules_of_thumb(facts)
        assert "LoRA" in said
