"""The job that takes a model away: what it asks of the engine, tells and packs."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tl_core import data
from tl_core.engine import export as engine
from tl_core.engine.export import Written, beside, recipe
from tl_core.errors import Cancelled, InputError
from tl_core.report import repeat
from tl_core.runs import events, store
from tl_core.runs.export import FOLDER, ZIP, export_run, pack
from tl_core.runs.model import WEIGHTS_FILE
from tl_core.spec import RunSpec

BEST = {"epoch": 1, "val_loss": 0.1,
        "val_accuracy": {"value": 0.9, "low": 0.8, "high": 0.95, "n": 9}}  # fmt: skip


@pytest.fixture
def run(thaw_home: Path, tiny_pictures: Path) -> str:
    spec = RunSpec("train", data.import_data(tiny_pictures).id, strategy="lora")
    run = store.new_run(spec)
    folder = store.run_dir(run)
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        writer.emit("finished", stop_reason="epochs", best=BEST, precision="bf16")
    (folder / WEIGHTS_FILE).parent.mkdir()
    (folder / WEIGHTS_FILE).write_bytes(b"x")
    return run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the engine was asked for; it writes the texts that it is given."""
    seen: dict[str, Any] = {}

    def export(
        spec: RunSpec, dataset: Any, run_dir: Path, out: Path, kinds: Any, texts: Any, progress: Any
    ) -> tuple[Written, ...]:
        seen.update(strategy=spec.strategy, run=run_dir.name, texts=texts)
        progress(0, len(kinds))
        for kind in kinds:
            for name, text in texts[kind].items():
                (out / kind).mkdir(parents=True, exist_ok=True)
                (out / kind / name).write_text(text)
        return tuple(Written(f"{kind}/model", 3, 1e-6) for kind in kinds)

    monkeypatch.setattr(engine, "export", export)
    return seen


def job(run: str, *formats: str, may_go_on: bool = True) -> tuple[dict[str, Any], Path, list[Any]]:
    spec = RunSpec("export", run=run, formats=formats)
    folder = store.run_dir(store.new_run(spec))
    told: list[Any] = []
    end = export_run(spec, folder, lambda kind, **f: told.append((kind, f)), lambda: may_go_on)
    return end, folder, told


def test_models_are_written_told_and_packed(run: str, asked: dict[str, Any]) -> None:
    end, folder, told = job(run, "onnx", "hf")
    assert (asked["strategy"], asked["run"]) == ("lora", run)
    assert [kind for kind, _fields in told] == ["phase", "step"]
    assert end["files"][0] == {"path": "onnx/model", "bytes": 3, "max_difference": 1e-6}
    assert end["tolerance"] > 0
    assert asked["texts"]["onnx"].keys() == {"predict_onnx.py", "requirements.txt"}
    assert asked["texts"]["hf"]["README.md"].startswith("---\nlicense:")
    with zipfile.ZipFile(folder / ZIP) as packed:
        assert "hf/README.md" in packed.namelist()
        assert packed.testzip() is None


def test_a_script_is_made_of_what_the_run_recorded(
    run: str, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def recipe_of(*wanted: Any, is_bf16: bool) -> tuple[str, str]:
        given.update(strategy=wanted[2], kinds=[e["kind"] for e in wanted[4]], is_bf16=is_bf16)
        return "recipe", "base"

    monkeypatch.setattr(recipe, "recipe_of", recipe_of)
    monkeypatch.setattr(beside, "write", lambda folder, *rest: None)
    monkeypatch.setattr(repeat, "repeat_script", lambda made: f"# {made}\n")
    monkeypatch.setattr(repeat, "packages", lambda made: ("torch==2",))
    end, folder, _told = job(run, "script")
    assert given == {"strategy": "lora", "kinds": ["created", "finished"], "is_bf16": True}
    assert [one["path"] for one in end["files"]] == ["script/repeat.py", "script/requirements.txt"]
    assert (folder / FOLDER / "script" / "repeat.py").read_text() == "# recipe\n"
    assert asked == {}


def test_a_stop_is_heard_between_formats(run: str, asked: dict[str, Any]) -> None:
    with pytest.raises(Cancelled):
        job(run, "onnx", may_go_on=False)


def test_without_a_model_there_is_nothing_to_take(run: str) -> None:
    (store.run_dir(run) / WEIGHTS_FILE).unlink()
    with pytest.raises(InputError, match="weights"):
        job(run, "onnx")


def test_what_is_packed_unpacks_to_the_same(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.bin").write_bytes(bytes(range(256)))
    pack(tmp_path / "a", tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert packed.read("b/c.bin") == bytes(range(256))
