"""When a last layer that reads all depths of the frozen base is worth training after a run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tl_core.watch import all_depths

MEASURED = {"value": 0.78, "low": 0.7, "high": 0.85, "n": 100}


def ended(reached: float, **changes: Any) -> Any:
    """Return a run that has changed its base and come to its end."""
    told = {
        "strategy": "gradual_unfreezing",
        "best": {"epoch": 3, "val_accuracy": {"value": reached, "low": 0.0, "high": 1.0, "n": 80}},
        "finished": {"stop_reason": "patience"},
        "grounds": {"all_depths": MEASURED},
    }
    return SimpleNamespace(**told | changes)


@pytest.mark.parametrize(("reached", "is_worth"), [(0.7, True), (0.85, True), (0.86, False)])
def test_it_is_where_the_run_is_not_clearly_above(reached: float, is_worth: bool) -> None:
    assert all_depths.may_do_as_well(MEASURED, reached) == is_worth
    assert bool(all_depths.sentence(ended(reached))) == is_worth


def test_both_numbers_are_told() -> None:
    said = all_depths.sentence(ended(0.8))
    assert "78 % (70 to 85) of other examples" in said
    assert "The 80 % of this run are not clearly more" in said


@pytest.mark.parametrize(
    "changes",
    [
        {"strategy": "linear_probe"},  # read on the same folds before: nothing new to learn
        {"strategy": "from_scratch"},
        {"finished": None},
        {"best": None},
        {"grounds": None},
        {"grounds": {"all_depths": None}},
        {"grounds": {"linear_probe": 0.7}},  # of a run before this was kept
    ],
)
def test_nothing_is_said_where_there_is_nothing_to_compare(changes: dict[str, Any]) -> None:
    assert all_depths.sentence(ended(0.7, **changes)) == ""
