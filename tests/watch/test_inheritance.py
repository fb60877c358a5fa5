"""What is said of a base that may not fit or not help, before and after its control has ended."""

from __future__ import annotations

from typing import Any

import pytest

from tl_core.watch import inheritance

BORDERS = {"least_lead": 0.02, "familiar_from": 0.6, "far_from": 0.2, "far_leep": -0.8}


def grounds(**changes: Any) -> dict[str, Any]:
    """Return what was measured of a base that fits and helps."""
    return {
        "modality": "picture",
        "linear_probe": 0.9,
        "best_control": 0.6,
        "best_control_name": "pixels",
        "probe_minus_best_control": 0.3,
        "probe_minus_best_control_low": 0.2,
        "probe_minus_best_control_high": 0.4,
        "shift_late": 0.05,
        "shift_expected_late": 0.02,
        "source_confidence": 0.8,
        "leep_per_log_c": -0.2,
        **BORDERS,
        **changes,
    }


def control(verdict: str, difference: float, p: float, **changes: Any) -> dict[str, Any]:
    """Return what a paired test could have made of a run and its control."""
    share = {"low": 0.0, "high": 1.0, "n": 200}
    return {
        "verdict": verdict,
        "base": {"value": 0.8, **share},
        "scratch": {"value": 0.8 - difference, **share},
        "difference": {"value": difference, "low": difference - 0.04, "high": difference + 0.04},
        "p": p,
        **changes,
    }


def kinds(**changes: Any) -> list[str]:
    return [alert.kind for alert in inheritance.at_the_start(grounds(**changes), 0)]


def test_a_base_that_fits_and_helps_is_no_alarm() -> None:
    assert kinds() == []
    assert inheritance.at_the_start(None, 0) == ()


@pytest.mark.parametrize(
    "far",
    [{"shift_late": 0.2}, {"leep_per_log_c": -0.8}, {"modality": "text", "leep_per_log_c": -0.9}],
)
def test_far_and_unsure_is_a_mismatch(far: dict[str, Any]) -> None:
    assert kinds(**far, source_confidence=0.59) == ["domain_mismatch"]
    assert kinds(**far, source_confidence=None) == ["domain_mismatch"]
    assert kinds(**far, source_confidence=0.6) == []


def test_the_shift_of_texts_has_borders_of_its_own_and_alarms_nobody() -> None:
    assert kinds(modality="text", shift_late=0.9, source_confidence=None) == []


def test_what_was_not_measured_is_neither_far_nor_unhelpful() -> None:
    nothing = {"shift_late": None, "leep_per_log_c": None, "source_confidence": 0.1}
    assert kinds(**nothing, probe_minus_best_control=None) == []


def test_a_mismatch_names_its_numbers() -> None:
    told = grounds(shift_late=0.31, source_confidence=0.4, leep_per_log_c=-0.85)
    (alert,) = inheritance.at_the_start(told, 3)
    assert (alert.epoch, alert.kind) == (3, "domain_mismatch")
    assert "late shift 0.31, against 0.020 for its own kind" in alert.text
    assert "(LEEP / ln C −0.85)" in alert.text
    assert "it is 40 % sure of what it sees" in alert.text


@pytest.mark.parametrize(("lead", "is_told"), [(-0.05, True), (0.02, True), (0.021, False)])
def test_controls_that_beat_or_tie_the_probe_are_told(lead: float, is_told: bool) -> None:
    assert kinds(probe_minus_best_control=lead) == ["negative_transfer"] * is_told


def test_no_help_names_its_numbers() -> None:
    told = grounds(
        linear_probe=0.87, best_control=0.94, probe_minus_best_control=-0.07,
        probe_minus_best_control_low=-0.12, probe_minus_best_control_high=-0.02,
    )  # fmt: skip
    alert = inheritance.no_help(told, 0)
    assert alert is not None
    assert alert.text == (
        "Before training the frozen base is right on 87 %, and raw pixels alone on 94 % "
        "(difference −7 points, −12 points to −2 points): as it is the base is no help here (a "
        "sign of negative transfer). Thawed it may still help; the control, the same from scratch, "
        "shows whether it does."
    )


def test_only_a_base_that_hurts_is_an_alarm() -> None:
    assert inheritance.hurts(control("helps", 0.1, 0.001), 5) is None
    assert inheritance.hurts(control("not_proven", -0.02, 0.3), 5) is None
    alert = inheritance.hurts(control("hurts", -0.1, 0.0004), 5)
    assert alert is not None
    assert (alert.epoch, alert.kind) == (5, "negative_transfer")
    assert alert.text == (
        "What the base brings hurts here (negative transfer): with it 80 % of the 200 validation "
        "examples are right, from scratch 90 % of the same (difference −10 points, −14 points to "
        "−6 points; exact McNemar test, p < 0.001)."
    )


def test_what_is_not_proven_is_said_so() -> None:
    (said,) = inheritance.sentences(control("not_proven", 0.02, 0.31))
    assert said.startswith("Whether what the base brings helps is not proven: with it 80 %")
    assert "which may be chance" in said
    assert "p = 0.31" in said
    (said,) = inheritance.sentences(control("helps", 0.2, 0.002))
    assert said.startswith("What the base brings helps: with it 80 %")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("helps", "clearly less than with the base"),
        ("hurts", "more than with the base"),
        ("not_proven", "not surely less than with the base"),
    ],
)
def test_raw_pixels_and_a_stop_by_hand_are_told_beside_it(verdict: str, words: str) -> None:
    raw = {"name": "pixels", "accuracy": {"value": 0.5}, "verdict": verdict}
    found = control("helps", 0.2, 0.002, raw=raw, is_cut=True)
    _first, beside, cut = inheritance.sentences(found)
    assert beside.startswith("By raw pixels alone 50 % of the training examples were right")
    assert words in beside
    assert "stopped by hand" in cut
