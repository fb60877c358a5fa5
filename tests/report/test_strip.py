"""The strip of stages: safe, readable, the same for all who look or listen."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from tl_core.report import strip
from tl_core.report.strip import StripCell, strip_svg

SVG = "{http://www.w3.org/2000/svg}"
CELLS = (
    StripCell("stem", "stem", "frozen", share=0.05),
    StripCell("1", "1", "frozen", share=0.15),
    StripCell("2", "2", "thawed", "since epoch 12", share=0.8),
    StripCell("head", "head", "head"),
)


def parsed(
    cells: tuple[StripCell, ...] = CELLS, alt: str = "Two of three are frozen."
) -> ET.Element:
    return ET.fromstring(strip_svg(cells, alt=alt))


def rects(root: ET.Element) -> list[tuple[float, float]]:
    found = [g.find(f"{SVG}rect") for g in root.iter(f"{SVG}g")]
    return [
        (float(r.attrib["x"].rstrip("%")), float(r.attrib["width"].rstrip("%")))
        for r in found
        if r is not None
    ]


def test_it_says_what_it_shows() -> None:
    root = parsed()

    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "Two of three are frozen."
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == "Two of three are frozen."
    words = ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
    assert words == [
        "early: edges, colours", "late: parts, objects", "stem", "1", "2", "since", "epoch 12",
        "head",
    ]  # fmt: skip


def test_state_is_told_by_hatch_colour_and_word() -> None:
    groups = list(parsed().iter(f"{SVG}g"))

    assert [g.attrib["data-state"] for g in groups] == ["frozen", "frozen", "thawed", "head"]
    fills = [g.find(f"{SVG}rect").attrib["fill"] for g in groups]  # type: ignore[union-attr]
    assert fills[0].startswith("url(#hatch-")
    assert fills[2:] == [strip.WARM, strip.HEAD]
    titles = ["".join(g.find(f"{SVG}title").itertext()) for g in groups]  # type: ignore[union-attr]
    assert titles == ["stem: frozen", "1: frozen", "2: thawed", "head: new"]


def test_cells_fill_the_width_in_order_without_touching() -> None:
    places = rects(parsed())

    assert places[0][0] == 0
    assert sum(places[-1]) == pytest.approx(100, abs=0.1)
    for (left, width), (next_left, _w) in pairwise(places):
        assert left + width < next_left


def test_width_follows_cost_but_never_gets_too_small() -> None:
    widths = [width for _left, width in rects(parsed())]

    assert widths[0] < widths[1] < widths[2]
    assert min(widths) >= 9


def test_without_costs_stages_grow() -> None:
    plain = tuple(StripCell(str(i), str(i), "frozen") for i in range(8))
    widths = [width for _left, width in rects(parsed((*plain, CELLS[-1])))]

    assert widths[:8] == sorted(widths[:8])
    assert widths[7] > widths[0]


def test_many_stages_still_fit() -> None:
    many = tuple(StripCell(str(i), str(i), "frozen", share=i / 100) for i in range(20))

    places = rects(parsed(many))

    assert sum(places[-1]) == pytest.approx(100, abs=0.1)
    assert all(width > 0 for _left, width in places)


def test_untrusted_words_are_escaped() -> None:
    nasty = '<script>alert("x")</script>&'
    root = parsed((StripCell(nasty, nasty, "frozen", nasty),), alt=nasty)

    assert not list(root.iter(f"{SVG}script"))
    assert root.attrib["aria-label"] == nasty


def test_nothing_to_show_is_still_a_picture() -> None:
    assert rects(parsed(())) == []


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("state", "fill"), [("frozen", strip.COOL), ("thawed", strip.WARM), ("head", strip.HEAD)]
)
def test_letters_stand_out(state: str, fill: str) -> None:
    one, other = luminance(strip._INK[state]), luminance(fill)

    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 4.5


def test_captions_take_the_colour_around_them() -> None:
    captions = list(parsed().iter(f"{SVG}text"))[:2]

    assert {c.attrib["fill"] for c in captions} == {"currentColor"}
    assert all("clamp(" in c.attrib["style"] for c in captions)
