"""`thaw predict`: who may be asked, with what, and how the answer is told."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tl_core import data
from tl_core.engine import predict as engine
from tl_core.engine.looks import Place, Sight
from tl_core.engine.predict import Answer, Guess
from tl_core.engine.unlike import Unlike
from tl_core.engine.words import Word
from tl_core.runs import events, store
from tl_core.spec import RunSpec

Thaw = Callable[..., Any]
ODD = Unlike(score=1.25, flag=True, farther_than=0.97)
ENDED = {"stop_reason": "epochs", "best": {"epoch": 1, "val_loss": 0.1, "val_accuracy": {}}}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the engine was asked; no network is loaded."""
    seen: list[Any] = []

    def predict(
        spec: RunSpec,
        dataset: Any,
        folder: Path,
        examples: Any,
        *,
        why: bool,
        epoch: int | None,
    ) -> Any:
        assert not why
        seen.append((spec.strategy, dataset.classes, folder.name, len(examples), epoch))
        guesses = (Guess("[red]light", 0.91), Guess("dark", 0.09))
        return tuple(Answer(guesses, unlike=ODD) for _e in examples)

    monkeypatch.setattr(engine, "predict", predict)
    return seen


@pytest.fixture
def make(thaw_home: Path, tiny_pictures: Path) -> Callable[..., str]:
    """Make a run with the events given, and weights if it has finished."""
    dataset = data.import_data(tiny_pictures)

    def make_run(*told: str, kind: str = "train", weights: bool = True, **more: Any) -> str:
        strategies = ("lora", "linear_probe") if kind == "race" else ()
        spec = RunSpec(kind, dataset.id, strategy="lora", strategies=strategies)
        run = store.new_run(spec)
        folder = store.run_dir(run)
        with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
            for event in told:
                writer.emit(event, **(ENDED | more if event == "finished" else {}))
        if weights:
            (folder / "checkpoints").mkdir()
            (folder / "checkpoints" / "best.safetensors").write_bytes(b"x")
        return run

    return make_run


@pytest.fixture
def pictures(tiny_pictures: Path) -> list[Path]:
    return sorted(tiny_pictures.rglob("*.png"))[:2]


def test_the_answer_has_the_keys_of_the_contract(
    thaw: Thaw, make: Callable[..., str], pictures: list[Path], asked: list[Any]
) -> None:
    run = make("started", "finished")
    outcome = thaw("predict", run, *pictures, "--json")
    assert outcome.code == 0
    unlike = {"score": 1.25, "flag": True, "farther_than": 0.97}
    top = [{"label": "[red]light", "probability": 0.91}, {"label": "dark", "probability": 0.09}]
    assert outcome.json == {
        "run": run,
        "predictions": [
            {"file": str(path), "top": top, "unlike_training": unlike} for path in pictures
        ],
    }
    assert asked == [("lora", ("dark", "light"), run, 2, None)]


def test_people_get_a_table(
    thaw: Thaw, make: Callable[..., str], pictures: list[Path], asked: list[Any]
) -> None:
    outcome = thaw("predict", make("started", "finished"), pictures[0])
    assert "[red]light 91 %" in outcome.out
    assert "dark 9 %" in outcome.out
    assert "like its training data" in outcome.out
    assert outcome.out.splitlines()[1].split()[-1] == "no"
    assert "never learned from anything close" in " ".join(outcome.out.split())


def test_a_folder_becomes_a_table_with_what_could_not_be_used(
    thaw: Thaw, make: Callable[..., str], tiny_pictures: Path, asked: list[Any], tmp_path: Path
) -> None:
    run = make("started", "finished")
    (tiny_pictures / "dark" / "bad.png").write_bytes(b"no picture")
    out = tmp_path / "out.csv"
    outcome = thaw("predict", run, tiny_pictures / "dark", "--csv", out, "--json")
    assert outcome.code == 0
    assert outcome.json["csv"] == str(out)
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == len(outcome.json["predictions"]) == 9
    assert [row["file"] for row in rows if row["problem"]] == ["bad.png"]
    assert {row["unlike_training"] for row in rows if not row["problem"]} == {"yes"}
    assert asked[0][3] == 8
    assert thaw("predict", run, tiny_pictures / "dark", "--json").code == 2
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "bad.png").write_bytes(b"no picture")
    assert thaw("predict", run, tmp_path / "only", "--csv", out, "--json").code == 2


def fix_of(outcome: Any) -> str:
    assert outcome.code == 2
    (issue,) = outcome.json["issues"]
    assert issue["field"] == "run"
    return str(issue["message"] + " " + issue["fix"])


def test_who_has_no_model_says_how_to_get_one(
    thaw: Thaw, make: Callable[..., str], pictures: list[Path], asked: list[Any]
) -> None:
    def ask(run: str) -> str:
        return fix_of(thaw("predict", run, *pictures, "--json"))

    assert "no run 'nonsense'" in ask("nonsense")
    assert "thaw runs show" in ask(make())
    assert "thaw runs resume" in ask(make("started"))
    assert "thaw train DATA --strategy lora" in ask(make("started", "finished", weights=False))
    assert "trained nothing" in ask(make("started", "finished", kind="evidence"))
    assert "thaw runs show" in ask(make("started", kind="race"))
    ranked = make("started", "finished", kind="race", ranking=[{"run": "the-first"}])
    assert "The first is the-first" in ask(ranked)
    assert asked == []


def test_all_problems_at_once_and_nothing_half_done(
    thaw: Thaw, make: Callable[..., str], pictures: list[Path], asked: list[Any]
) -> None:
    outcome = thaw("predict", make("started"), pictures[0], "gone.png", "gone-too.png", "--json")
    assert outcome.code == 2
    fields = [issue["field"] for issue in outcome.json["issues"]]
    assert fields == ["run", "gone.png", "gone-too.png"]
    assert asked == []
    outcome = thaw("predict", make("started", "finished"))
    assert outcome.code == 2


def test_words_are_weighed_for_texts_and_refused_for_pictures(
    thaw: Thaw,
    make: Callable[..., str],
    pictures: list[Path],
    asked: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    run = make("started", "finished")
    assert "have no words" in thaw("predict", run, *pictures, "--words", "--json").out
    assert asked == []

    spec = RunSpec("train", data.load_sample("messages").id, strategy="lora")
    run = store.new_run(spec)
    folder = store.run_dir(run)
    with events.EventWriter(folder / events.FILE, new_attempt=True) as writer:
        writer.emit("finished", **ENDED)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "best.safetensors").write_bytes(b"x")

    def predict(*asked: Any, why: bool, epoch: int | None) -> Any:
        assert why
        words = (Word("[b]password", 1.25), Word("the", 0.02), Word("lamp", -0.5))
        return (Answer((Guess("account", 0.9),), words),)

    monkeypatch.setattr(engine, "predict", predict)
    said = tmp_path / "said.txt"
    said.write_text("[b]password the lamp")
    out = thaw("predict", run, said, "--words").out
    assert "[b]password +1.2" in out
    assert "lamp -0.5" in out
    told = thaw("predict", run, said, "--words", "--json").json["predictions"][0]["words"]
    assert told[0] == {"word": "[b]password", "weight": 1.25}
    assert len(told) == 3
    (issue,) = thaw("predict", run, said, "--looks", "--json").json["issues"]
    assert "nowhere to look" in issue["message"]
    assert "--words" in issue["fix"]


def test_where_it_looks_is_told_for_pictures(
    thaw: Thaw, make: Callable[..., str], pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    sight = Sight(
        torch.zeros(2, 2), Place(0, 2, 0.25), "grad_cam", *[np.zeros((8, 8, 3), "u1")] * 2
    )

    def predict(*asked: Any, why: bool, epoch: int | None) -> Any:
        assert why
        guesses = (Guess("light", 0.9),)
        return Answer(guesses, sight=sight), Answer(guesses)

    monkeypatch.setattr(engine, "predict", predict)
    run = make("started", "finished")
    seen, blind = thaw("predict", run, *pictures, "--looks", "--json").json["predictions"]
    assert seen["looks"] == {"how": "grad_cam", "down": 0, "across": 2, "area": 0.25, "edge": 2}
    assert "looks" not in blind
    out = thaw("predict", run, *pictures, "--looks").out
    assert "where it looks" in out
    assert "25 % of" in " ".join(out.split())
