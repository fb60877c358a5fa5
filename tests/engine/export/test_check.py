"""What differs, does not run, or is no number is not handed out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tl_core.data.dataset import Dataset
from tl_core.engine.export import check
from tl_core.engine.export.check import Expected, asked, expected, require_same
from tl_core.engine.rebuild import Rebuilt
from tl_core.errors import RunFailed

from .conftest import Kept

ECHO = """
import json, sys
files = sys.argv[2:]
told = [{"probabilities": [len(open(f).read()), 0]} for f in files]
print(json.dumps({"predictions": told}))
"""


def test_validation_examples_are_asked_in_float32(
    small_run: Kept, small: Rebuilt, drawn: Dataset
) -> None:
    wanted = expected(small_run.spec, drawn, small)
    assert [e.split for e in wanted.examples.examples] == ["val"] * 6
    assert wanted.shares.shape == (6, 2)
    assert wanted.shares.sum(1) == pytest.approx(np.ones(6))


def test_a_difference_beyond_the_tolerance_is_an_error(drawn: Dataset) -> None:
    wanted = Expected(drawn, np.array([[0.25, 0.75]]))
    assert require_same(np.array([[0.25, 0.75001]]), wanted) == pytest.approx(1e-5)
    for wrong in (0.25 + 2 * check.TOLERANCE, np.nan):
        with pytest.raises(RunFailed, match="does not say the same"):
            require_same(np.array([[wrong, 0.75]]), wanted)


def test_texts_reach_a_script_as_files(drawn: Dataset, tmp_path: Path) -> None:
    texts = tuple(replace(e, text="a" * n) for n, e in enumerate(drawn.examples[:3], 1))
    wanted = Expected(replace(drawn, modality="text", examples=texts), np.zeros((3, 2)))
    (tmp_path / "echo.py").write_text(ECHO)
    assert asked(tmp_path, "echo.py", wanted)[:, 0].tolist() == [1, 2, 3]


def test_a_script_that_breaks_is_an_error(drawn: Dataset, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise SystemExit('no')")
    with pytest.raises(RunFailed, match=r"broken\.py"):
        asked(tmp_path, "broken.py", Expected(drawn, np.zeros((28, 2))))
