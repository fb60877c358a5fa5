"""What watching costs: a run its speed, a server its time, a person their patience.

    THAW_DATA=… python benchmarks/watching.py

Ten minutes; needs chromium. `--quick` takes small pictures and few watchers and writes nothing.

- `tick_ms`: processor time of one look of the Watch page at a run with 20,000 events, without news
  and with. Budgets: 5 and 50.
- `event_to_pixel_seconds`: from the moment that an epoch is told to the moment that a browser has
  drawn it; median and longest of ten. Budget: 2.
- `share_of_run`: of a full fine-tuning run, what detectors, events and (with one watcher) drawing
  take. Detectors and events are timed where they run, inside the worker; drawing is the processor
  time of the server, as a share of all cores. Budget: 0.03 in sum.
- `passes_share_of_epoch`: what forward passes besides those on validation examples take of an
  epoch: training examples in eval mode, and whatever else `EXTRA_PASSES` names. Budget: 0.10.
- `watchers_cost`: by how much a run gets slower with twenty watchers; the same run without and with
  them, in turns. Budget: 0.10.

Watchers are programs that speak as a page does (`watchers.py`): twenty browsers would take the
machine for themselves. Wall times are of one machine; run it when nothing else runs.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
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
from typing import Any

from measuring import write_results
from watching_looks import ticks

ROOT = Path(__file__).resolve().parents[1]
BUDGETS = {
    "tick_without_news_ms": 5,
    "tick_with_news_ms": 50,
    "event_to_pixel_seconds": 2,
    "share_of_run": 0.03,
    "passes_share_of_epoch": 0.10,
    "watchers_cost": 0.10,
}
UPDATES = 10
WATCHERS = 20
TURNS = 4
OPENED_SECONDS = 15  # by then all have opened the page, which is not part of watching a run
EXTRA_PASSES = (("tl_core.engine.evaluate", "training"),)
"""Functions whose time is passes that training and validation alone would not need."""

Figures = dict[str, Any]


# ------------------------------------------------------------------------------ the server


class Server:
    """The web app in a process of its own, on this THAW_HOME."""

    def __init__(self) -> None:
        from tests.e2e.conftest import Server as Served

        self._served = Served(Path(os.environ["THAW_HOME"])).start()
        self.url = self._served.url

    @property
    def cpu_seconds(self) -> float:
        """Processor time so far."""
        assert self._served.process is not None
        fields = (
            Path(f"/proc/{self._served.process.pid}/stat").read_text().rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def watched(self, run: str, count: int, seconds: float) -> subprocess.Popen[str]:
        """Let so many watch a run for so long, in a process of their own."""
        script = Path(__file__).with_name("watchers.py")
        command = [sys.executable, str(script), self.url, "watch", f"run={run}", str(count)]
        return subprocess.Popen(
            [*command, str(seconds)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def close(self) -> None:
        """End it."""
        self._served.kill()


def event_to_pixel(server: Server) -> Figures:
    """Return the seconds from an epoch's event to its point on the chart."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.paced_run import tell_begin, tell_epoch
    from tl_core.runs import events, locks, store
    from tl_core.spec import RunSpec

    drawn = """count => document.querySelector(".thaw-chart .plot")?.data
      ?.find((trace) => trace.name?.startsWith("validation"))?.x.length >= count"""
    run = store.new_run(RunSpec(kind="train", dataset="paced", strategy="full_fine_tune"))
    folder = store.run_dir(run)
    waits = []
    with (
        locks.hold(folder),
        events.EventWriter(folder / events.FILE, new_attempt=True) as writer,
        sync_playwright() as playwright,
    ):
        tell_begin(writer)
        tell_epoch(writer, 0)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(f"{server.url}/watch?run={run}")
        page.wait_for_function(drawn, arg=1, timeout=120_000)
        page.wait_for_timeout(5000)
        for number in range(1, UPDATES + 1):
            began = time.monotonic()
            tell_epoch(writer, number)
            page.wait_for_function(drawn, arg=number + 1, timeout=60_000)
            waits.append(time.monotonic() - began)
            page.wait_for_timeout(700 + 137 * number)  # at another moment between two looks
        browser.close()
    return {"median": round(statistics.median(waits), 2), "longest": round(max(waits), 2)}


# -------------------------------------------------------------------------------- the run


class Stopwatch:
    """Adds up wall time spent in functions, by a name for each."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, its time noted."""

        def noted(*args: Any, **options: Any) -> Any:
            began = time.monotonic()
            try:
                return function(*args, **options)
            finally:
                passed = time.monotonic() - began
                self.seconds[name] = self.seconds.get(name, 0.0) + passed

        return noted


def train(run: str, watch: Stopwatch) -> Figures:
    """Train a run in this process as a worker does; returns its result."""
    from tl_core.data.store import load
    from tl_core.engine import train as engine
    from tl_core.runs import alarms, events, locks, store

    folder = store.run_dir(run)
    spec = store.read_run(run).spec
    with (
        locks.hold(folder),
        events.EventWriter(folder / events.FILE, new_attempt=True) as writer,
        contextlib.ExitStack() as stack,
    ):
        for module_name, name in EXTRA_PASSES:
            module = importlib.import_module(module_name)
            whole = getattr(module, name)
            setattr(module, name, watch.around("passes", whole))
            stack.callback(setattr, module, name, whole)
        writer.emit("started", device="cpu")
        tell = watch.around("detectors_and_events", alarms.watched(writer.emit, spec, folder))
        found = engine.train_run(
            spec, load(spec.dataset), spec.strategy, folder, tell, lambda: True
        )
        writer.emit("finished", **found)
    return dict(found)


def new_run(dataset: str, size: int, epochs: int) -> str:
    """Make a full fine-tuning run that is not cut short."""
    from tl_core.runs import store
    from tl_core.spec import RunSpec

    asked = RunSpec(
        "train", dataset, strategy="full_fine_tune", size=size, epochs=epochs, patience=0
    )
    return store.new_run(asked)


def share_of_run(server: Server, dataset: str, size: int, epochs: int) -> tuple[Figures, float]:
    """Return what a run's watching takes of it, and its extra passes as a share of an epoch."""
    from tl_core.runs import store

    run, clock = new_run(dataset, size, epochs), Stopwatch()
    watching = server.watched(run, 1, 3600)
    time.sleep(OPENED_SECONDS)
    idle, began = server.cpu_seconds, time.monotonic()
    try:
        train(run, clock)
        seconds = time.monotonic() - began
        drawing = (server.cpu_seconds - idle) / (os.cpu_count() or 1)
    finally:
        watching.kill()
        watching.wait()
    told = store.read_run(run).epochs
    moving = [e["seconds"] for e in told if e["phase"] == "full"]
    epoch = (moving[-1] - moving[0]) / max(1, len(moving) - 1)
    passes = clock.seconds["passes"] / len(told)
    shares = {
        "detectors_and_events": round(clock.seconds["detectors_and_events"] / seconds, 4),
        "drawing": round(drawing / seconds, 4),
        "seconds": round(seconds, 1),
    }
    shares["sum"] = round(shares["detectors_and_events"] + shares["drawing"], 4)
    return shares, round(passes / epoch, 4)


def watchers_cost(server: Server, dataset: str, size: int, epochs: int, count: int) -> Figures:
    """Return examples per second without and with watchers, in turns, and what these cost."""
    speeds: dict[str, list[float]] = {"alone": [], "watched": []}
    for _ in range(TURNS):
        for how, found in speeds.items():
            run = new_run(dataset, size, epochs)
            watching = None
            if how == "watched":
                watching = server.watched(run, count, 3600)
                time.sleep(OPENED_SECONDS)
            try:
                found.append(float(train(run, Stopwatch())["images_per_second"]))
            finally:
                if watching is not None:
                    watching.kill()
                    watching.wait()
            print(how, found[-1], flush=True)
    alone, watched = (statistics.median(found) for found in speeds.values())
    return {"watchers": count, **speeds, "cost": round(1 - watched / alone, 4)}


def dataset_of(is_quick: bool) -> tuple[str, int, int]:
    """Return a data set, the picture edge and the epochs of the runs that are watched."""
    from tl_core import data, files

    if is_quick:
        return data.load_sample("shapes").id, 32, 6
    return data.import_data(files.data_root() / "ants_bees").id, 128, 8


def main() -> None:
    """Measure all and write it down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="only try whether all of it runs")
    is_quick = parser.parse_args().quick
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"THAW_HOME": home, "THAW_WARM": "0"}
        results: Figures = {"tick_ms": ticks()}
        print(results, flush=True)
        dataset, size, epochs = dataset_of(is_quick)
        server = Server()
        try:
            results["event_to_pixel_seconds"] = event_to_pixel(server)
            print(results["event_to_pixel_seconds"], flush=True)
            found = share_of_run(server, dataset, size, epochs)
            results["share_of_run"], results["passes_share_of_epoch"] = found
            print(found, flush=True)
            count = 3 if is_quick else WATCHERS
            results["watchers_cost"] = watchers_cost(server, dataset, size, epochs, count)
        finally:
            server.close()
    results["budgets"] = BUDGETS
    if is_quick:
        print(json.dumps(results, indent=1))
    else:
        write_results(__file__, "python benchmarks/watching.py", results)


if __name__ == "__main__":
    main()
