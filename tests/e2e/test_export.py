"""Taking a model away in a real browser: the zip comes down, and the record opens offline."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server

LOADED = """() => [...document.images].length > 1 &&
  [...document.images].every((image) => image.complete && image.naturalWidth > 1)"""

FINISHED = """
from tests.e2e.paced_run import epoch
from tl_core import data, files
from tl_core.runs import events, store
from tl_core.runs.export import FOLDER, ZIP, pack
from tl_core.spec import RunSpec

shapes = data.load_sample("shapes")
run = store.new_run(RunSpec("train", shapes.id, strategy="linear_probe"))
folder = store.run_dir(run)
last = epoch(12)
share = {"value": last["val_accuracy"], "low": last["val_low"], "high": last["val_high"], "n": 200}
best = {"epoch": 12, "val_loss": last["val_loss"], "val_accuracy": share}
with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
    writer.emit("launched")
    writer.emit("started", device="cpu", versions={"thaw": "0.1.0"})
    for number in range(13):
        writer.emit("epoch", **epoch(number))
    writer.emit("finished", stop_reason="epochs", best=best)
files.write_atomically(folder / "checkpoints" / "best.safetensors", b"x")
job = store.new_run(RunSpec("export", run=run, formats=("onnx",)))
there = store.run_dir(job)
files.write_atomically(there / FOLDER / "onnx" / "model.onnx", bytes(100_000))
pack(there / FOLDER, there / ZIP)
told = [{"path": "onnx/model.onnx", "bytes": 100_000, "max_difference": 2e-6}]
with events.EventWriter(there / events.FILE, new_attempt=True) as writer:
    writer.emit("launched")
    writer.emit("started", device="cpu")
    writer.emit("finished", stop_reason="done", files=told, checked_on=20, tolerance=1e-4)
print(run)
"""


@pytest.mark.timeout(300)
def test_the_zip_comes_down_and_the_record_opens_offline(
    server: Server, tab: Page, browser: Browser, tmp_path: Path
) -> None:
    run = server.run_python(FINISHED).splitlines()[-1]
    tab.goto(f"{server.url}/export?run={run}")
    expect(tab.get_by_text("The same answers to within 0.000002 on 20")).to_be_visible()
    with tab.expect_download() as coming:
        tab.get_by_role("button", name="Download everything").click()
    coming.value.save_as(tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as packed:
        assert packed.read("onnx/model.onnx") == bytes(100_000)
    with tab.expect_download() as coming:
        tab.get_by_role("button", name="Download the page").click()
    coming.value.save_as(tmp_path / "record.html")

    alone = browser.new_context(offline=True)
    page = alone.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "record.html").as_uri())
    page.wait_for_function(LOADED)
    assert page.locator("svg[role=img]").count() == 2
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    alone.close()
