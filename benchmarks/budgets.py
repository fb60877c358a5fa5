"""What a person waits for, and what the server takes: whole processes, real browser.

    THAW_DATA=… python benchmarks/budgets.py

- `probe_seconds`: `thaw probe ants_bees` at 224 px in an empty THAW_HOME, imports included;
  median of three. Budget: 20.
- `start_to_first_event_seconds`: from the click on "Start training" to the first words of the
  run on the Watch page, with a worker that waits warm; median of five. Budget: 2.
- `server_megabytes`: resident memory of the server after every page was opened and those runs
  were watched to their end. Budget: 200.

Needs chromium. Figures are of one machine; run it when nothing else runs.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from measuring import write_results

THAW = str(Path(sys.executable).with_name("thaw"))
PORT = 8791
ADDRESS = f"http://127.0.0.1:{PORT}"
CLICKS = 5


def probe_seconds(data: Path) -> float:
    """Return the wall time of a cold probe."""
    times = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as home:
            began = time.monotonic()
            subprocess.run(
                [THAW, "probe", str(data / "ants_bees"), "--json"],
                env=os.environ | {"THAW_HOME": home, "THAW_WARM": "0"},
                check=True,
                capture_output=True,
            )
            times.append(time.monotonic() - began)
    print("probe", [round(t, 1) for t in times], flush=True)
    return round(statistics.median(times), 2)


def server_and_click() -> tuple[float, float]:
    """Return the server's memory in MB and the median seconds from Start to the first event."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home:
        os.environ["THAW_HOME"] = home
        from tl_core.data import resolve
        from tl_core.runs import launch, store
        from tl_core.spec import RunSpec

        dataset = resolve("shapes")
        first = launch.start(RunSpec("evidence", dataset.id))
        while store.read_run(first).is_active:
            time.sleep(0.5)
        server = subprocess.Popen(
            [THAW, "app", "--no-browser", "--port", str(PORT)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for_server()
            waits = []
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox"]
                )
                page = browser.new_page()
                query = f"?data={dataset.id}&base=tf_efficientnet_lite0"
                for name in ("", "base", "data", "distance", "plan", "runs", "watch"):
                    page.goto(f"{ADDRESS}/{name}{query}")
                    page.get_by_text("Nothing leaves this computer").first.wait_for()
                    page.wait_for_timeout(3000)
                for _ in range(CLICKS):
                    page.goto(f"{ADDRESS}/plan{query}")
                    button = page.get_by_role("button", name="Start training")
                    button.wait_for()
                    page.wait_for_timeout(12_000)  # a warm worker is ready and waits
                    began = time.monotonic()
                    button.click()
                    page.wait_for_url("**/watch?*run=*")
                    page.get_by_role("button", name="Pause").wait_for()
                    waits.append(time.monotonic() - began)
                    run_id = page.url.split("run=")[1].split("&")[0]
                    while store.read_run(run_id).is_active:
                        time.sleep(0.5)
                    page.wait_for_timeout(3000)
                browser.close()
            memory = _resident_megabytes(server.pid)
        finally:
            server.terminate()
            launch.stop_warm_workers()
    print("clicks", [round(w, 2) for w in waits], "memory", memory, flush=True)
    return memory, round(statistics.median(waits), 2)


def _wait_for_server() -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{ADDRESS}/_stcore/health").close()
            return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(ADDRESS)


def _resident_megabytes(pid: int) -> float:
    fields = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in fields if line.startswith("VmRSS"))
    return round(int(kilobytes) / 1024, 1)


def main() -> None:
    """Measure all three and write them down."""
    from tl_core import files

    probe = probe_seconds(files.data_root())
    memory, click = server_and_click()
    write_results(
        __file__,
        "python benchmarks/budgets.py",
        {
            "probe_seconds": probe,
            "start_to_first_event_seconds": click,
            "server_megabytes": memory,
            "budgets": {
                "probe_seconds": 20,
                "start_to_first_event_seconds": 2,
                "server_megabytes": 200,
            },
        },
    )


if __name__ == "__main__":
    main()
