"""Looking inside a base: how long until the first picture of its stages, and until the patches.

    python benchmarks/inside.py

In an empty THAW_HOME with the sample of shapes and photographs of `ants_bees` to bring. Measured in
a browser, with the default base at its own size:

- `cold_seconds`: from the request of the page to its first stages, where no process is there yet:
  the imports and the base itself are part of it.
- `warm_seconds`: from handing a picture in to its stages, median of five. Budget: 2.
- `side_seconds`: from there until the twin with random weights stands beside them.
- `patches_seconds`: from opening the page with data until the patches of both networks are there,
  200 pictures each.

Figures are of one machine. `load` is the load average (1 minute) before and after, which says
whether anything else ran: on two cores it is below 1 before where nothing did.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from measuring import write_results
from playwright.sync_api import Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.conftest import STOP_ALL, Server  # noqa: E402
from tl_core import files  # noqa: E402

TURNS = 5
BUDGET_SECONDS = 2
WAIT_MS = 300_000
_LOAD = "from tl_core import data; print(data.load_sample('shapes').id)"


def cold(tab: Page, address: str) -> float:
    """Open the page where no process is there yet; return the seconds until stages are shown."""
    began = time.monotonic()
    tab.goto(f"{address}/inside")
    tab.locator(".stepping .row").first.wait_for(timeout=WAIT_MS)
    return time.monotonic() - began


def twin_of(tab: Page) -> Locator:
    """Return what stands above the stages of the twin with random weights."""
    return tab.locator(".stepping").first.get_by_role("heading", name="Random weights")


def bring(tab: Page, picture: Path) -> tuple[float, float]:
    """Hand a picture in; return the seconds until its stages are shown, and until the twin's."""
    twin_of(tab).wait_for(timeout=WAIT_MS)
    tab.wait_for_timeout(2000)
    lit = tab.locator(".stepping .lit").first
    before = lit.get_attribute("style") or ""
    began = time.monotonic()
    tab.locator("input[type=file]").set_input_files(str(picture))
    expect(lit).not_to_have_attribute("style", before, timeout=WAIT_MS)
    shown = time.monotonic() - began
    twin_of(tab).wait_for(timeout=WAIT_MS)
    return shown, time.monotonic() - began - shown


def patches(tab: Page, address: str, dataset: str) -> float:
    """Open the page with data; return the seconds until all patches are there."""
    began = time.monotonic()
    tab.goto(f"{address}/inside?data={dataset}")
    expect(tab.locator(".stepping .patches")).to_have_count(12, timeout=WAIT_MS)
    return time.monotonic() - began


def measure(tab: Page, address: str, dataset: str) -> dict[str, float]:
    """Return all seconds."""
    pictures = sorted((files.data_root() / "ants_bees").rglob("*.jpg"))[:TURNS]
    first = cold(tab, address)
    turns = [bring(tab, picture) for picture in pictures]
    return {
        "cold_seconds": round(first, 2),
        "warm_seconds": round(statistics.median(shown for shown, _beside in turns), 2),
        "side_seconds": round(statistics.median(beside for _shown, beside in turns), 2),
        "patches_seconds": round(patches(tab, address, dataset), 2),
    }


def main() -> None:
    """Measure and write down."""
    load = [round(os.getloadavg()[0], 1)]
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = Server(Path(home)).start()
        try:
            dataset = server.run_python(_LOAD)
            chromium = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            tab = browser.new_page()
            tab.goto(server.url)  # the scripts of the app are in the browser's cache then
            tab.get_by_role("heading", level=1).wait_for(timeout=WAIT_MS)
            seconds = measure(tab, server.url, dataset)
            browser.close()
        finally:
            server.kill()
            server.run_python(STOP_ALL)
    load.append(round(os.getloadavg()[0], 1))
    results = seconds | {"load": load, "budgets": {"warm_seconds": BUDGET_SECONDS}}
    write_results(__file__, "python benchmarks/inside.py", results)


if __name__ == "__main__":
    main()
