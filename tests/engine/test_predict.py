"""New pictures: a finished run says what it said of the same pictures in its own data."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.handmade import Finished
from tl_core import files
from tl_core.data.dataset import Dataset
from tl_core.data.loose import open_loose
from tl_core.engine.predict import TOP, predict
from tl_core.spec import RunSpec

ROUNDED = 1e-4 * TOP  # each probability is told to four places


def test_it_answers_as_the_run_did_and_keeps_nothing(
    finished: Callable[[str], Finished], drawn: Dataset
) -> None:
    end = finished("full_fine_tune")
    with (end.folder / "artifacts" / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    paths = {example.name: example.path for example in drawn.examples}
    before = set((files.cache_dir() / "pictures").glob("*"))
    answers = predict(
        end.run.spec, drawn, end.folder, open_loose([paths[row["name"]] for row in rows])
    )
    found = [answer.guesses for answer in answers]
    assert set((files.cache_dir() / "pictures").glob("*")) == before
    assert len(found) == len(rows)
    for guesses, row in zip(found, rows, strict=True):
        assert guesses[0].label == row["predicted"]
        assert guesses[0].probability == pytest.approx(float(row["probability"]), abs=0.02)
        assert len(guesses) == min(TOP, len(drawn.classes))
        assert sum(guess.probability for guess in guesses) == pytest.approx(1.0, abs=0.01)
        assert guesses[0].probability >= guesses[1].probability


@pytest.mark.parametrize("strategy", ["linear_probe", "lora"])
def test_what_it_learned_from_it_knows(
    finished: Callable[[str], Finished], drawn: Dataset, strategy: str
) -> None:
    end = finished(strategy)
    learned = [example for example in drawn.examples if example.split == "train"]
    answers = predict(end.run.spec, drawn, end.folder, open_loose([e.path for e in learned]))
    found = [answer.guesses for answer in answers]
    rights = [
        guesses[0].label == drawn.classes[example.label]
        for guesses, example in zip(found, learned, strict=True)
    ]
    assert sum(rights) > 0.8 * len(rights)
    for guesses in found:
        shares = [guess.probability for guess in guesses]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1 + ROUNDED


def test_a_run_without_weights_cannot_answer(tmp_path: Path, drawn: Dataset, spec: RunSpec) -> None:
    with pytest.raises(FileNotFoundError):
        predict(spec, drawn, tmp_path, open_loose([drawn.examples[0].path]))
