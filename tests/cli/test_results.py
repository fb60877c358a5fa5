"""`thaw runs results`: what a finished run gets wrong, for people and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tl_core import data
from tl_core.analysis import answers, calibration
from tl_core.runs import store

Thaw = Callable[..., Any]


@pytest.fixture
def run(thaw: Thaw, jobs: dict[str, Any], tiny_pictures: Path) -> str:
    told = thaw("train", tiny_pictures, "--strategy", "linear_probe", "--json").json
    return str(told["run"])


def answer(run: str) -> None:
    folder = store.run_dir(run)
    logits = np.array([[2, 0], [0, 2], [0, 2], [0, 2]], dtype=np.float32)
    answers.write(folder, ["[b]dark", "light"], {"val": ([0, 1, 8, 9], [0, 0, 1, 1], logits)})
    calibration.write(folder, calibration.fit(answers.read(folder, None)["val"]))


def test_numbers_for_programs(thaw: Thaw, run: str) -> None:
    answer(run)
    outcome = thaw("runs", "results", run, "--json")
    assert outcome.code == 0
    told = outcome.json
    assert told["run"] == run
    assert told["parts"]["val"]["confusion"] == [[1, 1], [0, 2]]
    assert told["calibration"]["why"] == "few"


def test_words_for_people(thaw: Thaw, run: str) -> None:
    answer(run)
    out = thaw("runs", "results", run).out
    assert "Of 100 new pictures like these expect" in out
    assert "[b]dark" in out
    assert "1 of 2 labelled [b]dark was taken for light." in out


def test_a_run_without_results_is_refused(thaw: Thaw, run: str) -> None:
    outcome = thaw("runs", "results", run, "--json")
    assert outcome.code == 2
    assert "has no results" in outcome.json["issues"][0]["message"]


def test_results_outlive_their_data(thaw: Thaw, run: str) -> None:
    answer(run)
    data.delete(store.read_run(run).spec.dataset)
    assert thaw("runs", "results", run).code == 0
