"""Compare in a real browser: two runs ticked on Runs, and one that trains beside another."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_live import Paced, paced
from tests.e2e.test_story import LONG, heading, press, zoom

__all__ = ["paced"]

UPDATES = 3
_ENDED = """
import csv, json
from tests.pages.handmade import best_of, epoch
from tl_core.runs import events, store, versus
from tl_core.spec import RunSpec
made = []
for strategy, wrong, pace in (("lora", 0, 30), ("linear_probe", 9, 1)):
    run = store.new_run(RunSpec(kind="train", dataset="bees", strategy=strategy))
    folder = store.run_dir(run)
    with events.EventWriter(folder / events.FILE, new_attempt=True) as log:
        log.emit("started")
        for n in range(6):
            log.emit("epoch", **epoch(n, seconds=float(pace * n)))
        log.emit("finished", stop_reason="epochs", best=best_of(epoch(4)), seconds=5.0 * pace)
    path = folder / versus.PREDICTIONS_FILE
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["key", "name", "label", "predicted", "probability"])
        table.writerows([f"k{n}", n, "a", "b" if n < wrong else "a", 1] for n in range(40))
    made.append(run)
print(json.dumps(made))
"""
DRAWN = """() => {
  const plot = document.querySelector(".thaw-chart .plot")
  if (!plot?._fullLayout) return null
  const curve = (letter) => plot.data.find((one) => one.mode === "lines+markers"
    && one.name === letter)
  return { a: curve("A")?.x, b: curve("B")?.x, range: plot._fullLayout.xaxis.range,
    title: plot._fullLayout.xaxis.title.text,
    hidden: plot._fullData.filter((one) => one.visible === "legendonly").length }
}"""


def wait_for(tab: Page, condition: str) -> None:
    """Wait until something is true of what is drawn, `it`."""
    tab.wait_for_function(f"() => {{ const it = ({DRAWN})(); return it && {condition} }}",
                          timeout=LONG)  # fmt: skip


@pytest.mark.timeout(600)
def test_two_ticked_runs_are_compared_and_one_that_trains_keeps_zoom_and_legend(
    server: Server, paced: Paced, tab: Page
) -> None:
    broken: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    paced.tell(*["epoch"] * 3)
    ended: list[str] = json.loads(server.run_python(_ENDED))
    tab.goto(f"{server.url}/runs")
    for row in (1, 0):  # the newest stands first
        box = tab.get_by_role("checkbox").nth(row)
        box.check(force=True, timeout=LONG)
    press(tab, "Compare")
    heading(tab, "Which run does better")
    expect(tab.get_by_role("heading", level=2)).to_have_text(
        re.compile(r"LoRA\)\) does best"), timeout=LONG
    )
    wait_for(tab, "it.a?.length === 6")
    tab.get_by_test_id("stMain").get_by_text("By time", exact=True).click(timeout=LONG)
    ends = "[it.a.at(-1), it.b.at(-1)].sort((a, b) => a - b).join() === '5,150'"
    wait_for(tab, f"it.title.startsWith('seconds') && {ends}")
    toggle = tab.get_by_role("switch", name="Differences only")
    expect(toggle.or_(tab.get_by_role("checkbox", name="Differences only"))).to_be_checked()

    tab.goto(f"{server.url}/compare?runs={paced.id},{ended[0]}")
    wait_for(tab, "it.a?.length === 3 && it.b?.length === 6")
    zoom(tab)
    tab.locator(".thaw-chart .legendtoggle").nth(1).click()
    wait_for(tab, "it.hidden > 0")
    before = tab.evaluate(DRAWN)
    for update in range(UPDATES):
        paced.tell("epoch")
        wait_for(tab, f"it.a.length === {4 + update}")
    after = tab.evaluate(DRAWN)
    assert (after["range"], after["hidden"]) == (before["range"], before["hidden"])
    paced.tell("end")
    expect(tab.get_by_text("has kept no answers example by example")).to_be_visible(timeout=LONG)
    assert not broken


DOWN = "document.querySelector('[data-testid=stMain]').scrollTop"
_THAWED = """
import dataclasses, json, time
from tests.pages.handmade import evidence_of, share
from tl_core import data
from tl_core.data import measured
from tl_core.runs import launch, store
from tl_core.spec import DEFAULT_VAL_FRACTION, RunSpec
shapes = data.load_sample("shapes")
told = dataclasses.replace(evidence_of(shapes), size=64, multi_stage_probe=share(0.97))
measured.write_evidence(shapes, told, val_fraction=DEFAULT_VAL_FRACTION)
run = launch.start(RunSpec("train", shapes.id, strategy="lora", size=64, epochs=1))
while store.read_run(run).is_active:
    time.sleep(0.2)
print(json.dumps(run))
"""


@pytest.mark.timeout(600)
def test_after_a_thaw_all_depths_are_read_too_and_the_two_compared(
    server: Server, tab: Page
) -> None:
    run: str = json.loads(server.run_python(_THAWED))
    tab.goto(f"{server.url}/watch?run={run}")
    heading(tab, "How did it go")
    expect(tab.get_by_text("reads all depths of the frozen base")).to_be_visible(timeout=LONG)
    press(tab, "Train that too")
    heading(tab, "Which run does better")
    answer = tab.get_by_role("heading", level=2)
    expect(answer).to_have_text(re.compile("All depths|too close|does best", re.I), timeout=LONG)
    wait_for(tab, "it.a?.length >= 2 && it.b?.length >= 2")
    tab.goto(f"{server.url}/watch?run={run}")
    offered = tab.get_by_role("button", name="Compare the two")
    offered.wait_for(timeout=LONG)
    offered.scroll_into_view_if_needed()
    assert tab.evaluate(DOWN) > 0
    offered.click()
    heading(tab, "Which run does better")
    tab.wait_for_function(f"() => {DOWN} === 0", timeout=LONG)  # the answer stands at the top
