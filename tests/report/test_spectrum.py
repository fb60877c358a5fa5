"""The spectrum: every strategy once, marks in words, safe and readable."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET

import pytest

from tl_core.report.spectrum import Mark, Rung, spectrum_svg

SVG = "{http://www.w3.org/2000/svg}"
RUNGS = (
    Rung("linear_probe", "last layer", "Feature extraction", 0.001, "0.1 %", "runner_up"),
    Rung("gradual_unfreezing", "thaw", "Start frozen, then thaw", 0.4, "40 %", "recommended"),
    Rung("full_fine_tune", "full", "Full fine-tuning", 1.0, "100 %", "chosen"),
    Rung("from_scratch", "from scratch", "From scratch", 1.0, "100 %", is_anew=True),
)


def parsed(rungs: tuple[Rung, ...] = RUNGS, alt: str = "Four.") -> ET.Element:
    return ET.fromstring(spectrum_svg(rungs, alt=alt))


def columns(root: ET.Element) -> list[ET.Element]:
    return [g for g in root.iter(f"{SVG}g") if "data-strategy" in g.attrib]


def words(element: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


def test_it_goes_from_nothing_to_everything_and_says_what_it_shows() -> None:
    root = parsed()

    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "Four."
    assert words(root)[:2] == ["change nothing", "change everything"]
    assert [g.attrib["data-strategy"] for g in columns(root)] == [r.strategy for r in RUNGS]


def test_marks_are_told_in_words_and_by_weight() -> None:
    first, best, chosen, control = columns(parsed())

    assert words(first)[-1] == "runner-up"
    assert words(best) == ["thaw", "40 %", "recommended"]
    assert words(chosen)[-1] == "your choice"
    assert words(control) == ["from", "scratch", "100 %"]
    widths = [
        float(rect.attrib["stroke-width"])
        for column in (best, chosen, first)
        for rect in column.iter(f"{SVG}rect")
        if "stroke-width" in rect.attrib
    ]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 3


def test_the_filled_part_is_the_share_that_learns() -> None:
    filled = []
    for column in columns(parsed()):
        whole, learns = list(column.iter(f"{SVG}rect"))[:2]
        filled.append(float(learns.attrib["height"]) / float(whole.attrib["height"]))

    assert 0 < filled[0] < 0.05  # little is still seen
    assert filled[1:] == pytest.approx([0.4, 1.0, 1.0], abs=0.01)


def test_what_begins_anew_has_a_colour_of_its_own() -> None:
    fills = [list(c.iter(f"{SVG}rect"))[1].attrib["fill"] for c in columns(parsed())]

    assert fills[0] == fills[1] == fills[2] != fills[3]


@pytest.mark.parametrize("place", range(6))
def test_the_pointer_stays_inside_at_both_ends(place: int) -> None:
    marks: list[Mark] = ["recommended" if i == place else "" for i in range(6)]
    rungs = tuple(dataclasses.replace(RUNGS[0], mark=mark) for mark in marks)
    (said,) = [
        t for t in parsed(rungs).iter(f"{SVG}text") if "".join(t.itertext()) == "recommended"
    ]

    side = {0: ("0", "start"), 5: ("100%", "end")}.get(place)
    if side:
        assert (said.attrib["x"], said.attrib["text-anchor"]) == side
    else:
        assert said.attrib["text-anchor"] == "middle"


def test_the_advice_of_now_is_marked_beside_the_supposed_one() -> None:
    now = dataclasses.replace(RUNGS[0], mark="now")

    assert words(columns(parsed((now, *RUNGS[1:])))[0])[-1] == "now"


def test_words_are_escaped() -> None:
    odd = dataclasses.replace(RUNGS[0], name="<b>", title="<script>", said="&")

    assert words(columns(parsed((odd,), alt="<i>"))[0]) == ["<b>", "&", "runner-up"]
