"""A thousand runs: how long until they are listed, drawn and found.

    python benchmarks/listing.py

In an empty THAW_HOME, 1,000 finished runs of 30 epochs each are written as the worker writes them
(the log of a real one, `sample_data/recorded`, with other ids). Measured, median of three:

- `first_list_seconds`: all logs are read and the index is written; once for all.
- `list_seconds`: `thaw runs list --json`, a whole process with its imports; `import_seconds` of it
  are those of `thaw --version`.
- `listing_seconds`: the listing alone in a fresh process, from the index.
- `again_seconds`: the same once more in that process, as every look of the web app does.
- `page_seconds`: the Runs page from its request to the last card, in the browser. Budget: 1.
- `search_seconds`: from Enter in its search box to the one run that fits.

Figures are of one machine; run it when nothing else runs.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measuring import write_results

RUNS = 1000
TURNS = 3
PORT = 8793
ADDRESS = f"http://127.0.0.1:{PORT}"
THAW = [sys.executable, "-m", "tl_core.cli"]
_LISTING = """
import json, time
from tl_core.runs import listing
began = time.monotonic()
n = len(listing.list_runs())
first = time.monotonic()
listing.list_runs()
print(json.dumps([n, first - began, time.monotonic() - first]))
"""


def make_runs(home: Path) -> None:
    """Write the runs, each with its own id and date."""
    from tl_core.runs import labels, recorded

    recorded_run = recorded._folder() / recorded.recorded_runs()[0]  # type: ignore[operator]
    for n in range(RUNS):
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(1_760_000_000 + 600 * n))
        folder = home / "runs" / f"{stamp}-digits-{n:04x}"
        shutil.copytree(recorded_run, folder)
        if n % 10 == 0:
            labels.tag(folder, ["tenth"])
    labels.rename(folder, "needle")


def median(measure: Callable[[], float]) -> float:
    """Return the median of a few turns, in seconds."""
    return round(statistics.median(measure() for _ in range(TURNS)), 3)


def seconds_of(*command: str) -> float:
    """Return the wall time of a command."""
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - began


def listing() -> list[float]:
    """Return how many runs there are, and the seconds of the first and the second look."""
    done = subprocess.run(
        [sys.executable, "-c", _LISTING], check=True, capture_output=True, text=True
    )
    return list(json.loads(done.stdout))


def pages() -> dict[str, float]:
    """Return the seconds of drawing the Runs page and of a search on it."""
    import urllib.request

    from playwright.sync_api import sync_playwright

    server = subprocess.Popen(
        [*THAW, "app", "--no-browser", "--port", str(PORT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{ADDRESS}/_stcore/health").close()
                break
            except OSError:
                time.sleep(0.25)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page()
            page.goto(f"{ADDRESS}/runs")  # the scripts of the app are in the browser's cache then
            page.get_by_role("button", name="Open").nth(9).wait_for()

            def draw() -> float:
                began = time.monotonic()
                page.goto(f"{ADDRESS}/runs")
                page.get_by_role("button", name="Open").nth(9).wait_for()
                return time.monotonic() - began

            def search() -> float:
                page.goto(f"{ADDRESS}/runs")
                page.get_by_role("button", name="Open").nth(9).wait_for()
                page.get_by_label("Search").fill("needle")
                began = time.monotonic()
                page.get_by_label("Search").press("Enter")
                page.get_by_text("1 of 1,000 runs").wait_for()
                return time.monotonic() - began

            found = {"page_seconds": median(draw), "search_seconds": median(search)}
            browser.close()
        return found
    finally:
        server.terminate()


def main() -> None:
    """Measure and write it down."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"THAW_HOME": home, "THAW_WARM": "0"}
        make_runs(Path(home))
        n, first, again = listing()
        assert n == RUNS, n
        results = {
            "runs": RUNS,
            "first_list_seconds": round(first, 3),
            "again_seconds": round(again, 4),
            "listing_seconds": median(lambda: listing()[1]),
            "import_seconds": median(lambda: seconds_of(*THAW, "--version")),
            "list_seconds": median(lambda: seconds_of(*THAW, "runs", "list", "--json")),
            **pages(),
            "budgets": {"page_seconds": 1},
        }
    write_results(__file__, "python benchmarks/listing.py", results)


if __name__ == "__main__":
    main()
