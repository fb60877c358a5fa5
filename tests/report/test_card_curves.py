"""Curves that stand still: inside their frame, told in words, safe."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from tests.pages.handmade import best_of, epoch
from tl_core.report.card_curves import HEIGHT, WIDTH, accuracy_drawing, loss_drawing

EPOCHS = tuple(epoch(n) for n in range(12))
BEST = best_of(EPOCHS[-1])
THAWS: tuple[dict[str, Any], ...] = ({"epoch": 5, "stage": "<i>7</i>"},)


def test_both_curves_lie_inside_the_drawing() -> None:
    for drawing in (loss_drawing(EPOCHS, THAWS, BEST), accuracy_drawing(EPOCHS, THAWS, BEST)):
        root = ElementTree.fromstring(drawing.svg)
        assert root.attrib["viewBox"] == f"0 0 {WIDTH} {HEIGHT}"
        lines = root.findall("polyline")
        assert len(lines) == 2
        for line in lines:
            places = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
            assert len(places) == len(EPOCHS)
            assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
        assert "<i>" not in drawing.svg
        assert "epoch" in drawing.alt.lower()


def test_the_curves_differ_in_more_than_colour() -> None:
    training, validation = ElementTree.fromstring(loss_drawing(EPOCHS, (), BEST).svg).findall(
        "polyline"
    )
    assert "stroke-dasharray" in training.attrib
    assert "stroke-dasharray" not in validation.attrib


def test_accuracy_has_its_interval_and_the_best_its_mark() -> None:
    root = ElementTree.fromstring(accuracy_drawing(EPOCHS, (), BEST).svg)
    (band,) = root.findall("polygon")
    assert len(band.attrib["points"].split()) == 2 * len(EPOCHS)
    (star,) = root.findall("circle")
    last = root.findall("polyline")[1].attrib["points"].split()[-1]
    assert f"{star.attrib['cx']},{star.attrib['cy']}" == last


def test_a_run_of_one_epoch_is_drawn_too() -> None:
    drawing = loss_drawing(EPOCHS[:1], (), best_of(EPOCHS[0]))
    assert not re.search(r"nan|inf", drawing.svg)
