"""Fixtures shared by all tests. No test reads or writes the THAW_HOME of the person running it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tl_core import files, i18n
from tl_core.data.dataset import Dataset, Example, fingerprint_of
from tl_core.runs.spawn import CALM_THREADS

_PICTURE_PX = 48
_PICTURES_PER_CLASS = 8
_PATIENCE_SECONDS = 60.0  # only a broken test waits so long
_session_home = ""


def pytest_configure() -> None:
    global _session_home
    _session_home = tempfile.mkdtemp(prefix="thaw-tests-")
    os.environ["THAW_HOME"] = _session_home
    os.environ |= CALM_THREADS  # before torch is loaded, as for a worker
    if "PYTEST_XDIST_WORKER" in os.environ:  # the other cores are for the other processes
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["THAW_PRECISION"] = "fp32"  # the same arithmetic on every machine
    os.environ["LANGUAGE"] = "en"  # what tests compare with
    os.environ["THAW_WARM"] = "0"  # no idle worker outlives a test


def pytest_unconfigure() -> None:
    shutil.rmtree(_session_home, ignore_errors=True)


@pytest.fixture
def thaw_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty THAW_HOME of this test's own."""
    home = tmp_path / "home"
    monkeypatch.setenv("THAW_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of development data; skips the test where there is none."""
    root = files.data_root()
    if not root.is_dir():
        pytest.skip(f"no development data at {root}")
    return root


@pytest.fixture
def tiny_pictures(tmp_path: Path) -> Path:
    """A folder with two classes, `dark` and `light`, of eight different small pictures each."""
    folder = tmp_path / "tiny"
    random = np.random.default_rng(0)
    for label, brightness in (("dark", 0), ("light", 128)):
        (folder / label).mkdir(parents=True)
        for number in range(_PICTURES_PER_CLASS):
            noise = random.integers(0, 128, (_PICTURE_PX, _PICTURE_PX, 3), dtype=np.uint8)
            Image.fromarray(noise + np.uint8(brightness)).save(folder / label / f"{number}.png")
    return folder


@pytest.fixture
def toy_command(thaw_home: Path) -> tuple[str, ...]:
    """The command of a worker that does toy jobs: see `tests/runs/toy_worker.py`."""
    return sys.executable, "-P", str(Path(__file__).parent / "runs" / "toy_worker.py")


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Wait until the function given returns something true, and return that."""

    def wait(condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (found := condition()):
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.02)
        return found

    return wait


@pytest.fixture
def record() -> Callable[..., Dataset]:
    """Build a dataset record without files: one example per label, all different."""

    def build(
        labels: Sequence[int],
        *,
        groups: Sequence[str] | None = None,
        splits: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        dataset_id: str = "record-1",
    ) -> Dataset:
        keys = keys or [f"{i:064x}" for i in range(len(labels))]
        examples = tuple(
            Example(
                key=keys[i],
                path=Path("/nowhere") / f"{i}.png",
                label=label,
                split=splits[i] if splits else "",
                group=groups[i] if groups else "",
                name=f"{i}.png",
                pixels=keys[i][-32:],
                width=8 + i % 3,
                height=6,
            )
            for i, label in enumerate(labels)
        )
        classes = tuple(f"class {c}" for c in range(max(labels) + 1))
        return Dataset(
            id=dataset_id,
            name="record",
            classes=classes,
            examples=examples,
            source="",
            created=0.0,
            fingerprint=fingerprint_of(classes, examples),
        )

    return build


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """Whoever chose a language in this process, the next test does not speak it."""
    before = i18n._wanted
    yield
    i18n.follow(before)


@pytest.fixture
def speak() -> Callable[[str], None]:
    """Choose the language of all texts until the test ends."""
    return lambda code: i18n.follow(lambda: code)
