"""Scenes: every option has its facts, and its sentence says them."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

import pytest

from tl_core.lessons import scenes
from tl_core.lessons.course import Lesson, Option, course

PAIRS = [(one, option) for one in course() for option in one.options]
OF_PAIRS = [f"{one.id}/{option.id}" for one, option in PAIRS]


def shares(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        if "low" in value and "high" in value and "n" in value:
            yield from (value["low"], value["value"], value["high"])
        for one in value.values():
            yield from shares(one)
    elif isinstance(value, list):
        for one in value:
            yield from shares(one)


@pytest.mark.parametrize(("one", "option"), PAIRS, ids=OF_PAIRS)
def test_every_option_is_recorded_and_every_name_in_its_sentence_has_a_fact(
    one: Lesson, option: Option
) -> None:
    shown = scenes.scene(one.id, option.id)
    assert shown is not None
    names = {name for _text, name, _spec, _conversion in Formatter().parse(option.said) if name}
    assert names
    assert names <= set(shown.facts)
    said = scenes.told(option, shown)
    assert "{" not in said
    assert "nan" not in said


@pytest.mark.parametrize(("one", "option"), PAIRS, ids=OF_PAIRS)
def test_shares_lie_within_their_intervals(one: Lesson, option: Option) -> None:
    shown = scenes.scene(one.id, option.id)
    assert shown is not None
    for low, value, high in zip(*[iter(shares([shown.picture, dict(shown.facts)]))] * 3,
                                strict=True):  # fmt: skip
        assert 0 <= low <= value <= high <= 1


def test_what_is_not_recorded_is_none() -> None:
    assert scenes.scene("portable", "nonsense") is None
    assert scenes.scene("nonsense", "signs") is None


def test_a_refusal_is_what_thaw_says_itself() -> None:
    option = next(o for one, o in PAIRS if one.id == "modalities" and o.id == "picture_base")
    shown = scenes.scene("modalities", "picture_base")
    assert shown is not None
    assert "has only ever seen pictures" in scenes.told(option, shown)


def test_what_lessons_claim_holds_in_their_facts() -> None:
    """The texts draw conclusions; here is what they rest on."""

    def value(lesson: str, option: str, fact: str) -> float:
        shown = scenes.scene(lesson, option)
        assert shown is not None
        return float(shown.facts[fact]["value"])

    for option in ("signs", "photos", "insects"):
        assert value("portable", option, "frozen") > value("portable", option, "scratch") + 0.2
    for option in ("10", "20"):
        assert value("volume", option, "thawed") > value("volume", option, "frozen") + 0.1
    assert value("volume", "all", "thawed") - value("volume", "all", "frozen") < 0.06
    assert value("distance", "sign_digits", "gain") > value("distance", "ants_bees", "gain")
    assert value("feature_extraction", "stripes", "best") > value(
        "feature_extraction", "stripes", "last"
    )
    assert value("negative", "digits", "pixels") > value("negative", "digits", "frozen")
    assert value("negative", "insects", "pixels") < value("negative", "insects", "frozen")
    assert value("paid_once", "full_fine_tune", "one_in") > 10_000
    assert value("ladder", "thawed", "highest") > value("ladder", "frozen", "loss")
    assert value("ladder", "thawed", "accuracy") > value("ladder", "frozen", "accuracy") + 0.1
    assert value("learning_rate", "large", "highest") > value("learning_rate", "usual", "highest")
    assert value("learning_rate", "large", "accuracy") < value("learning_rate", "usual", "accuracy")
    assert value("curves", "memorises", "loss") > 1.2 * value("curves", "memorises", "lowest")
    assert value("curves", "learns", "loss") < 1.1 * value("curves", "learns", "lowest")
    for option in ("near", "photos", "far"):
        assert value("forgetting", option, "full") < 0.9
