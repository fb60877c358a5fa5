"""The simulator in a real browser: one flight for each kind of ending."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import findings
from tests.e2e.conftest import Server
from tests.e2e.shots import DRAWN
from tl_core.lessons import choices, flight, trouble

HIGH, LEARNED, SOUND = "heron", "rook", "wren"


def board(tab: Page, server: Server, name: str) -> None:
    tab.goto(f"{server.url}/learn?flight={name}")
    expect(tab.get_by_role("heading", level=2)).to_have_text(flight(name).title)
    expect(tab.locator(".thaw-chart")).to_have_count(2)
    tab.wait_for_function(DRAWN)


def expect_epoch(tab: Page, n: int) -> None:
    """Expect what is drawn to have come to an epoch; the same words are said unseen as well."""
    status = tab.get_by_test_id("stCaptionContainer").filter(has_text=f"epoch {n} of at most")
    expect(status).to_be_visible()


def step_to(tab: Page, epoch: int) -> None:
    for n in range(1, epoch + 1):
        tab.get_by_role("button", name="Next epoch").click()
        expect_epoch(tab, n)


def call(tab: Page, what: str, do: str) -> None:
    tab.get_by_text(trouble(what).title, exact=True).first.click()
    tab.get_by_text(choices()[do].title, exact=True).first.click()
    tab.get_by_role("button", name="Call it now").click()
    expect(tab.get_by_text("You chose")).to_be_visible()
    tab.wait_for_function(DRAWN)


def end(tab: Page, headline: str) -> None:
    tab.get_by_role("button", name="Skip to the end").click()
    expect(tab.get_by_role("heading", name=re.compile(headline))).to_be_visible()
    expect(tab.locator(".thaw-chart")).to_have_count(2)
    tab.wait_for_function(DRAWN)
    expect(tab.get_by_role("heading", name="What the narrator of Watch said")).to_be_visible()


@pytest.mark.timeout(300)
def test_right_and_early_with_the_network_off(server: Server, tab: Page) -> None:
    tab.context.route(
        lambda url: not url.startswith((server.url, "data:", "blob:")), lambda route: route.abort()
    )
    tab.goto(f"{server.url}/learn")
    tab.get_by_role("link", name=re.compile(rf"\b1\b.*{flight(HIGH).title}$")).click()
    expect(tab.get_by_role("heading", level=2)).to_have_text(flight(HIGH).title)
    step_to(tab, 6)
    call(tab, "rate_high", "lower_lr")
    end(tab, "Right and early: 100 of 100 points")
    tab.get_by_role("link", name="All lessons").click()
    expect(tab.get_by_text("100 of 100 points from 1 of")).to_be_visible()


@pytest.mark.timeout(300)
def test_right_but_late(server: Server, tab: Page) -> None:
    board(tab, server, LEARNED)
    step_to(tab, 14)
    call(tab, "overfitting", "stop_keep_best")
    end(tab, "Right, but late")
    expect(tab.get_by_text("You called at epoch 14:")).to_be_visible()


@pytest.mark.timeout(300)
def test_a_wrong_call_by_keyboard_alone(server: Server, tab: Page) -> None:
    board(tab, server, HIGH)
    tab.get_by_role("button", name="Next epoch").focus()
    for n in range(1, 4):
        tab.keyboard.press("Enter")
        expect_epoch(tab, n)
    expect(tab.get_by_role("button", name="Next epoch")).to_be_focused()
    tab.get_by_role("radio", name=trouble("overfitting").title).focus()
    tab.keyboard.press("Space")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="Call it now")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("You chose")).to_be_visible()
    end(tab, "It was something else")


@pytest.mark.timeout(300)
def test_a_false_alarm_on_a_sound_run(server: Server, tab: Page) -> None:
    board(tab, server, SOUND)
    step_to(tab, 6)
    call(tab, "rate_high", "stop_keep_best")
    end(tab, "A false alarm")
    expect(tab.get_by_text("Fewer new examples are right with it")).to_be_visible()
    assert not findings(tab)


@pytest.mark.timeout(300)
def test_by_itself_to_the_end(server: Server, tab: Page) -> None:
    board(tab, server, SOUND)
    tab.get_by_text("Fast", exact=True).click()
    tab.get_by_role("button", name="Nothing is wrong: let it run to its end").click()
    headline = tab.get_by_role("heading", name=re.compile("Rightly left alone"))
    expect(headline).to_be_visible(timeout=60_000)


@pytest.fixture
def still(browser: Browser) -> Iterator[Page]:
    """A tab of somebody who has asked for less motion."""
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.timeout(300)
def test_with_less_motion_one_goes_step_by_step(server: Server, still: Page) -> None:
    still.goto(f"{server.url}/learn?flight={HIGH}")
    expect(still.get_by_text("Your computer asks for less motion")).to_be_visible()
    expect(still.get_by_role("button", name="Go on")).to_have_count(0)
    step_to(still, 1)
    still.get_by_role("button", name="Nothing is wrong: let it run to its end").click()
    expect(still.get_by_role("button", name="Skip to the end")).to_be_visible()
    expect_epoch(still, 1)
    end(still, "You let it run, and something was wrong")
    still.get_by_role("link", name="The next flight").click()
    expect(still.get_by_text("Your computer asks for less motion")).to_be_visible()
