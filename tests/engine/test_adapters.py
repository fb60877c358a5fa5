"""Adapters begin as nothing, are all that moves, and end as part of the weights."""

from __future__ import annotations

import copy

import pytest
import timm
import torch
from torch import nn

from tests.engine.handmade import adapted, untrained_backbone
from tl_core.engine import adapters
from tl_core.engine.chain import NormedConv
from tl_core.engine.learner import Learner, set_moving
from tl_core.engine.modality import Backbone
from tl_core.engine.strategies import Phase
from tl_core.errors import InputError

SIZES = {"test_vit": 160, "test_efficientnet": 64, "test_resnet": 64}


def disturb(learner: Learner) -> None:
    """Give every adapter something to add."""
    torch.manual_seed(3)
    for name, parameter in learner.body.named_parameters():
        if adapters.is_adapter(name):
            nn.init.normal_(parameter, std=0.05)


@pytest.mark.parametrize("name", ["test_vit", "test_efficientnet", "tf_efficientnet_lite0"])
def test_no_adapter_sits_on_a_depthwise_layer_or_a_spatial_one(name: str) -> None:
    body = timm.create_model(name, num_classes=0)
    found = [body.get_submodule(target) for target in adapters.targets(body)]
    assert found
    for layer in found:
        assert isinstance(layer, nn.Linear) or (layer.groups == 1 and layer.kernel_size == (1, 1))


def test_where_1_x_1_layers_hold_little_every_ungrouped_one_is_adapted() -> None:
    body = timm.create_model("resnet18", num_classes=0)
    found = {body.get_submodule(target) for target in adapters.targets(body)}
    assert found == {m for m in body.modules() if isinstance(m, nn.Conv2d)}
    assert any(m.kernel_size == (3, 3) for m in found)
    grouped = timm.create_model("test_byobnet", num_classes=0)
    for target in adapters.targets(grouped):
        layer = grouped.get_submodule(target)
        assert isinstance(layer, nn.Linear) or layer.groups == 1


def test_a_network_without_a_place_for_them_is_refused() -> None:
    body = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4))
    assert adapters.targets(body) == []
    with pytest.raises(InputError) as refused:
        adapters.add(body, adapters.targets(body), seed=0)
    assert "no layer" in refused.value.issues[0].message


@pytest.mark.parametrize("name", SIZES)
def test_added_adapters_change_nothing_and_merged_ones_neither(name: str) -> None:
    backbone = untrained_backbone(name, SIZES[name])
    learner = Learner(backbone, 2)
    inputs = torch.randn(2, 3, backbone.size, backbone.size)
    names = [n for n, _p in learner.body.named_parameters()]
    with torch.no_grad():
        before = learner.body(inputs)
        adapted(learner, backbone)
        torch.testing.assert_close(learner.body(inputs), before)
        torch.testing.assert_close(learner.features(inputs), before, rtol=1e-3, atol=1e-4)
        disturb(learner)
        changed, by_chain = learner.body(inputs), learner.features(inputs)
        assert (changed - before).abs().max() > 1e-2
        torch.testing.assert_close(by_chain, changed, rtol=1e-3, atol=1e-3)
        adapters.merge(learner.body)
        assert (learner.body(inputs) - changed).abs().max() < 1e-4 * changed.abs().max()
    assert [n for n, _p in learner.body.named_parameters()] == names


def test_the_real_base_is_adapted_and_merged(lite0: Backbone) -> None:
    backbone = copy.deepcopy(lite0)
    learner = Learner(backbone, 2)
    inputs = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        before = learner.features(inputs)
        adapted(learner, backbone)
        torch.testing.assert_close(learner.features(inputs), before, rtol=1e-3, atol=1e-4)
        disturb(learner)
        changed = learner.features(inputs)
        assert (changed - before).abs().max() > 1e-2
        adapters.merge(learner.body)
        assert (learner.body(inputs) - changed).abs().max() < 1e-4
    assert [n for n, _p in learner.body.named_parameters()] == [
        n for n, _p in lite0.body.named_parameters()
    ]
    joined = [m for s in learner.chain.segments for m in s.modules() if isinstance(m, NormedConv)]
    assert len(joined) == 49  # an adapted convolution is joined with its norm all the same


def test_only_adapters_and_the_head_move() -> None:
    backbone = untrained_backbone("test_efficientnet")
    learner = Learner(backbone, 2)
    adapted(learner, backbone)
    set_moving(learner, backbone.stage_of, Phase("adapter", 1, body_lr=0.1, adapters=True))
    nn.init.normal_(learner.head.linear.weight)
    before = {n: v.clone() for n, v in learner.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in learner.parameters() if p.requires_grad], lr=0.1)
    for _step in range(2):  # A gets a gradient only once B is no longer zero
        optimizer.zero_grad()
        learner(torch.randn(3, 3, 64, 64)).square().sum().backward()
        optimizer.step()
    changed = {n for n, v in learner.state_dict().items() if not torch.equal(v, before[n])}
    assert {n for n in changed if n.startswith("head.")} == {
        "head.linear.weight", "head.linear.bias"
    }  # fmt: skip
    inside = {n for n in changed if n.startswith("body.")}
    assert inside
    assert all(adapters.is_adapter(n) for n in inside)
    assert any("lora_A" in n for n in inside)
    assert any("lora_B" in n for n in inside)


def test_the_weight_that_acts_passes_gradients_to_both_matrices() -> None:
    body = nn.Sequential(nn.Conv2d(4, 6, 1))
    assert adapters.weight_of(body[0]) is body[0].weight
    adapters.add(body, ["0"], seed=0)
    layer = body[0]
    for name, parameter in layer.named_parameters():
        if "lora_" in name:
            nn.init.normal_(parameter)
    weight = adapters.weight_of(layer)
    inputs = torch.randn(2, 4, 3, 3)
    told = nn.functional.conv2d(inputs, weight, layer.base_layer.bias)
    torch.testing.assert_close(told, layer(inputs))
    told.square().sum().backward()
    ours = {n: p.grad.clone() for n, p in layer.named_parameters() if "lora_" in n}
    layer.zero_grad()
    layer(inputs).square().sum().backward()
    theirs = {n: p.grad for n, p in layer.named_parameters() if "lora_" in n}
    assert len(ours) == 2
    for name, gradient in ours.items():
        torch.testing.assert_close(gradient, theirs[name], rtol=1e-3, atol=1e-3)


def test_parameters_of_an_adapted_body_keep_their_stage() -> None:
    backbone = untrained_backbone("test_efficientnet")
    plain = dict(backbone.stage_of)
    adapters.add(backbone.body, backbone.adapted, seed=0)
    found = adapters.stages_of(backbone.body, plain)
    assert set(found) == {n for n, _p in backbone.body.named_parameters()}
    for name, stage in found.items():
        layer = name.split(".lora_")[0].replace(".base_layer", "")
        assert stage in {s for n, s in plain.items() if n.startswith(layer.rpartition(".")[0])}
        if not adapters.is_adapter(name):
            assert stage == plain[name.replace(".base_layer", "")]


def test_equal_seeds_give_equal_adapters() -> None:
    def drawn(seed: int) -> dict[str, torch.Tensor]:
        body = nn.Sequential(nn.Linear(16, 16))
        adapters.add(body, ["0"], seed=seed)
        return {n: p for n, p in body.named_parameters() if adapters.is_adapter(n)}

    first, same, other = drawn(1), drawn(1), drawn(2)
    assert all(torch.equal(first[n], same[n]) for n in first)
    assert not all(torch.equal(first[n], other[n]) for n in first)
