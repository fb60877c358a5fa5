"""`thaw export`: what it asks for, where it writes, and what it tells."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tl_core.runs import store
from tl_core.runs.export import FOLDER, ZIP, pack
from tl_core.spec import RunSpec

from .test_predict import make as make

Thaw = Callable[..., Any]


def written(request: RunSpec, folder: Path, emit: Callable[..., None]) -> None:
    """Stand in for the job: it writes a file per format."""
    told = []
    for kind in request.formats:
        path = folder / FOLDER / kind / "[red]model"
        path.parent.mkdir(parents=True)
        path.write_text(kind)
        told.append({"path": f"{kind}/[red]model", "bytes": len(kind), "max_difference": 2e-6})
    pack(folder / FOLDER, folder / ZIP)
    emit("finished", stop_reason="done", files=told, checked_on=20, tolerance=1e-4)


@pytest.fixture
def run(make: Callable[..., str], jobs: dict[str, Any]) -> str:
    jobs["export"] = written
    return make("started", "finished")


def test_the_files_come_with_their_difference(thaw: Thaw, run: str, tmp_path: Path) -> None:
    out = tmp_path / "model"
    outcome = thaw("export", run, "--format", "onnx", "--out", out, "--json")
    assert outcome.code == 0
    path = str(out / "[red]model")
    assert outcome.json == {"files": [{"path": path, "bytes": 4, "max_difference": 2e-6}]}
    assert Path(path).read_text() == "onnx"
    assert [s.spec.kind for s in store.list_runs()] == ["train"]  # the job leaves nothing behind


def test_several_formats_have_a_folder_each(thaw: Thaw, run: str, tmp_path: Path) -> None:
    out = tmp_path / "all"
    outcome = thaw("export", run, "--format", "onnx", "--format", "pt2", "--out", out)
    assert (out / "pt2" / "[red]model").read_text() == "pt2"
    assert "Checked on 20 of your examples" in outcome.out
    assert "2.0e-06" in outcome.out
    assert "[red]model" in outcome.out


def test_a_zip_holds_the_same(thaw: Thaw, run: str, tmp_path: Path) -> None:
    outcome = thaw(
        "export", run, "--format", "onnx", "--out", tmp_path / "model", "--zip", "--json"
    )
    (told,) = outcome.json["files"]
    assert told["path"].endswith("model.zip:onnx/[red]model")
    with zipfile.ZipFile(tmp_path / "model.zip") as packed:
        assert packed.read("onnx/[red]model") == b"onnx"


def test_what_cannot_be_is_refused_before_any_work(thaw: Thaw, run: str, tmp_path: Path) -> None:
    outcome = thaw("export", run, "--format", "tflite", "--json")
    assert outcome.code == 2
    assert outcome.json["issues"][0]["field"] == "format"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("x")
    outcome = thaw("export", run, "--format", "onnx", "--out", tmp_path / "full", "--json")
    assert outcome.json["issues"][0]["field"] == "out"
    assert thaw("export", "nonsense", "--format", "onnx", "--json").code == 2
    assert [s.spec.kind for s in store.list_runs()] == ["train"]
