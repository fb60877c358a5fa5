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


def test_every_share_is_judged_and_the_best_comes_first() -> None:
    base, tuned = {"w": torch.zeros(1)}, {"w": torch.ones(1)}
    seen = []

    def judge(state: dict[str, torch.Tensor]) -> tuple[float, float]:
        seen.append(float(state["w"]))
        return abs(float(state["w"]) - 0.7), 0.5

    found = interpolate.best_of(base, tuned, judge)
    assert sorted(seen) == sorted(interpolate.SHARES)
    assert [t.share for t in found] == [0.75, 0.5, 0.25]
    assert found[0].val_loss == pytest.approx(0.05)
    assert found[0].val_accuracy == 0.5
