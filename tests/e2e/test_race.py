"""A race in a real browser: from its first round to the verdict, through a kill."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server
from tests.e2e.shots import THEMES, WIDTHS, shoot
from tests.e2e.test_story import LONG, PICTURE_EDGE, heading, imported, press, started

STRATEGIES = ("linear_probe", "full_fine_tune", "lora")
MINUTES = 0.4
_STATES = """
import json
from tl_core.runs import store
print(json.dumps([
    {"id": r.id, "kind": r.spec.kind, "status": r.status, "epochs": len(r.epochs),
     "strategy": r.strategy}
    for r in store.list_runs()
]))
"""


def states(server: Server) -> list[dict[str, Any]]:
    return json.loads(server.run_python(_STATES))


def kill_worker(server: Server, race: str) -> None:
    """End the worker of a race as the kernel would when memory runs out."""
    told = (server.home / "runs" / race / "events.jsonl").read_text().splitlines()
    pids = [event["pid"] for event in map(json.loads, told) if event["kind"] == "started"]
    os.kill(pids[-1], signal.SIGKILL)


def wait_for_epochs(server: Server, count: int) -> None:
    """Wait until the competitors have that many epochs together."""
    deadline = time.monotonic() + LONG / 1000
    while sum(state["epochs"] for state in states(server)) < count:
        assert time.monotonic() < deadline, states(server)
        time.sleep(1)


def shown(tab: Page, question: str) -> None:
    """Wait until the page asks this; for a moment the page before is there too."""
    expect(tab.get_by_role("heading", name=question)).to_be_visible(timeout=LONG)


def take_pictures(browser: Browser, url: str, name: str) -> None:
    """Take the page in every width and theme, where THAW_SHOTS names a folder."""
    if "THAW_SHOTS" not in os.environ:
        return
    folder = Path(os.environ["THAW_SHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for theme in THEMES:
            size = {"width": width, "height": 900}
            context = browser.new_context(viewport=size, color_scheme=theme)
            shoot(context.new_page(), url, folder / f"{name}-{width}-{theme}.png")
            context.close()


@pytest.mark.timeout(900)
def test_a_race_ends_with_a_verdict_though_it_was_killed(
    server: Server, tab: Page, browser: Browser
) -> None:
    dataset = imported(server)
    race = started(
        server, dataset, kind="race", strategies=STRATEGIES, minutes=MINUTES, size=PICTURE_EDGE // 2
    )
    url = f"{server.url}/watch?run={race}"
    tab.goto(url)
    heading(tab, "Which way does best")
    main = tab.get_by_test_id("stMain")
    expect(main.get_by_text("it is the turn of")).to_be_visible(timeout=LONG)
    expect(main.get_by_role("button", name="Full fine-tuning")).to_be_visible(timeout=LONG)
    wait_for_epochs(server, 4)
    kill_worker(server, race)
    expect(main.get_by_text("the race can go on")).to_be_visible(timeout=LONG)
    take_pictures(browser, url, "race-broken")
    press(tab, "Resume")
    expect(main.get_by_text("against the first").first).to_be_visible(timeout=LONG)
    words = main.inner_text()
    assert "Too close to call" in words or "does best" in words
    take_pictures(browser, url, "race-finished")

    found = states(server)
    assert len(found) == 1 + len(STRATEGIES)
    assert {state["status"] for state in found} == {"finished"}
    assert all(state["epochs"] > 1 for state in found if state["kind"] == "train")

    press(tab, "Full fine-tuning")
    shown(tab, "How did it go?")
    press(tab, "Part of a race")
    shown(tab, "Which way does best?")
    expect(tab).to_have_url(re.compile(f"run={race}"))
    tab.goto(f"{server.url}/runs")
    expect(main.get_by_text("race of 3 strategies")).to_be_visible(timeout=LONG)
    take_pictures(browser, f"{server.url}/runs", "race-runs")
