"""Watch while a run goes on: zoom, title and words keep up, and a second browser sees the same."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import ROOT, Server
from tests.e2e.test_story import CHART, LONG, chart, wait_for_points, zoom

UPDATES = 10
SAID = ".thaw-said"
POLLS_MS = 4000
HEARD = """(box) => {
  window.heard = 0
  const observer = new MutationObserver((changes) => { window.heard += changes.length })
  observer.observe(box, {childList: true, subtree: true})
}"""


class Paced:
    """A run that goes on by one epoch whenever it is told to."""

    def __init__(self, server: Server, most: int | None = None) -> None:
        command = [sys.executable, "-m", "tests.e2e.paced_run", *([str(most)] if most else [])]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=server.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.id = self.process.stdout.readline().strip()

    def tell(self, *lines: str) -> None:
        """Send it lines."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def close(self) -> None:
        """End it, whatever it is doing."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def paced(server: Server) -> Iterator[Paced]:
    """A run under our hands."""
    one = Paced(server)
    yield one
    one.close()


@pytest.mark.timeout(900)
def test_zoom_title_and_words_keep_up_in_two_browsers(
    server: Server, paced: Paced, tab: Page, browser: Browser
) -> None:
    broken: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    paced.tell(*["epoch"] * 7, "half")
    tab.goto(f"{server.url}/watch?run={paced.id}")
    wait_for_points(tab, 7)
    expect(tab).to_have_title(re.compile("Epoch 6, .* Thaw"), timeout=LONG)
    tab.evaluate("document.querySelector('.thaw-chart .plot').dataset.mark = 'the same element'")
    batches = "document.querySelector('.thaw-chart .plot').data.some((t) => t.x[0] === 6.1)"
    tab.wait_for_function(batches, timeout=LONG)

    tab.locator(SAID).evaluate(HEARD)
    tab.wait_for_timeout(POLLS_MS)
    assert tab.evaluate("window.heard") == 0, "nothing new is said again"
    zoom(tab)
    zoomed = chart(tab)["x"]
    for update in range(UPDATES):
        paced.tell("epoch")
        wait_for_points(tab, 8 + update)
        assert chart(tab)["x"] == zoomed
    assert chart(tab)["mark"] == "the same element"
    expect(tab).to_have_title(re.compile("Epoch 16, "), timeout=LONG)

    context = browser.new_context(viewport={"width": 390, "height": 844})
    phone = context.new_page()
    phone.goto(f"{server.url}/watch?run={paced.id}")
    wait_for_points(phone, 17)
    sentence, status = (shown(tab, part) for part in ("h2", "caption"))
    assert (shown(phone, "h2"), shown(phone, "caption")) == (sentence, status)
    assert curve(phone) == curve(tab)

    paced.tell("end")
    for page in (tab, phone):
        expect(page).to_have_title(re.compile("^Done, 93"), timeout=LONG)
        tried = page.get_by_text("it trained the new last layer alone for 5 epochs")
        expect(tried).to_be_visible(timeout=LONG)
    said = tab.locator(SAID)
    expect(said).to_have_attribute("aria-live", "polite")
    expect(said).to_have_text(re.compile("^It is right on 93 % of"), timeout=LONG)
    context.close()

    tab.get_by_test_id("stSidebar").get_by_role("link", name="Runs").click()
    expect(tab).not_to_have_title(re.compile("Done"), timeout=LONG)
    assert not broken


def test_an_axis_that_grows_leaves_a_zoom_alone(server: Server, tab: Page) -> None:
    paced = Paced(server, most=400)
    try:
        paced.tell(*["epoch"] * 30)
        tab.goto(f"{server.url}/watch?run={paced.id}")
        wait_for_points(tab, 30)
        assert chart(tab)["x"][1] == 30
        zoom(tab)
        zoomed = chart(tab)["x"]
        assert zoomed[1] < 30
        paced.tell("epoch")
        wait_for_points(tab, 31)
        assert chart(tab)["x"] == zoomed
        tab.locator(".thaw-chart .nsewdrag").first.dblclick()
        tab.wait_for_function(f"() => ({CHART})().x[1] === 40", timeout=LONG)
    finally:
        paced.close()


def shown(tab: Page, part: str) -> str:
    """Return the sentence, or the line of numbers up to what the clock changes."""
    if part == "h2":
        return tab.get_by_role("heading", level=2).first.inner_text()
    return (
        tab.get_by_text("of at most").first.inner_text().partition(" so far")[0].rpartition("·")[0]
    )


def curve(tab: Page) -> list[float]:
    """Return the validation losses that are drawn."""
    found: list[float] = tab.evaluate(
        """() => document.querySelector(".thaw-chart .plot").data
          .find((trace) => trace.name?.startsWith("validation")).y"""
    )
    return found
