"""What moves moves, what is frozen stays, bit for bit."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.engine.handmade import untrained_backbone
from tl_core.engine import adapters
from tl_core.engine.features import stage_widths
from tl_core.engine.learner import (
    Head,
    Learner,
    count_moving,
    head_gradients,
    moved_state,
    parameter_groups,
    rates_of,
    set_moving,
)
from tl_core.engine.modality import Backbone
from tl_core.engine.strategies import TRANSFORMERS, TRANSFORMERS_WIDTH, WITH_BATCHNORM, Phase


@pytest.fixture
def learner(lite0: Backbone) -> Learner:
    return Learner(lite0, 3)


def _names(backbone: Backbone) -> tuple[str, ...]:
    return tuple(stage.name for stage in backbone.stages)


def test_a_step_changes_the_thawed_stage_and_nothing_else(
    lite0: Backbone, learner: Learner
) -> None:
    before = {k: v.clone() for k, v in learner.state_dict().items()}
    phase = Phase("thaw:7", 1, ("7",), body_lr=0.1)
    set_moving(learner, lite0.stage_of, phase)
    torch.nn.init.normal_(learner.head.linear.weight)
    groups = parameter_groups(learner, _names(lite0), lite0.stage_of, phase)
    optimizer = torch.optim.SGD(groups)
    torch.nn.functional.cross_entropy(
        learner(torch.randn(4, 3, 64, 64)), torch.tensor([0, 1, 2, 0])
    ).backward()
    optimizer.step()
    after = learner.state_dict()
    changed = {k for k in before if not torch.equal(before[k], after[k])}
    stages = {lite0.stage_of.get(k.removeprefix("body.")) for k in changed if "head." not in k}
    assert stages == {"7"}
    assert not any("running" in k for k in changed)  # BatchNorm statistics stay the base's
    learner.load_state_dict(before)


def test_rates_fall_towards_the_input(lite0: Backbone, learner: Learner) -> None:
    phase = Phase("full", 1, _names(lite0), head_lr=1e-3, body_lr=1e-4, decay=2.0)
    set_moving(learner, lite0.stage_of, phase)
    groups = parameter_groups(learner, _names(lite0), lite0.stage_of, phase)
    assert [g["name"] for g in groups] == ["head", *reversed(_names(lite0))]
    assert [g["lr"] for g in groups] == [1e-3, *(1e-4 / 2**d for d in range(len(groups) - 1))]


def test_statistics_move_only_without_a_past(lite0: Backbone, learner: Learner) -> None:
    set_moving(learner, lite0.stage_of, Phase("scratch", 1, _names(lite0), learns_statistics=True))
    assert learner.body.training
    set_moving(learner, lite0.stage_of, Phase("full", 1, _names(lite0)))
    assert not learner.body.training


def test_only_what_moved_is_kept(lite0: Backbone, learner: Learner) -> None:
    stage_of = lite0.stage_of
    set_moving(learner, stage_of, Phase("head", 1))
    only_head = moved_state(learner, statistics=False)
    assert set(only_head) == {"head.linear.weight", "head.linear.bias", "head.mean", "head.spread"}
    set_moving(learner, stage_of, Phase("thaw:7", 1, ("7",)))
    with_stage = moved_state(learner, statistics=False)
    kept = {name.removeprefix("body.") for name in with_stage if name.startswith("body.")}
    assert kept == {name for name, stage in stage_of.items() if stage == "7"}
    with_statistics = moved_state(learner, statistics=True)
    assert "body.bn1.running_mean" in with_statistics
    kept_weight = with_stage["head.linear.weight"]
    learner.head.linear.weight.data.add_(1)
    assert not torch.equal(kept_weight, learner.head.linear.weight)  # a copy, not a view


def test_adapters_are_one_group_of_their_own(small_learner: Learner) -> None:
    adapters.add(small_learner.body, adapters.targets(small_learner.body), seed=0)
    phase = Phase("adapter", 1, head_lr=1e-3, body_lr=1e-2, adapters=True)
    set_moving(small_learner, {}, phase)
    head, own = parameter_groups(small_learner, ("stem",), {}, phase)
    assert (head["lr"], own["lr"], own["name"]) == (1e-3, 1e-2, "adapters")
    named = small_learner.body.named_parameters()
    assert {id(p) for p in own["params"]} == {id(p) for n, p in named if adapters.is_adapter(n)}


def test_a_learner_begins_at_any_segment_or_looks_at_all(lite0: Backbone) -> None:
    inputs = torch.randn(2, 3, 64, 64)
    learner = Learner(lite0, 3)
    value = inputs
    with torch.inference_mode():
        whole = learner.features(inputs)
        for start, segment in enumerate(learner.chain.segments):
            torch.testing.assert_close(learner.features(value, start), whole)
            value = segment(value)
        every = Learner(lite0, 3, all_depths=True)
        seen = every.features(inputs)
        assert seen.shape[1] == every.head.linear.in_features == sum(stage_widths(lite0))
        torch.testing.assert_close(seen[:, -1280:], whole)
        assert every(inputs).shape == (2, 3)


def test_counting_what_moves(lite0: Backbone, learner: Learner) -> None:
    set_moving(learner, lite0.stage_of, Phase("head", 1))
    assert count_moving(learner) == 1280 * 3 + 3


def test_the_head_standardises_and_survives_dead_features() -> None:
    head = Head(3, 2)
    features = torch.tensor([[1.0, 5.0, 2.0], [3.0, 5.0, 4.0]])
    head.standardise_by(features)
    assert head.mean.tolist() == [2.0, 5.0, 3.0]
    assert head.spread.tolist() == [1.0, 1.0, 1.0]
    assert torch.isfinite(head(features)).all()


def test_the_heads_objective_is_scikit_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.linear_model import LogisticRegression

    monkeypatch.setattr("tl_core.engine.learner.CHUNK", 7)  # read piece by piece
    torch.manual_seed(0)
    x, y = torch.randn(40, 5), torch.arange(40) % 2
    theirs = LogisticRegression(C=1 / 3.0, tol=1e-8, max_iter=500).fit(x.numpy(), y.numpy())
    head = Head(5, 2)
    optimizer = torch.optim.LBFGS(
        head.parameters(), max_iter=200, line_search_fn="strong_wolfe", tolerance_grad=1e-9
    )

    def closure() -> float:
        optimizer.zero_grad()
        # Two symmetric rows hold the same penalty as one row of their difference when halved.
        return head_gradients(head, x, y, penalty=6.0)

    optimizer.step(closure)
    ours = (head.linear.weight[1] - head.linear.weight[0]).detach()
    torch.testing.assert_close(ours, torch.tensor(theirs.coef_[0]).float(), atol=2e-3, rtol=2e-3)
    direct = torch.nn.functional.cross_entropy(head(x), y)
    direct = direct + 6.0 / 80 * head.linear.weight.square().sum()
    assert closure() == pytest.approx(float(direct.detach()), rel=1e-5)


def test_the_head_standardises_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    features = torch.randn(50, 4) * 3 + 100
    whole, parts = Head(4, 2), Head(4, 2)
    whole.standardise_by(features)
    monkeypatch.setattr("tl_core.engine.learner.CHUNK", 7)
    parts.standardise_by(features)
    torch.testing.assert_close(parts.mean, whole.mean)
    torch.testing.assert_close(parts.spread, features.std(0, correction=0))


def test_rates_go_by_batchnorm_and_by_width() -> None:
    assert rates_of(untrained_backbone("test_resnet")) == WITH_BATCHNORM
    small = untrained_backbone("test_vit", 160)
    assert rates_of(small) == TRANSFORMERS
    wide = dataclasses.replace(small, width=2 * TRANSFORMERS_WIDTH)
    assert rates_of(wide).adapter == pytest.approx(TRANSFORMERS.adapter / 2)
    assert rates_of(wide).body == pytest.approx(TRANSFORMERS.body / 2)
