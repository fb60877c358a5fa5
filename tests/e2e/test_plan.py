"""The Plan page in a real browser: sliders that move the advice, definitions that open."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_story import LONG, heading, imported, press

_MEASURED = """
from tests.pages.handmade import evidence_of
from tl_core import data
from tl_core.data import measured
from tl_core.spec import DEFAULT_VAL_FRACTION
shapes = data.load(data.list_datasets()[0].id)
measured.write_evidence(shapes, evidence_of(shapes), val_fraction=DEFAULT_VAL_FRACTION)
"""


def plan(server: Server, tab: Page) -> None:
    """Open the plan of a sample that seems to be measured."""
    dataset = imported(server)
    server.run_python(_MEASURED)
    tab.goto(f"{server.url}/plan?data={dataset}")
    heading(tab, "How much of it should change")


@pytest.mark.timeout(300)
def test_dragging_a_slider_moves_the_advice_and_a_button_brings_it_back(
    server: Server, tab: Page
) -> None:
    plan(server, tab)
    main = tab.get_by_test_id("stMain")
    main.get_by_text("What if?", exact=True).click()
    now = main.get_by_text(re.compile("As your data are.+Start frozen, then thaw"))
    expect(now).to_be_visible(timeout=LONG)
    back = tab.get_by_role("button", name="Back to your data")
    expect(back).to_be_disabled()

    number = tab.get_by_role("slider", name="Training examples")
    number.focus()
    number.press("End")
    moved = main.get_by_text(re.compile("With 100,000 training examples the advice moves from"))
    expect(moved).to_be_visible(timeout=LONG)

    distance = tab.get_by_role("slider", name="Distance of the task")
    distance.scroll_into_view_if_needed()
    grip = distance.bounding_box()
    assert grip
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x - 900, y, steps=10)
    tab.mouse.up()
    expect(main.get_by_text(re.compile("and a task that is near"))).to_be_visible(timeout=LONG)

    press(tab, "Back to your data")
    expect(now).to_be_visible(timeout=LONG)
    expect(back).to_be_disabled()
    expect(number).to_have_attribute("aria-valuetext", "192")
    assert not list(server.home.glob("runs/*/events.jsonl")), "no job was needed"


@pytest.mark.timeout(300)
def test_on_a_phone_nothing_is_wider_than_the_page(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    tab = context.new_page()
    plan(server, tab)
    tree = tab.get_by_role("list", name=re.compile("The way through"))
    expect(tree).to_be_visible(timeout=LONG)
    expect(tab.get_by_role("img", name=re.compile("From change nothing"))).to_be_visible()
    wide = "(e) => e.scrollWidth - e.clientWidth"
    assert tree.evaluate(wide) <= 1
    assert tab.get_by_test_id("stMain").evaluate(wide) <= 1
    context.close()


@pytest.mark.timeout(300)
def test_a_number_opens_its_definition(server: Server, tab: Page) -> None:
    plan(server, tab)
    tab.get_by_role("button", name="What these numbers mean").first.click(timeout=LONG)
    told = tab.get_by_test_id("stPopoverBody")
    expect(told.get_by_text("Expected accuracy")).to_be_visible(timeout=LONG)
    expect(told.get_by_text("Source:").first).to_be_visible()
