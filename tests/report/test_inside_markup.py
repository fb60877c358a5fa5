"""Markup of what is inside of networks: everything is there, and nothing of others' is markup."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from tests.report.handmade_insides import answering, filters_of, layer
from tl_core.insides import EDGE, UNNAMED, Read, Scan, Seen, Stage
from tl_core.report import inside_markup
from tl_core.report.inside_markup import Side

HOSTILE = '<script>"&'
SEEN = Seen(64, "JPEG", (Stage("1", 16, 8, (9, 3), "LIT"),), filters_of(EDGE, UNNAMED))
SCANNED = Scan(8, 8, (answering("1", alike=0.5, sheet="PATCH", classes=((HOSTILE,), ("ants",))),))


def parsed(markup: str) -> ElementTree.Element:
    """Return markup as a tree; what is no tree is a defect here."""
    return ElementTree.fromstring(markup)


def test_each_network_shows_its_channels_lit_and_their_patches() -> None:
    sides = [Side(HOSTILE, SEEN, SCANNED), Side("Random", SEEN, is_kin=False), Side("Late")]
    tree = parsed(inside_markup.stage(sides, "1"))
    titles = [title.text for title in tree.iter("h4")]
    assert titles == [HOSTILE, "Random"]
    rows = [one for one in tree.iter("div") if "data-same" in one.attrib]
    assert [row.attrib["data-same"] for row in rows] == ["9", "3", "other-9", "other-3"]
    lit, patches = list(rows[0])
    assert "LIT" in lit.attrib["style"]
    assert "PATCH" in patches.attrib["style"]
    assert HOSTILE in patches.attrib["aria-label"]
    assert "background-position:0 100.000%" in next(iter(rows[1])).attrib["style"]
    assert len(list(rows[2])) == 1  # its pictures are not through yet
    assert "50 % like the base" in inside_markup.stage(sides, "1")


def test_a_stage_that_a_network_has_not_is_left_out() -> None:
    assert "h4" not in inside_markup.stage([Side("One", SEEN)], "7")


def test_filters_stand_under_what_they_answer_to() -> None:
    sides = [Side("The base", SEEN), Side("Blind", replace(SEEN, filters=None))]
    markup = inside_markup.filters(sides)
    assert markup.index("Edges") < markup.index("No plain pattern")
    assert "Spots" not in markup
    assert markup.count("<img") == 2
    assert 'alt="Filter 0: edge, light against dark"' in markup
    assert "Blind" not in markup


def test_every_token_says_where_it_looks_and_what_it_is_like() -> None:
    read = Read((HOSTILE, "bank"), False, (layer("words"), layer("1", spread=1.8)))
    tree = parsed(inside_markup.layer([Side("The base", read=read)], "1"))
    first, second = tree.iter("button")
    assert first.attrib["data-looks"] == "0.250 0.750"
    assert first.text == HOSTILE
    assert first.find("small").text == "<b>"  # type: ignore[union-attr]
    assert first.attrib["title"] == f"{HOSTILE}; draws most from bank (75 %); like <b>, banks"
    assert second.find("small") is None
    before = parsed(inside_markup.layer([Side("The base", read=read)], "words"))
    assert next(before.iter("button")).attrib["data-looks"] == ""
