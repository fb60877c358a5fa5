"""German in a real browser: chosen in the sidebar, on every page, and nothing runs off a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.everywhere import prepare, settle

PHONE = {"width": 390, "height": 844}
WIDTHS = """() => {
  const main = document.querySelector("[data-testid=stMain]")
  return [document.documentElement, main].map((e) => [e.scrollWidth, e.clientWidth])
}"""
QUESTIONS = {
    "start": "Was soll es lernen",
    "base": "Welches Modell kennt schon",
    "data": "Ist das genug",
    "distance": "Wie weit ist Ihre Aufgabe",
    "plan": "Wie viel davon soll sich ändern",
    "watch": "Wie ist es gelaufen",
    "runs": "Was wurde trainiert",
    "forecasts": "Wie gut waren die Prognosen",
    "cards": "Was soll es unterscheiden",
    "results": "Was hat es gelernt",
    "tryit": "Was sagt es zu diesem hier",
    "export": "Wie lässt es sich mitnehmen",
    "compare": "Welcher Lauf ist besser",
    "benefit": "Was hat der Vorsprung gebracht",
    "storage": "Was braucht Platz",
    "learn": "Warum funktioniert Transfer",
    "lesson": "Wie weit ist die Aufgabe",
    "flight": "Was geschieht mit diesem Lauf",
    "inside": "Was sieht es im Inneren",
    "inside text": "Was sieht es im Inneren",
}


@pytest.mark.timeout(600)
def test_every_page_is_german_and_fits_a_phone(server: Server, tab: Page) -> None:
    pages = prepare(server)
    tab.goto(server.url)
    tab.get_by_label("Language").click()
    tab.get_by_role("option", name="Deutsch").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text(QUESTIONS["start"])
    expect(tab).to_have_url(re.compile("lang=de"))
    expect(tab.locator("html")).to_have_attribute("lang", "de")
    tab.set_viewport_size(PHONE)
    for page, address in pages.items():
        settle(tab, f"{server.url}{address}&lang=de")
        expect(tab.get_by_role("heading", level=1)).to_contain_text(QUESTIONS[page])
        for wanted, there in tab.evaluate(WIDTHS):
            assert wanted <= there, page
