"""The chart component: its script is put in place once, and found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import plotly
import pytest

from pages.ui import curves


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(curves, "_STATIC", tmp_path / "static")
    curves.ensure_static.cache_clear()
    yield tmp_path / "static"
    curves.ensure_static.cache_clear()


def test_the_script_is_plotly_s_own(static: Path) -> None:
    assert curves.ensure_static()
    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    assert (static / "plotly.min.js").stat().st_size == source.stat().st_size
    assert not list(static.glob("*.tmp"))


def test_another_version_is_replaced(static: Path) -> None:
    static.mkdir()
    (static / "plotly.min.js").write_text("old")
    (static / "plotly.min.js.version").write_text("0.0.1")
    assert curves.ensure_static()
    assert (static / "plotly.min.js").stat().st_size > 1_000_000


def test_a_folder_that_cannot_be_written_is_no_disaster(static: Path) -> None:
    static.write_text("a file where the folder should be")
    assert not curves.ensure_static()
