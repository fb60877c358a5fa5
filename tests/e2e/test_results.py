"""Results in a real browser: a cell is clicked, a picture relabelled, taken back, trained again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tests.e2e.test_story import heading, press

LONG = 120_000

_PREPARE = """
from tests.pages.answered import finished_run
from tl_core import data
from tl_core.runs import events, store

def make(spec, *told):
    run = store.new_run(spec)
    path = store.run_dir(run) / events.FILE
    with events.EventWriter(path, new_attempt=True) as writer:
        writer.emit("launched")
        writer.emit("started", device="cpu")
        for kind, fields in told:
            writer.emit(kind, **fields)
    return run

print(finished_run(make, data.load_sample("shapes"), wrong=2, size=64, epochs=5))
"""


def test_a_cell_is_clicked_a_picture_relabelled_and_it_trains_again(
    server: Server, tab: Page
) -> None:
    run = server.run_python(_PREPARE)
    tab.goto(f"{server.url}/results?run={run}")
    main = tab.get_by_test_id("stMain")
    heading(tab, "What did it learn")
    cells = tab.locator(".thaw-chart").first
    expect(cells.locator(".heatmaplayer image").first).to_be_attached(timeout=LONG)
    _click_cell(tab, row=0, column=1, of=4)
    expect(main.get_by_text("2 pictures, the surest first:")).to_be_visible(timeout=LONG)

    main.get_by_role("button", name="Change").first.click()
    tab.get_by_role("button", name=re.compile("^It is square")).click()
    since = main.get_by_text(re.compile("Labelled square since"))
    expect(since.first).to_be_visible(timeout=LONG)
    main.get_by_role("button", name="Take back").first.click()
    expect(since).to_have_count(0, timeout=LONG)

    main.get_by_role("button", name="Change").first.click()
    tab.get_by_role("button", name="Leave it out").click()
    expect(main.get_by_text("Left out since.").first).to_be_visible(timeout=LONG)
    press(tab, "Train again")
    expect(tab).to_have_url(re.compile(r"/watch\?.*run="), timeout=LONG)
    assert run not in tab.url
    assert "Traceback" not in server.log()


def _click_cell(tab: Page, *, row: int, column: int, of: int) -> None:
    """Click into the middle of a cell of the confusion matrix, once the page stands still."""
    chart = tab.locator(".thaw-chart").first
    told = chart.locator(".hoverlayer .hovertext")
    for _try in range(40):
        area = chart.locator(".nsewdrag").first.bounding_box()
        assert area is not None
        x = area["x"] + area["width"] * (column + 0.5) / of
        y = area["y"] + area["height"] * (row + 0.5) / of
        tab.mouse.move(x - 3, y)
        tab.mouse.move(x, y)
        tab.wait_for_timeout(250)
        if told.count() and "were taken for square" in (told.first.text_content() or ""):
            tab.mouse.click(x, y)
            return
    raise AssertionError("the cell does not say what is in it")
