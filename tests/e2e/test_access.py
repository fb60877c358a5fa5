"""The whole path without a mouse, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_story import LONG, PICTURE_EDGE, heading

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
