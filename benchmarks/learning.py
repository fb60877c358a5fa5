"""How long a lesson and a flight take to draw.

    python benchmarks/learning.py

From the click on the Learn page, and from the address itself, which loads the whole app first,
until what can be chosen is there (a flight: until its curves are drawn); median of five. Budget: 1
second from the click. Needs chromium; figures are of one machine, so run it when nothing else runs.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measuring import write_results
from playwright.sync_api import Page, sync_playwright

from tl_core.lessons import lesson

TIMES = 5
LESSON, FLIGHT = "distance", "heron"
CURVES = """() => document.querySelector(".thaw-chart .plot")?._fullLayout"""


def lesson_stands(page: Page) -> None:
    """Wait until the options of the lesson can be chosen."""
    one = lesson(LESSON)
    page.get_by_role("radio", name=one.options[0].label, exact=True).wait_for()


def flight_stands(page: Page) -> None:
    """Wait until the curves of the flight are drawn."""
    page.wait_for_function(CURVES)


def seconds(begin: Callable[[], object], stands: Callable[[Page], None], page: Page) -> float:
    """Return how long it takes until something stands."""
    began = time.monotonic()
    begin()
    stands(page)
    return time.monotonic() - began


def measured(page: Page, url: str, query: str, stands: Callable[[Page], None]) -> dict[str, float]:
    """Return the medians from the click and from the address."""
    clicked, opened = [], []
    for _ in range(TIMES):
        page.goto(f"{url}/learn")
        link = page.locator(f"[data-testid=stMain] a[href*='{query}']").first
        link.wait_for()
        page.wait_for_timeout(1500)
        clicked.append(seconds(link.click, stands, page))
        page.goto("about:blank")
        opened.append(seconds(lambda: page.goto(f"{url}/learn?{query}"), stands, page))
    return {
        "clicked_seconds": round(statistics.median(clicked), 2),
        "opened_seconds": round(statistics.median(opened), 2),
    }


def main() -> None:
    """Measure both and write them down."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.e2e.conftest import STOP_ALL, Server

    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = Server(Path(home)).start()
        try:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page()
            results = {
                "lesson": measured(page, server.url, f"lesson={LESSON}", lesson_stands),
                "flight": measured(page, server.url, f"flight={FLIGHT}", flight_stands),
                "budgets": {"clicked_seconds": 1},
            }
            browser.close()
        finally:
            server.kill()
            server.run_python(STOP_ALL)
    write_results(__file__, "python benchmarks/learning.py", results)


if __name__ == "__main__":
    main()
