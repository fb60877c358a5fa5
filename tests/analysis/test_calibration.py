"""Temperature scaling: it finds what was planted, says what it gains, and knows when not to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from tests.analysis.handmade import answers_of, overconfident
from tl_core.analysis import calibration
from tl_core.analysis.answers import probabilities


def test_the_planted_temperature_is_found() -> None:
    found = overconfident(4000, times=3.0)
    assert found.logits is not None
    assert calibration.temperature(found.logits, found.labels) == pytest.approx(3.0, rel=0.08)


def test_it_is_the_minimum_of_the_log_loss() -> None:
    found = overconfident(300, times=2.0)
    logits = found.logits
    assert logits is not None
    best = minimize_scalar(
        lambda t: log_loss(found.labels, probabilities(logits, t)),
        bounds=(0.1, 10),
        method="bounded",
    )
    assert calibration.temperature(logits, found.labels) == pytest.approx(best.x, rel=1e-3)


def test_an_overconfident_model_is_told_and_mended() -> None:
    fitted = calibration.fit(overconfident(1000, times=3.0))
    assert fitted.is_kept
    assert fitted.temperature == pytest.approx(3.0, rel=0.15)
    assert fitted.error > fitted.error_by_chance
    assert fitted.error_after < fitted.error / 2
    assert 0 < fitted.gain_low < fitted.gain < fitted.gain_high
    assert fitted.loss_after == pytest.approx(fitted.loss - fitted.gain)


def test_a_model_that_is_as_sure_as_right_is_left_alone() -> None:
    fitted = calibration.fit(overconfident(1000, times=1.0))
    assert (fitted.why, fitted.temperature) == ("gain", 1.0)
    assert fitted.error <= fitted.error_by_chance
    assert fitted.error_after == fitted.error


def test_a_few_mistakes_fit_nothing() -> None:
    fitted = calibration.fit(answers_of([(0, 0)] * 40 + [(0, 1)] * 9))
    assert (fitted.why, fitted.temperature, fitted.mistakes) == ("few", 1.0, 9)
    right = calibration.fit(answers_of([(0, 0), (1, 1)]))
    assert (right.why, right.mistakes) == ("few", 0)


def test_the_error_is_the_weighed_distance_of_the_bins() -> None:
    sure = np.array([0.95] * 10 + [0.55] * 10)
    right = np.array([True] * 9 + [False] + [True] * 3 + [False] * 7)
    assert calibration.error(sure, right) == pytest.approx((0.05 + 0.25) / 2)
    low, high = calibration.bins(sure, right)
    assert (low.n, low.sure, low.right.value) == (10, pytest.approx(0.55), 0.3)
    assert high.right.low < 0.9 < high.right.high
    assert calibration.bins(np.array([1.0]), np.array([True]))[0].sure == 1.0


def test_each_half_is_judged_by_the_other() -> None:
    found = overconfident(400, times=2.0)
    logits = found.logits
    assert logits is not None
    used = (logits / calibration.crossed(found))[:, 0]
    assert len(set(np.round(used, 9))) == 2
    assert np.isclose(used, used[0]).mean() == pytest.approx(0.5, abs=0.01)


def test_without_all_probabilities_nothing_is_fitted() -> None:
    with pytest.raises(ValueError, match="logits"):
        calibration.fit(replace(answers_of([(0, 0)]), logits=None))


def test_what_is_kept_is_read_unless_it_is_damaged(tmp_path: Path) -> None:
    fitted = calibration.fit(overconfident(300, times=2.0))
    calibration.write(tmp_path, fitted)
    assert calibration.read(tmp_path) == fitted
    calibration.write(tmp_path, replace(fitted, temperature=0.0))
    assert calibration.read(tmp_path) is None
    calibration.write(tmp_path, replace(fitted, version=99))
    assert calibration.read(tmp_path) is None
    for content in ("{", "[]", "{}"):
        (tmp_path / calibration.FILE).write_text(content)
        assert calibration.read(tmp_path) is None
    assert calibration.read(tmp_path / "nowhere") is None
