"""Penalties are nothing at the start and pull back to the base."""

from __future__ import annotations

import pytest
import torch

from tl_core.engine import retention
from tl_core.engine.learner import Learner
from tl_core.spec import RETENTIONS

BATCH = (2, 3, 64, 64)


def moved(learner: Learner, by: float) -> None:
    torch.manual_seed(4)
    with torch.no_grad():
        for parameter in learner.body.parameters():
            parameter.add_(torch.randn_like(parameter) * by)


def test_every_kind_is_known_and_nothing_else(small_learner: Learner) -> None:
    kinds = {kind: retention.penalty(kind, small_learner) for kind in RETENTIONS}
    assert [kind for kind, found in kinds.items() if found is None] == ["none"]
    with pytest.raises(KeyError):
        retention.penalty("hope", small_learner)


@pytest.mark.parametrize("kind", ["l2_sp", "ldifs"])
def test_it_is_zero_at_the_start_and_grows_with_the_distance(
    small_learner: Learner, kind: str
) -> None:
    of = retention.penalty(kind, small_learner)
    assert of is not None
    inputs = torch.randn(BATCH)
    assert float(of(inputs).detach()) == pytest.approx(0, abs=1e-6)
    moved(small_learner, 0.02)
    near = float(of(inputs).detach())
    moved(small_learner, 0.05)
    assert 0 < near < float(of(inputs).detach())


@pytest.mark.parametrize("kind", ["l2_sp", "ldifs"])
def test_its_gradient_pulls_back_to_the_base(small_learner: Learner, kind: str) -> None:
    of = retention.penalty(kind, small_learner)
    assert of is not None
    inputs = torch.randn(BATCH)
    start = [p.detach().clone() for p in small_learner.body.parameters()]
    moved(small_learner, 0.05)
    parameters = list(small_learner.body.parameters())
    before = of(inputs)
    before.backward()
    away = [p.detach() - s for p, s in zip(parameters, start, strict=True)]
    gradients = [p.grad for p in parameters]
    along = sum(float((g * a).sum()) for g, a in zip(gradients, away, strict=True) if g is not None)
    assert along > 0  # going further away costs more
    norm = sum(float(g.square().sum()) for g in gradients if g is not None)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if gradient is not None:
                parameter.sub_(gradient * 0.1 * float(before) / norm)
    assert float(of(inputs).detach()) < float(before.detach())


def test_l2_sp_is_half_the_squared_distance_of_what_moves(small_learner: Learner) -> None:
    of = retention.penalty("l2_sp", small_learner)
    assert of is not None
    first, *others = small_learner.body.parameters()
    for parameter in others:
        parameter.requires_grad_(False)
    with torch.no_grad():
        first.add_(0.5)
        others[0].add_(1.0)
    expected = retention.L2_SP / 2 * 0.25 * first.numel()
    assert float(of(torch.empty(0)).detach()) == pytest.approx(expected, rel=1e-5)


def test_the_features_to_keep_are_those_of_the_base_as_it_was(small_learner: Learner) -> None:
    of = retention.penalty("ldifs", small_learner)
    assert of is not None
    inputs = torch.randn(BATCH)
    start = {n: v.clone() for n, v in small_learner.body.state_dict().items()}
    moved(small_learner, 0.05)
    assert float(of(inputs).detach()) > 0
    of(inputs).backward()
    torch.optim.SGD(small_learner.body.parameters(), lr=0.1).step()
    small_learner.body.load_state_dict(start)
    assert float(of(inputs).detach()) == pytest.approx(0, abs=1e-6)
