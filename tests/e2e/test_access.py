"""Pages for everyone, in a real browser: what axe finds, no mouse, large text, no movement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from tests.e2e.conftest import Server
from tests.e2e.everywhere import prepare, settle
from tests.e2e.test_language import WIDTHS
from tests.e2e.test_story import LONG, PICTURE_EDGE, heading

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
WORST = {"serious", "critical"}
UPSTREAM = (
    # A chosen pill is written in the primary color on a tint of it. On dark ground no color does
    # for that (4.5 to 1 asks for a luminance above 0.24) and below a button's white (under 0.19).
    ("color-contrast", '[data-selected="true"]'),
    # The sidebar scrolls by itself; axe at times looks before its links are there.
    ("scrollable-region-focusable", '[data-testid="stSidebarContent"]'),
)
"""Rule and element, or what it lies in, of what Streamlit draws so and we cannot draw otherwise."""

LIES_IN = "([target, part]) => document.querySelector(target)?.closest(part) != null"


def findings(tab: Page) -> list[str]:
    """Return what axe finds seriously wrong with the page as it stands, upstream's left out.

    Where an element lies is asked of the page: the shortest selector, which axe names it by, need
    not say it.
    """
    found: list[dict[str, Any]] = Axe().run(tab, options=WCAG).response["violations"]
    nodes = [(rule["id"], n) for rule in found if rule["impact"] in WORST for n in rule["nodes"]]
    return [
        f"{rule} {node['target']}: {node['html'][:200]} {node['failureSummary']}"
        for rule, node in nodes
        if not any(
            rule == name and tab.evaluate(LIES_IN, [node["target"][0], part])
            for name, part in UPSTREAM
        )
    ]


@pytest.fixture(scope="module")
def pages(app: Server) -> Iterator[dict[str, str]]:
    """The name and the address of every page, each with something to show."""
    app.ensure()
    yield {name: app.url + address for name, address in prepare(app).items()}
    app.empty()


@pytest.mark.timeout(900)
def test_axe_finds_nothing_serious(pages: dict[str, str], tab: Page) -> None:
    wrong = []
    for name, url in pages.items():
        settle(tab, url)
        wrong += [f"{name}: {one}" for one in findings(tab)]
    assert not wrong, "\n".join(wrong)


TWICE = {"width": 640, "height": 450}
"""What a window of 1280 by 900 has room for when everything is drawn twice as large."""

FITS = f"() => ({WIDTHS})().every(([wanted, there]) => wanted <= there)"

MOVING = """() => document.getAnimations()
  .filter((one) => one.playState === "running" && one.effect.getTiming().iterations === Infinity)
  .map((one) => one.animationName ?? String(one.effect.target?.className))"""


@pytest.mark.timeout(900)
def test_in_the_dark_too_nothing_moves_and_twice_as_large_it_fits(
    pages: dict[str, str], browser: Browser
) -> None:
    usual = {"width": 1280, "height": 900}
    context = browser.new_context(viewport=usual, color_scheme="dark", reduced_motion="reduce")
    tab = context.new_page()
    wrong = []
    for name, url in pages.items():
        settle(tab, url)
        wrong += [f"{name}: {one}" for one in findings(tab)]
        wrong += [f"{name}: {one} moves" for one in tab.evaluate(MOVING)]
        tab.set_viewport_size(TWICE)
        try:
            tab.wait_for_function(FITS)  # charts follow in a moment
        except TimeoutError:
            wrong.append(f"{name}: [px wide, px there] {tab.evaluate(WIDTHS)}")
        tab.set_viewport_size(usual)
    context.close()
    assert not wrong, "\n".join(wrong)


RING = """() => {
  const style = getComputedStyle(document.activeElement)
  return style.boxShadow !== "none" || style.outlineStyle !== "none"
}"""


def reach(tab: Page, wanted: Locator, *, most: int = 120) -> None:
    """Press Tab until it is reached, and see that the place can be seen."""
    wanted.first.wait_for(timeout=LONG)
    for _press in range(most):
        tab.keyboard.press("Tab")
        if wanted.first.evaluate("element => element === document.activeElement"):
            tab.wait_for_function(RING)  # whoever uses the keyboard sees where they are
            return
    pytest.fail(f"{wanted} is out of reach of the Tab key")


@pytest.mark.timeout(900)
def test_from_start_to_verdict_without_a_mouse(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/?size={PICTURE_EDGE}")
    way = {
        "What do you want": "Take Shapes on textured ground",
        "Which model already knows": "Use this base",
        "Is this enough": "Go on",
        "How far is your task": "See the plan",
        "How much of it should change": "Start training",
    }
    for question, button in way.items():
        heading(tab, question)
        reach(tab, tab.get_by_role("button", name=button))
        tab.keyboard.press("Enter")
    heading(tab, "How did it go")
    reach(tab, tab.get_by_role("button", name="See what it gets wrong"))
    tab.keyboard.press("Enter")
    heading(tab, "What did it learn")
    expect(tab).to_have_url(re.compile("/results"))
