"""A real server and a real browser for the tests of this folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
START_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


class Server:
    """The web app as a process of its own, with a THAW_HOME of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home = home
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "THAW_HOME": str(home), **environment}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "tl_core.cli", "app", "--no-browser"]
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        health = f"{self.url}/_stcore/health"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(health, timeout=2) as answer:
                if answer.status == 200:
                    return self
            assert self.process.poll() is None, self.log()
            time.sleep(0.1)
        raise AssertionError(f"the server did not start: {self.log()}")

    def ensure(self) -> None:
        """Start it where it does not run."""
        if self.process is None or self.process.poll() is not None:
            self.start()

    def empty(self) -> None:
        """End all jobs, and leave nothing of what was kept."""
        self.run_python(_STOP + _EMPTY)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def end(self) -> None:
        """End it and all that it began."""
        self.kill()
        self.run_python(_STOP + _STOP_WARM)

    def log(self) -> str:
        """Return what the server has printed."""
        return (self.home / "server.log").read_text()

    def run_python(self, code: str) -> str:
        """Run a line of Python with this THAW_HOME and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


_STOP = """
from tl_core.runs import calling, launch, store
for run in store.list_runs():
    launch.stop(run.id, force=True, grace_seconds=5)
calling.stop_all()
"""
_EMPTY = """
import shutil
from tl_core import files
from tl_core.runs import pool
for path in files.home().iterdir():
    if path.is_dir() and path != pool.folder_of_all():
        shutil.rmtree(path, ignore_errors=True)
    elif path.is_file() and path.name != "server.log":
        path.unlink()
"""
_STOP_WARM = "launch.stop_warm_workers()"


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of all tests: to start one, and a worker, for each takes longer than most tests.

    Its worker waits warm for the next job, as it does for people.
    """
    one = Server(tmp_path_factory.mktemp("app") / "home", THAW_WARM="1")
    yield one
    one.end()


@pytest.fixture
def server(app: Server) -> Iterator[Server]:
    """A running server in whose home nothing is yet; what it began is ended afterwards."""
    app.ensure()
    yield app
    app.empty()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser; without one the tests are skipped, or fail where THAW_REQUIRE_BROWSER=1."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        if os.environ.get("THAW_REQUIRE_BROWSER") == "1":
            pytest.fail("no chromium found, and THAW_REQUIRE_BROWSER=1 asks for one")
        pytest.skip("no chromium found")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A new tab in a window of a usual size."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    yield context.new_page()
    context.close()
