"""New pictures: a finished run says what it said of the same pictures in its own data."""

from __future__ import annotations

import base64
import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.engine.handmade import EDGE, PLANS, Finished
from tl_core import files
from tl_core.analysis import answers, calibration, looks
from tl_core.data.dataset import Dataset
from tl_core.data.loose import open_loose
from tl_core.engine.predict import (
    TOP,
    ask,
    lit,
    open_model,
    predict,
    told,
)
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


def test_it_is_as_sure_as_its_temperature_says(
    finished: Callable[[str], Finished], drawn: Dataset, tmp_path: Path
) -> None:
    end = finished("linear_probe")
    folder = shutil.copytree(end.folder, tmp_path / "run")
    asked = open_loose([e.path for e in drawn.examples if e.split == "val"])
    said = answers.read(folder, None)["val"]
    fitted = calibration.read(folder)
    assert said.logits is not None
    assert fitted is not None
    calibration.write(folder, replace(fitted, temperature=4.0, why=""))
    cooled = [answer.guesses[0] for answer in predict(end.run.spec, drawn, folder, asked)]
    expected = answers.probabilities(said.logits, 4.0).max(1)
    assert [guess.probability for guess in cooled] == pytest.approx(expected, abs=0.01)
    assert [guess.label for guess in cooled] == [drawn.classes[n] for n in said.given]


def test_a_run_without_weights_cannot_answer(tmp_path: Path, drawn: Dataset, spec: RunSpec) -> None:
    with pytest.raises(FileNotFoundError):
        predict(spec, drawn, tmp_path, open_loose([drawn.examples[0].path]))


def paths_of(dataset: Dataset, split: str) -> list[Path]:
    return [example.path for example in dataset.examples if example.split == split]


@pytest.mark.parametrize("strategy", ["linear_probe", "full_fine_tune", "multi_stage_probe"])
def test_it_tells_the_nearest_and_what_is_unlike(
    finished: Callable[[str], Finished], drawn: Dataset, strategy: str, tiny_pictures: Path
) -> None:
    end = finished(strategy)
    model = open_model(end.run.spec, drawn, end.folder)
    assert model.memory is not None
    learned = paths_of(drawn, "train")[:2]
    foreign = sorted(tiny_pictures.rglob("*.png"))[:2]
    first, _second, noise, _other = ask(model, open_loose([*learned, *foreign]), near=3)
    assert first.unlike is not None
    assert first.unlike.score == pytest.approx(0.0, abs=0.05)
    assert not first.unlike.flag
    assert len(first.nearest) == 3
    assert first.nearest[0].name == learned[0].name
    assert first.nearest[0].cosine == pytest.approx(1.0, abs=0.01)
    assert noise.unlike is not None
    assert noise.unlike.farther_than > first.unlike.farther_than
    record = told("a.png", first)
    assert record["unlike_training"] == {"score": first.unlike.score, "flag": False,
                                         "farther_than": first.unlike.farther_than}  # fmt: skip
    assert record["nearest"][0]["label"] == first.nearest[0].label
    json.dumps(record, allow_nan=False)


@pytest.mark.parametrize("strategy", PLANS)
def test_it_tells_where_it_looks_if_asked(
    finished: Callable[[str], Finished], drawn: Dataset, strategy: str
) -> None:
    end = finished(strategy)
    model = open_model(end.run.spec, drawn, end.folder)
    asked = open_loose(paths_of(drawn, "val")[:2])
    plain, why = ask(model, asked), ask(model, asked, why=True)
    assert [one.sight for one in plain] == [None, None]
    assert [one.guesses for one in why] == [one.guesses for one in plain]
    for answer in why:
        record = told("a.png", answer)
        assert record["looks"]["how"] == "grad_cam"
        assert looks.in_answer(record) is not None
        with Image.open(io.BytesIO(base64.b64decode(lit(answer)))) as shown:
            assert shown.size == (EDGE, EDGE)
        json.dumps(record, allow_nan=False)
    assert "looks" not in told("a.png", plain[0])
    assert lit(plain[0]) == ""


def test_what_the_run_wrote_down_is_what_it_would_find_again(
    finished: Callable[[str], Finished], drawn: Dataset, tmp_path: Path
) -> None:
    end = finished("linear_probe")
    kept = open_model(end.run.spec, drawn, end.folder).memory
    assert kept is not None
    record = json.loads((end.folder / "artifacts" / "unlike.json").read_text())
    assert record["border"] == pytest.approx(kept.known.border)
    older = tmp_path / "older"
    (older / "checkpoints").mkdir(parents=True)
    weights = (end.folder / "checkpoints" / "best.safetensors").read_bytes()
    (older / "checkpoints" / "best.safetensors").write_bytes(weights)
    found = open_model(end.run.spec, drawn, older).memory
    assert found is not None
    assert found.known.held_out == pytest.approx(kept.known.held_out, abs=1e-4)


def test_a_temperature_makes_it_less_sure_and_changes_no_answer(
    finished: Callable[[str], Finished], drawn: Dataset
) -> None:
    end = finished("linear_probe")
    model = open_model(end.run.spec, drawn, end.folder)
    assert model.temperature == 1.0
    asked = open_loose(paths_of(drawn, "train")[:4])
    for plain, calm in zip(
        ask(model, asked), ask(replace(model, temperature=3.0), asked), strict=True
    ):
        assert plain.guesses[0].label == calm.guesses[0].label
        assert calm.guesses[0].probability < plain.guesses[0].probability < 1
