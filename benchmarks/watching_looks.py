"""What one look of the Watch page costs: at a long run, without news and with."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EVENTS = 20_000
EPOCHS_OF_LOG = 100
TICKS = 20

Figures = dict[str, Any]


def write_long_log(path: Path) -> Callable[[], None]:
    """Write a log of 20,000 events; returns what tells one more epoch."""
    from tests.e2e import paced_run
    from tl_core.runs import events

    writer = events.EventWriter(path, new_attempt=True)
    paced_run.tell_begin(writer)
    steps = EVENTS // EPOCHS_OF_LOG - 1
    told = 0

    def tell() -> None:
        nonlocal told
        paced_run.tell_epoch(writer, told)
        told += 1

    while told < EPOCHS_OF_LOG:
        tell()
        for done in range(1, steps + 1):
            what, loss = "batches of this epoch", 0.5
            writer.emit("step", what=what, done=done, total=steps, epoch=told, loss=loss)
    return tell


@contextlib.contextmanager
def timed(module: Any, name: str, into: list[float]) -> Iterator[None]:
    """Note the processor time of each call of a function of a module."""
    whole = getattr(module, name)

    def noted(*args: Any, **options: Any) -> Any:
        began = time.thread_time()
        try:
            return whole(*args, **options)
        finally:
            into.append(time.thread_time() - began)

    noted.__name__, noted.__qualname__, noted.__module__ = name, name, whole.__module__
    setattr(module, name, noted)
    try:
        yield
    finally:
        setattr(module, name, whole)


def ticks() -> Figures:
    """Return the processor time of looks without news and of drawings, in ms; medians."""
    from streamlit.runtime.scriptrunner import script_runner
    from streamlit.testing.v1 import AppTest

    from pages.ui import live, pulse
    from tests.pages.conftest import _run_the_router
    from tl_core.runs import events, locks, store
    from tl_core.spec import RunSpec

    script_runner._mpa_v1 = _run_the_router
    run = store.new_run(RunSpec(kind="train", dataset="paced", strategy="full_fine_tune"))
    folder = store.run_dir(run)
    looks: list[float] = []
    drawings: list[float] = []
    with locks.hold(folder):
        tell = write_long_log(folder / events.FILE)
        store.read_run(run)
        with timed(pulse, "look", looks), timed(live, "panel", drawings):
            app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
            app.query_params["run"] = run
            app.run()
            app.switch_page("pages/watch.py").run()
            for _ in range(TICKS):
                tell()  # a whole run of the page draws, and then looks and finds nothing new
                app.run()
                assert not app.exception
    return {
        "without_news": round(1000 * statistics.median(looks[1:]), 2),
        "with_news": round(
            1000 * (statistics.median(drawings[1:]) + statistics.median(looks[1:])), 2
        ),
        "events": EVENTS,
    }
