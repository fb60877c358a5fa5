"""Mixtures lie on the straight line between two states, and the best one comes first."""

from __future__ import annotations

import pytest
import torch

from tl_core.engine import interpolate


def test_a_mixture_lies_on_the_line() -> None:
    base = {"w": torch.tensor([0.0, 4.0]), "n": torch.tensor(3), "more": torch.zeros(1)}
    tuned = {"w": torch.tensor([2.0, 0.0]), "n": torch.tensor(5)}
    found = interpolate.mixed(base, tuned, 0.25)
    assert found["w"].tolist() == [0.5, 3.0]
    assert found["n"] == 5  # counters are not numbers to be mixed
    assert set(found) == {"w", "n"}
    assert torch.equal(interpolate.mixed(base, tuned, 1.0)["w"], tuned["w"])
    assert torch.equal(interpolate.mixed(base, tuned, 0.0)["w"], base["w"])
    assert tuned["w"].tolist() == [2.0, 0.0]


def judged(lowest: float, tuned_loss: float) -> tuple[list[float], tuple[interpolate.Tried, ...]]:
    """Return the shares looked at and what was found, for a loss with one valley."""
    base, tuned = {"w": torch.zeros(1)}, {"w": torch.ones(1)}
    seen: list[float] = []

    def judge(state: dict[str, torch.Tensor]) -> tuple[float, float]:
        seen.append(float(state["w"]))
        return abs(seen[-1] - lowest), 0.5

    return seen, interpolate.best_of(base, tuned, tuned_loss, judge)


def test_the_best_mixture_comes_first() -> None:
    seen, found = judged(0.5, 0.5)
    assert seen == list(interpolate.SHARES)
    assert found[0].share == 0.5
    assert found[0].val_loss == pytest.approx(0.0)
    assert found[0].val_accuracy == 0.5


def test_the_first_mixture_that_is_worse_ends_the_search() -> None:
    seen, found = judged(1.0, 0.0)
    assert seen == [0.75]
    assert [t.share for t in found] == [0.75]
    assert judged(0.7, 0.3)[0] == [0.75, 0.5]
