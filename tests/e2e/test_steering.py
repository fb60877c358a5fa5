"""Steering a run in a real browser: a thaw is drawn and takes effect, a stop keeps the best."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_story import LONG, PICTURE_EDGE, imported, press, started, wait_for_points
from tests.scenes import scene

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


def planted(root: Path) -> Path:
    """Write scenes of which none says anything about its class: all there is to learn is by heart.

    As many to validate on as to train on, so that a rise can be told from chance.
    """
    numbers = itertools.count()
    for part, name in itertools.product(("train", "val"), ("a", "b")):
        folder = root / part / name
        folder.mkdir(parents=True)
        for number in itertools.islice(numbers, 20):
            scene(number).save(folder / f"{number}.png")
    return root


@pytest.mark.timeout(900)
def test_memorising_raises_an_alarm_whose_stop_keeps_the_best(
    server: Server, tab: Page, tmp_path: Path
) -> None:
    root = planted(tmp_path / "planted")
    dataset = server.run_python(
        "from pathlib import Path; from tl_core.data import import_data\n"
        f"print(import_data(Path({str(root)!r}), name='planted').id)"
    )
    run = started(
        server, dataset, strategy="full_fine_tune", epochs=EPOCHS, patience=0, size=32
    )  # fmt: skip
    tab.goto(f"{server.url}/watch?run={run}")
    alarm = tab.locator("[class*='st-key-steer-alarm-']").filter(
        has_text=re.compile("the validation loss rises")
    )
    alarm.get_by_role("button", name="Stop and keep the best").first.click(timeout=LONG)
    expect(tab.get_by_role("button", name="Resume")).to_be_visible(timeout=LONG)
    end = told(server, run)
    assert end["status"] == "stopped"
    assert len(end["phases"]) <= EPOCHS, "it was stopped, and has not come to its end"
    assert end["end"]["best"]["epoch"] == end["best"]["epoch"] < len(end["phases"]) - 1
    assert [(a["action"], a["applied"]) for a in end["actions"]] == [("stop_keep_best", True)]
    assert (server.home / "runs" / run / "checkpoints" / "best.safetensors").is_file()
    tab.wait_for_function(f"() => ({NAMES})().some((name) => name.includes('stop'))", timeout=LONG)


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
    steered = tab.get_by_role("figure", name=re.compile("you steered it: thaw on"))
    expect(steered.first).to_be_visible()

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
