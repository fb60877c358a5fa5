"""Expected accuracies."""

from __future__ import annotations

import pytest

from tl_core.advisor.advice import Range
from tl_core.advisor.declared import Facts
from tl_core.advisor.gains import Correction
from tl_core.advisor.predict import UNKNOWN_LEAD, Basis, basis, expected
from tl_core.advisor.rules import fire, load_rules

FACTS: Facts = {
    "modality": "picture",
    "n": 1000,
    "linear_probe": 0.8,
    "linear_probe_low": 0.77,
    "linear_probe_high": 0.83,
    "best_control": 0.4,
}


def test_the_probe_is_measured_not_predicted() -> None:
    assert expected("linear_probe", FACTS, (), {}) == Range(0.8, 0.77, 0.83)


def test_a_far_task_gains_a_share_of_its_errors() -> None:
    far = fire(load_rules(), {**FACTS, "shift_late": 0.3})

    full = expected("full_fine_tune", FACTS, far, {})

    assert full.value == pytest.approx(0.8 + 0.6 * 0.2)
    assert full.high - full.value > 0.1 - 0.08 * 0.5  # clipped at 1 or wider than its prior
    assert full.value - full.low == pytest.approx((0.1**2 + (0.6539 * 0.03) ** 2) ** 0.5, abs=1e-3)


def test_gains_are_bounded() -> None:
    hopeless = {**FACTS, "linear_probe": 0.1, "linear_probe_low": 0.08, "linear_probe_high": 0.12}
    far = fire(load_rules(), {**hopeless, "shift_late": 0.3})

    assert expected("full_fine_tune", hopeless, far, {}).value == pytest.approx(0.1 + 0.25)


def test_all_depths_are_measured_or_guessed() -> None:
    ends = {"multi_stage_probe_low": 0.82, "multi_stage_probe_high": 0.87}

    guessed = expected("multi_stage_probe", FACTS, (), {})

    assert guessed.value == pytest.approx(0.8 + 0.12 * 0.2)
    assert basis("multi_stage_probe", FACTS, ()) == Basis("mixed", "all_depths_measured")
    known = {**FACTS, "multi_stage_probe": 0.85, **ends}
    assert expected("multi_stage_probe", known, (), {}) == Range(0.85, 0.82, 0.87)
    assert basis("multi_stage_probe", known, ()) == Basis("measured")


@pytest.mark.parametrize("n", [500, 5000, 50000])
@pytest.mark.parametrize("shift", [0.05, 0.3])
def test_adapters_lie_between_a_partial_thaw_and_full_fine_tuning(n: int, shift: float) -> None:
    facts = {**FACTS, "n": n, "shift_late": shift, "source_confidence": 0.3}
    fired = fire(load_rules(), facts)

    found = {
        s: expected(s, facts, fired, {}) for s in ("gradual_unfreezing", "lora", "full_fine_tune")
    }

    thaw, lora, full = found.values()
    low, high = sorted((thaw.value, full.value))
    assert low <= lora.value <= high
    assert lora.value - lora.low >= thaw.value - thaw.low


def test_a_rule_names_the_source_and_no_more_certainty() -> None:
    far = fire(load_rules(), {**FACTS, "shift_late": 0.3})

    assert basis("full_fine_tune", FACTS, far) == Basis("mixed", "far_tasks")
    assert basis("lora", FACTS, far) == Basis("folk", "far_tasks")


def test_gradual_thawing_never_ends_below_the_probe() -> None:
    wide = fire(load_rules(), {**FACTS, "shift_late": 0.3})

    assert expected("gradual_unfreezing", FACTS, wide, {}).low >= 0.77


def test_a_familiar_task_loses_by_full_fine_tuning() -> None:
    near = fire(load_rules(), {**FACTS, "shift_late": 0.05, "source_confidence": 0.7})

    assert expected("full_fine_tune", FACTS, near, {}).value == pytest.approx(0.78)


def test_from_scratch_starts_from_what_works_without_the_base() -> None:
    assert expected("from_scratch", FACTS, (), {}).value == pytest.approx(0.4)


def test_from_scratch_is_vague_without_a_control() -> None:
    unknown = {**FACTS, "best_control": None}

    found = expected("from_scratch", unknown, (), {})

    assert found.value == pytest.approx(0.8 - UNKNOWN_LEAD)
    assert found.high - found.low > 4 * 0.12


def test_nothing_leaves_the_range_of_a_share() -> None:
    perfect = {**FACTS, "linear_probe": 1.0, "linear_probe_low": 0.98, "linear_probe_high": 1.0}

    assert expected("full_fine_tune", perfect, (), {}).high == 1.0


def test_nothing_is_expected_below_naming_the_largest_class() -> None:
    low = {("none", "from_scratch"): Correction(-0.9, 0.1, 3)}
    facts = FACTS | {"best_control": 0.4, "largest_share": 0.3}
    assert expected("from_scratch", facts, (), low).value == 0.3
    assert expected("from_scratch", facts, (), {}).value == 0.4
