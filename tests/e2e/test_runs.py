"""Runs in a browser: found by a search, deleted, and had back from the trash."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server

MAKE = """
from tl_core.runs import events, labels, store
from tl_core.spec import RunSpec
for name in ("needle", "hay"):
    run = store.new_run(RunSpec(kind="train", dataset="d", strategy="linear_probe"))
    folder = store.run_dir(run)
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        writer.emit("started")
        writer.emit("finished", stop_reason="epochs")
    labels.rename(folder, name)
"""


def test_a_run_is_found_deleted_and_restored(server: Server, tab: Page) -> None:
    server.run_python(MAKE)
    tab.goto(f"{server.url}/runs")
    search = tab.get_by_label("Search")
    search.fill("needle")
    search.press("Enter")
    expect(tab.get_by_text("1 of 2 runs")).to_be_visible()
    expect(tab.get_by_role("checkbox", name="hay")).to_have_count(0)
    tab.get_by_role("button", name="Delete", exact=True).click()
    expect(tab.get_by_text("1 run; none is going on now.")).to_be_visible()
    expect(tab.get_by_role("checkbox", name="hay")).to_be_attached()
    tab.get_by_text("Trash (1)").click()
    tab.get_by_role("button", name="Restore").click()
    expect(tab.get_by_text("2 runs; none is going on now.")).to_be_visible()
    needle, hay = (tab.get_by_role("checkbox", name=name) for name in ("needle", "hay"))
    expect(needle).to_be_attached()

    boxes = [tab.get_by_test_id("stCheckbox").nth(row) for row in (0, 1)]
    before = [box.bounding_box() for box in boxes]
    hay.check(force=True)
    expect(tab.get_by_text("1 run chosen")).to_be_visible()
    assert [box.bounding_box() for box in boxes] == before, "no box moves away"
    needle.check(force=True)
    expect(tab.get_by_role("button", name="Delete 2")).to_be_enabled()
