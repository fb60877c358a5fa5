"""Words on what is inside of networks: numbers as they were measured, and nothing more."""

from __future__ import annotations

import pytest

from tests.report.handmade_insides import answering, filters_of, layer
from tl_core.insides import EDGE, LIGHT, PATCH, RED_GREEN, SILENT, UNNAMED, Filter, Stage
from tl_core.report import inside


def test_the_headline_counts_what_has_a_name() -> None:
    base, random = filters_of(EDGE, EDGE, UNNAMED, SILENT), filters_of(UNNAMED)
    assert inside.headline(base, None) == (
        "Of the 4 filters in its first layer, 2 answer to something that has a name."
    )
    assert inside.headline(base, random).endswith("With random weights none do.")
    assert inside.headline(base, filters_of(EDGE)).endswith("With random weights 1 does.")
    assert "filters" not in inside.headline(None, None)


def test_a_filter_is_named_with_direction_colours_and_frequency() -> None:
    one = Filter(EDGE, RED_GREEN, 0.9, 45, 0.166, 0.97, "")
    assert inside.filter_name(one) == "edge, rising, 45°, red against green, 0.17 cycles per pixel"
    assert inside.filter_name(Filter(PATCH, LIGHT, 0.9, None, None, 0, "")) == (
        "even patch, light against dark"
    )
    assert inside.filter_name(Filter(UNNAMED, LIGHT, 0.2, None, None, 0, "")) == "no plain pattern"


@pytest.mark.parametrize(
    ("degrees", "word"),
    [
        (0, "level"),
        (20, "level"),
        (30, "rising"),
        (90, "upright"),
        (135, "falling"),
        (170, "level"),
    ],
)
def test_directions_have_words(degrees: float, word: str) -> None:
    assert inside.direction(degrees) == word


def test_how_many_have_a_pattern_comes_with_its_interval() -> None:
    told = inside.filters_told(filters_of(*[EDGE] * 5, *[UNNAMED] * 5))
    assert told == "50 % (24 to 76) have a pattern beyond chance."
    told = inside.filters_told(filters_of(EDGE, EDGE, colour_share=0.99))
    assert told.endswith("2 of these tell colours alone.")
    assert list(inside.filters_table(filters_of(EDGE, PATCH)).columns) == [
        "Filter", "Answers to", "Explained by it", "Colour",
    ]  # fmt: skip


def test_a_stage_is_told_by_its_maps_and_what_a_place_sees() -> None:
    stage = Stage("3", 40, 28, (), "")
    assert inside.stage_told(stage, None, 224) == "40 channels, each a map of 28 by 28 places."
    assert inside.stage_told(stage, answering("3", field_px=39), 224).endswith(
        "What a place answers to lies within about 39 of 224 pixels."
    )


def test_what_to_notice_is_what_was_measured() -> None:
    base = [answering("stem", explained=0.02), answering("1", explained=0.2)]
    random = [answering("stem", explained=0.01), answering("1", explained=-0.003)]
    tuned = [answering("stem", alike=1.0), answering("1", explained=0.5, alike=0.62)]
    assert inside.notice([], random, tuned, 0) == []
    first = inside.notice(base, random, tuned, 0)
    assert first[-1] == "Tuning has left this stage as it was."
    last = inside.notice(base, random, tuned, 1)
    assert last[1] == (
        "Your classes explain 20 % of what its channels differ by from picture to picture; "
        "in the first stage 2 %; with random weights 0 %; after tuning 50 %."
    )
    assert last[2].startswith("After tuning its features are 62 % like the base's")
    assert last[0] != first[0]
    assert len(inside.notice(base, [], [], 1)) == 2


def test_stages_stand_side_by_side_in_a_table() -> None:
    base, tuned = [answering("1", explained=0.2)], [answering("1", alike=0.62)]
    table = inside.stages_table({"The base": base, "Tuned": tuned})
    assert table.iloc[0].to_dict() == {
        "Stage": "1",
        "The base: classes explain": "20 %",
        "The base: pixels seen": 20,
        "Tuned: classes explain": "10 %",
        "Tuned: pixels seen": 20,
        "Tuned: like the base": "62 %",
    }
    assert inside.likeness(base[0]) == inside.likeness(None) == ""
    assert inside.likeness(tuned[0]) == "62 % like the base"


def test_a_layer_is_told_by_where_words_look_and_what_they_are_like() -> None:
    assert inside.layer_told(layer("1", spread=6.5), 18) == (
        "A word draws from about 6.5 of 18 tokens at once. 3 of 4 words are still nearest to "
        "themselves."
    )
    base, random = [layer("words"), layer("1", spread=6.5)], [layer("1", spread=18.0)]
    assert inside.text_headline(base, random, 18) == (
        "In its sharpest layer a word draws from 6.5 of 18 tokens. With random weights from 18: "
        "it looks everywhere alike."
    )
    assert inside.text_headline(base, [layer("1", spread=4.0)], 18).endswith("weights from 4.0.")
    assert "tokens" not in inside.text_headline([layer("words")], [], 18)
    assert len(inside.layers_table(base, 18)) == 2
