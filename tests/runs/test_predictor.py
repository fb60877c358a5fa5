"""The process that answers, here as a function: what it reads, writes and leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runs.test_model import ENDED, EPOCHS, STARTED, made
from tl_core import data, files
from tl_core.data.dataset import Dataset
from tl_core.engine import predict
from tl_core.engine.predict import Answer, Guess
from tl_core.runs import model, predictor, standby, store
from tl_core.runs.model import Kept
from tl_core.runs.predictor import Answering
from tl_core.runs.state import RunState
from tl_core.spec import RunSpec

Eventually = Callable[[Callable[[], Any]], Any]


def echo(state: RunState, kept: Kept) -> Answering:
    return lambda paths, *, near, why: [{"file": path.name} for path in paths]


def begun(run: str) -> Path:
    folder = predictor.folder_of(run)
    (folder / standby.ASKS).mkdir(parents=True)
    return folder


def ended_run() -> str:
    return made(STARTED, *EPOCHS, ENDED, weights=("best.safetensors",))


def test_it_answers_and_goes_when_nobody_asks(
    thaw_home: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    monkeypatch.setattr(standby, "IDLE_SECONDS", 0.3)
    folder = begun(ended_run())
    files.write_json(folder / "asks" / "1.json", {"files": ["/x/a.png"], "near": 0, "why": False})
    files.write_json(folder / "asks" / "2.json", {"nonsense": True})
    process = threading.Thread(target=predictor.serve, args=(folder, echo))
    process.start()
    answer = eventually(lambda: read(folder / "answers" / "1.json"))
    assert answer == {"answers": [{"file": "a.png"}], "epoch": None}
    assert eventually(lambda: read(folder / "answers" / "2.json"))["error"]["code"] == "internal"
    process.join(timeout=30)
    assert not folder.exists()


def read(path: Path) -> Any:
    try:
        return files.read_json(path)
    except (OSError, ValueError):
        return None


def test_two_never_answer_at_once(thaw_home: Path) -> None:
    folder = begun(ended_run())
    from tl_core.runs import locks

    with locks.hold(folder):
        assert predictor.serve(folder, echo) == 0
    assert folder.exists()


def test_unusable_files_are_told_beside_the_answers(
    thaw_home: Path, tiny_pictures: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dataset = data.import_data(tiny_pictures)
    run = made(
        STARTED, *EPOCHS, ENDED,
        spec=RunSpec("train", dataset.id, strategy="lora"), weights=("best.safetensors",),
    )  # fmt: skip
    seen: list[Any] = []

    def open_model(spec: RunSpec, dataset: Dataset, folder: Path, epoch: int | None) -> str:
        assert folder == store.run_dir(run)
        return f"model of {epoch}"

    def ask(asked: str, examples: Any, *, near: int, why: bool) -> Any:
        seen.append((asked, len(examples), near, why))
        return tuple(Answer((Guess("dark", 0.9),)) for _one in examples)

    monkeypatch.setattr(predict, "open_model", open_model)
    monkeypatch.setattr(predict, "ask", ask)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    good = sorted(tiny_pictures.rglob("*.png"))[0]
    answering = predictor.open_model(*model.require_kept(run))
    told = answering([bad, good, tmp_path / "gone.png"], near=3, why=True)
    assert [("issue" in one) for one in told] == [True, False, True]
    assert told[1]["top"] == [{"label": "dark", "probability": 0.9}]
    assert (told[1]["text"], told[1]["lit"]) == ("", "")
    assert seen == [("model of None", 1, 3, True)]
    assert "issue" in answering([bad], near=0, why=False)[0]
    assert len(seen) == 1
