"""Lessons in a real browser: guess, choose, see a drawn picture, answer, go on to the next."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.shots import DRAWN
from tl_core.lessons import lesson

THREE = {"portable": "hand signs", "distance": "worn metal tiles", "curves": "memorises"}


@pytest.mark.timeout(300)
def test_three_lessons_with_their_check_questions(server: Server, tab: Page) -> None:
    tab.goto(f"{server.url}/learn")
    tab.get_by_role("link", name=re.compile("Can knowledge be carried over")).click()
    for number, (name, option) in enumerate(THREE.items()):
        one = lesson(name)
        if number:
            tab.goto(f"{server.url}/learn?lesson={name}")
        expect(tab.get_by_role("heading", level=1)).to_have_text(one.title)
        expect(tab).to_have_url(f"{server.url}/learn?lesson={name}")
        expect(tab.locator(".thaw-chart")).to_have_count(0)
        tab.get_by_role("radio", name=option, exact=True).click()
        expect(tab.locator(".thaw-chart")).to_have_count(1)
        tab.wait_for_function(DRAWN)
        right = next(answer for answer in one.answers if answer.is_right)
        wrong = next(answer for answer in one.answers if not answer.is_right)
        for answer in (wrong, right):
            tab.get_by_text(answer.label, exact=True).click()
            expect(tab.get_by_text(answer.feedback, exact=True)).to_be_visible()
    tab.get_by_role("link", name="All lessons").click()
    expect(tab).to_have_url(f"{server.url}/learn")
    expect(tab.get_by_role("heading", level=2)).to_have_text(
        "9 lessons of a few minutes each, with real results."
    )
    tab.goto(f"{server.url}/learn?lesson=negative&view=plain")
    expect(tab.locator(".thaw-chart")).to_have_count(2)
    expect(tab.get_by_role("radio")).to_have_count(0)
