"""A closer look at a finished run finds what the run itself would have kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.analysis.handmade import answers_of
from tests.engine.handmade import Finished, Told
from tl_core.analysis import answers, calibration, looks
from tl_core.data.dataset import Dataset
from tl_core.engine import explain as explain_module
from tl_core.engine import words
from tl_core.engine.explain import explain, telling
from tl_core.engine.words import Word


@pytest.mark.parametrize("strategy", ["linear_probe", "lora"])
def test_asked_again_it_says_the_same(
    finished: Callable[[str], Finished], drawn: Dataset, tmp_path: Path, strategy: str
) -> None:
    end = finished(strategy)
    folder = shutil.copytree(end.folder, tmp_path / "run")
    first = answers.read(folder, None)["val"]
    fitted = calibration.read(folder)
    for name in (answers.FILE, calibration.FILE):
        (folder / name).unlink()
    explain(
        end.run.spec,
        drawn,
        folder,
        aspects=["answers"],
        emit=Told(),
        should_continue=lambda: True,
    )
    again = answers.read(folder, None)["val"]
    assert again.rows.tolist() == first.rows.tolist()
    assert again.logits == pytest.approx(first.logits, abs=1e-3)
    found = calibration.read(folder)
    assert found is not None
    assert fitted is not None
    assert found.error == pytest.approx(fitted.error, abs=1e-3)


def test_the_worst_mistakes_are_looked_at_and_right_answers_besides() -> None:
    val = answers_of([(0, 0), (0, 1), (1, 0), (1, 1)], [0.9, 0.6, 0.8, 0.7])
    assert telling(val) == [102, 101, 100, 103]


def test_texts_have_their_words_weighed(
    drawn: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = tuple(
        replace(e, row=n, text="good or bad", split="val" if n < 3 else "train")
        for n, e in enumerate(drawn.examples)
    )
    dataset = replace(drawn, modality="text", examples=texts)
    said = ([0, 1, 2], [0, 0, 0], np.array([[2, 0], [0, 3], [1, 0]], dtype=np.float32))
    answers.write(tmp_path, dataset.classes, {"val": said})
    asked: list[int] = []

    def weigh(_learner: Any, _backbone: Any, _data: Any, text: str, given: int) -> tuple[Word, ...]:
        asked.append(given)
        return tuple(Word(word, 0.5) for word in text.split())

    monkeypatch.setattr(words, "weigh", weigh)
    rebuilt: Any = SimpleNamespace(learner=None, backbone=None)
    explain_module.look(dataset, tmp_path, rebuilt, (1, 99), lambda _n, _of: None)
    found = looks.read(tmp_path)
    assert found is not None
    (one,) = found.looked
    assert (found.how, one.row, one.given, asked) == ("words", 1, "class 1", [1])
    assert [word["text"] for word in one.words] == ["good", "or", "bad"]
