"""Steering a run in a real browser: a thaw is drawn and takes effect, a stop keeps the best."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_story import LONG, PICTURE_EDGE, imported, press, started, wait_for_points

LINES = """() => {
  const plot = document.querySelector(".thaw-chart .plot")
  return (plot?.layout?.shapes ?? []).map((shape) => [shape.line.dash, shape.x0])
}"""
NAMES = """() => [...document.querySelectorAll(".thaw-chart .annotation-text")]
  .map((text) => text.textContent)"""
EPOCHS = 200  # so many that none of them ends by itself


def told(server: Server, run: str) -> dict[str, Any]:
    """Return what the run has come to."""
    return json.loads(
        server.run_python(
            "import json; from tl_core.runs import store\n"
            f"r = store.read_run({run!r})\n"
            "print(json.dumps({'status': r.status, 'thaws': r.thaws, 'actions': r.actions,"
            " 'best': r.best, 'end': r.finished, 'phases': [e['phase'] for e in r.epochs]}))"
        )
    )


def steer(tab: Page, action: str) -> None:
    """Ask for an action; an alarm may offer the same one beside the charts."""
    press(tab, "Steer this run")
    opened = tab.get_by_test_id("stPopoverBody")
    opened.get_by_role("button", name=action).click(timeout=LONG)


@pytest.mark.timeout(900)
def test_a_thaw_asked_for_is_drawn_and_a_stop_keeps_the_best(server: Server, tab: Page) -> None:
    run = started(
        server,
        imported(server),
        strategy="gradual_unfreezing",
        epochs=EPOCHS,
        patience=0,
        size=PICTURE_EDGE // 2,
    )
    tab.goto(f"{server.url}/watch?run={run}")
    wait_for_points(tab, 2)
    before = len(told(server, run)["thaws"])
    assert before <= 1, "the second rung is far away"
    steer(tab, "Thaw the next stages now")
    tab.wait_for_function(
        f"() => ({NAMES})().some((name) => name.includes('thaw on'))", timeout=LONG
    )
    dashes = [dash for dash, _epoch in tab.evaluate(LINES)]
    assert dashes.count("longdash") == 1
    after = told(server, run)
    assert len(after["thaws"]) > before
    assert after["actions"][0]["applied"]
    expect(tab.get_by_role("img", name=re.compile("you steered it: thaw on")).first).to_be_visible()

    wait_for_points(tab, len(after["phases"]) + 1)
    assert told(server, run)["phases"][-1].startswith("thaw:")
    tab.keyboard.press("Escape")
    steer(tab, "Stop and keep the best")
    expect(tab.get_by_role("button", name="Resume")).to_be_visible(timeout=LONG)
    end = told(server, run)
    assert end["status"] == "stopped"
    assert end["end"]["best"]["epoch"] == end["best"]["epoch"]
    assert (server.home / "runs" / run / "checkpoints" / "best.safetensors").is_file()
    assert [a["action"] for a in end["actions"]] == ["thaw_next", "stop_keep_best"]
    expect(tab.get_by_text("On held-out examples", exact=True)).to_be_visible()
