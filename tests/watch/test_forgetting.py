"""Forgetting is told once most of the old answers are surely gone, and never as a mere loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tl_core.runs.state import RunState
from tl_core.watch import diagnose, narrate
from tl_core.watch.forgetting import FEW_LEFT, FEW_LEFT_ON_SOURCE, forgotten, left, share
from tl_core.watch.remedies import remedies, standing

Make = Callable[..., Any]


def told(value: float | None, half: float = 0.05, n: int = 112) -> dict[str, Any]:
    low, high = (None, None) if value is None else (value - half, value + half)
    return {"agreement": value, "low": low, "high": high, "n": n, "drift": [], "source": None}


def run(epochs: Make, values: list[float | None], **source: float) -> list[dict[str, Any]]:
    made = epochs([1.0 - 0.02 * i for i in range(len(values))])
    for one, value in zip(made, values, strict=True):
        one["retention"] = told(value)
        if source:
            one["retention"]["source"] = told(source["value"])
    return made


def test_it_speaks_when_a_whole_window_lies_surely_below(epochs: Make) -> None:
    low = FEW_LEFT - 0.1
    assert forgotten(run(epochs, [1.0, 0.9, low, low])) is None
    alert = forgotten(run(epochs, [1.0, low, low, low]))
    assert alert is not None
    assert (alert.kind, alert.epoch) == ("forgetting", 3)
    assert "matters only if the model must still do its old work" in alert.text


def test_what_the_interval_leaves_open_is_no_alarm(epochs: Make) -> None:
    assert forgotten(run(epochs, [1.0, *[FEW_LEFT - 0.04] * 4])) is None


def test_without_a_measure_it_is_silent(epochs: Make) -> None:
    assert forgotten(epochs([1.0] * 6)) is None
    assert forgotten(run(epochs, [None] * 6)) is None


def test_examples_of_its_own_kind_count_for_more(epochs: Make) -> None:
    assert forgotten(run(epochs, [1.0, *[0.1] * 4], value=0.9)) is None
    alert = forgotten(run(epochs, [1.0, *[0.9] * 4], value=0.1))
    assert alert is not None
    assert "of its own kind" in alert.text
    assert forgotten(run(epochs, [1.0, *[0.9] * 4], value=FEW_LEFT_ON_SOURCE - 0.1)) is not None


def test_a_share_is_said_with_its_interval_where_there_is_one() -> None:
    found = left(told(0.5))
    assert found is not None
    assert share(found) == "50 % (45 to 55)"
    bare = left({"agreement": 0.5})
    assert bare is not None
    assert share(bare) == "50 %"
    assert left(None) is left({"agreement": None}) is None


def test_it_is_told_once_and_stands_although_epochs_get_better(epochs: Make) -> None:
    made = run(epochs, [1.0, *[0.2] * 8])
    found = [alert for alert in diagnose.replay(made) if alert.kind == "forgetting"]
    assert [alert.epoch for alert in found] == [3]
    alerts = [{"epoch": 3, "kind": "forgetting", "text": "It forgets."}]
    assert standing(alerts, {"epoch": 8}) == tuple(alerts)
    assert remedies("forgetting")[0].action == "more_regularisation"


def test_the_narrator_says_it_last_of_all(epochs: Make, state: Callable[..., RunState]) -> None:
    made = run(epochs, [1.0, *[0.2] * 5])
    said = narrate.narrate(state(epochs=made))
    assert "It forgets while it learns" in said
    assert "20 % (15 to 25)" in said
    worse = [*made, made[-1] | {"epoch": 6, "val_loss": float("nan"), "train_loss": float("nan")}]
    assert "run away" in narrate.narrate(state(epochs=worse))


@pytest.mark.parametrize("value", [0.6, 0.9])
def test_a_run_that_keeps_most_goes_on_as_before(
    epochs: Make, state: Callable[..., RunState], value: float
) -> None:
    said = narrate.narrate(state(epochs=run(epochs, [1.0, *[value] * 5])))
    assert "forgets" not in said
