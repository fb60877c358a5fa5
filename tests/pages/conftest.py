"""Pages without a browser: an app to walk through, and data, evidence and runs to show."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from tests.pages.handmade import evidence_of
from tl_core import data
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.runs import calling, events, launch, locks, store
from tl_core.spec import DEFAULT_VAL_FRACTION, RunSpec

ROOT = Path(__file__).parents[2]

Open = Callable[..., AppTest]


def _run_the_router(main_script_path: str) -> None:
    """Do what a server does from its second request on.

    AppTest begins each run like a fresh server, which takes pages/ for the whole app.
    """
    code = compile(Path(main_script_path).read_text(), main_script_path, "exec")
    exec(code, {"__name__": "__main__", "__file__": main_script_path})


@pytest.fixture(autouse=True)
def _alone(thaw_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no process: a job that a page begins stays in the queue."""
    monkeypatch.setenv("THAW_WARM", "0")
    monkeypatch.setattr(launch, "spawn", lambda command, log_path: None)
    monkeypatch.setattr(calling, "spawn", lambda command, log_path: None)
    monkeypatch.setattr(script_runner, "_mpa_v1", _run_the_router)
    monkeypatch.chdir(ROOT)


@pytest.fixture
def open_page() -> Open:
    """Open a page with a query and return it as it stands after one run."""

    def open_(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        if name != "start":
            app.switch_page(f"pages/{name}.py").run()
        return app

    return open_


@pytest.fixture(scope="session")
def _shapes_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("shapes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THAW_HOME", str(home))
        data.load_sample("shapes")
    return home


@pytest.fixture
def shapes(_shapes_home: Path, thaw_home: Path) -> Dataset:
    """The sample of shapes, imported."""
    shutil.copytree(_shapes_home, thaw_home)
    return data.load(data.list_datasets()[0].id)


@pytest.fixture
def measured_shapes(shapes: Dataset) -> Dataset:
    """The sample of shapes, measured under the first base."""
    measured.write_evidence(shapes, evidence_of(shapes), val_fraction=DEFAULT_VAL_FRACTION)
    return shapes


Make = Callable[..., str]


@pytest.fixture
def make_run() -> Iterator[Make]:
    """Make a run of hand-written events; with `alive`, a process seems to be at work on it."""
    with contextlib.ExitStack() as held:

        def make(
            spec: RunSpec,
            *told: tuple[str, dict[str, Any]],
            started: bool = True,
            alive: bool = False,
        ) -> str:
            run_id = store.new_run(spec)
            folder = store.run_dir(run_id)
            with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
                if started:
                    writer.emit("launched")
                    writer.emit("started", device="cpu")
                for kind, fields in told:
                    writer.emit(kind, **fields)
            if alive:
                assert held.enter_context(locks.hold(folder))
            return run_id

        yield make
