"""Every page in a real browser: what axe finds, in the dark, twice as large, German on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.e2e.axe import findings
from tests.e2e.conftest import Server
from tests.e2e.everywhere import prepare, settle


@pytest.fixture(scope="module")
def pages(app: Server) -> Iterator[dict[str, str]]:
    """The name and the address of every page, each with something to show."""
    app.ensure()
    yield {name: app.url + address for name, address in prepare(app).items()}
    app.empty()


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

USUAL = {"width": 1280, "height": 900}
TWICE = {"width": 640, "height": 450}
"""What a window of 1280 by 900 has room for when everything is drawn twice as large."""

FITS = f"() => ({WIDTHS})().every(([wanted, there]) => wanted <= there)"

MOVING = """() => document.getAnimations()
  .filter((one) => one.playState === "running" && one.effect.getTiming().iterations === Infinity)
  .map((one) => one.animationName ?? String(one.effect.target?.className))"""

IS_DARK = """() => {
  const app = getComputedStyle(document.querySelector("[data-testid=stApp]"))
  return app.backgroundColor.match(/\\d+/g).slice(0, 3).every((part) => Number(part) < 60)
}"""


@pytest.mark.timeout(900)
def test_all_can_be_read_by_all_nothing_moves_and_twice_as_large_it_fits(
    pages: dict[str, str], tab: Page
) -> None:
    wrong = []
    for name, url in pages.items():
        tab.emulate_media(color_scheme="light", reduced_motion="no-preference")
        settle(tab, url)
        wrong += [f"{name}: {one}" for one in findings(tab)]
        tab.emulate_media(color_scheme="dark", reduced_motion="reduce")
        tab.wait_for_function(IS_DARK)
        wrong += [f"{name} in the dark: {one}" for one in findings(tab)]
        wrong += [f"{name}: {one} moves" for one in tab.evaluate(MOVING)]
        tab.set_viewport_size(TWICE)
        try:
            tab.wait_for_function(FITS)  # charts follow in a moment
        except TimeoutError:
            wrong.append(f"{name}: [px wide, px there] {tab.evaluate(WIDTHS)}")
        tab.set_viewport_size(USUAL)
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(600)
def test_every_page_is_german_and_fits_a_phone(pages: dict[str, str], tab: Page) -> None:
    tab.goto(pages["start"])
    tab.get_by_label("Language").click()
    tab.get_by_role("option", name="Deutsch").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text(QUESTIONS["start"])
    expect(tab).to_have_url(re.compile("lang=de"))
    expect(tab.locator("html")).to_have_attribute("lang", "de")
    tab.set_viewport_size(PHONE)
    for page, url in pages.items():
        settle(tab, f"{url}&lang=de")
        expect(tab.get_by_role("heading", level=1)).to_contain_text(QUESTIONS[page])
        for wanted, there in tab.evaluate(WIDTHS):
            assert wanted <= there, page
