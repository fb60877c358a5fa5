"""A chain computes what its network does, and a joined norm learns what the two layers would."""

from __future__ import annotations

import copy
import logging

import pytest
import torch
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.norm_act import BatchNormAct2d
from torch import nn

from tests.engine.handmade import untrained_backbone
from tl_core.engine.chain import Chain, NormedConv, borders, cut
from tl_core.engine.modality import Backbone

BODIES = {
    "test_resnet": 64,
    "test_vit": 160,
    "test_efficientnet": 64,
    "test_convnext": 64,
    "mobilenetv3_small_050": 64,
}


def through(chain: Chain, inputs: torch.Tensor, start: int = 0) -> torch.Tensor:
    for segment in chain.segments[start:]:
        inputs = segment(inputs)
    return inputs


@pytest.mark.parametrize("name", BODIES)
def test_a_chain_computes_what_its_network_computes(name: str) -> None:
    backbone = untrained_backbone(name, BODIES[name])
    inputs = torch.randn(3, 3, backbone.size, backbone.size)
    with torch.no_grad():
        expected, told = backbone.body(inputs), through(backbone.chain, inputs)
    assert expected.std() > 0
    torch.testing.assert_close(told, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
    assert len(backbone.chain.segments) == len(backbone.stages)
    assert backbone.chain.first_stage == tuple(range(len(backbone.stages)))


def test_the_chain_of_the_real_base(lite0: Backbone) -> None:
    inputs = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected, told = lite0.body(inputs), through(lite0.chain, inputs)
    torch.testing.assert_close(told, expected, rtol=1e-3, atol=1e-4)
    assert len(lite0.chain.segments) == len(lite0.stages) == 8
    joined = [m for s in lite0.chain.segments for m in s.modules() if isinstance(m, NormedConv)]
    norms = [m for m in lite0.body.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(joined) == len(norms) == 49


def test_borders_name_what_leaves_each_segment(lite0: Backbone) -> None:
    names = [stage.name for stage in lite0.stages]
    found = borders(lite0.body, lite0.stage_of, names)
    last = [str(list(s.graph.nodes)[-1].args[0]) for s in lite0.chain.segments]  # type: ignore[union-attr]
    assert list(found) == last[:-1]


def test_a_stage_is_entered_at_the_segment_that_holds_it() -> None:
    chain = Chain((nn.Identity(), nn.Identity(), nn.Identity()), (0, 2, 5))
    assert [chain.start_of(stage) for stage in range(7)] == [0, 0, 1, 1, 1, 2, 2]


def test_segments_share_the_parameters_of_the_network(lite0: Backbone) -> None:
    own = {id(p) for p in lite0.body.parameters()}
    shared = {id(p) for s in lite0.chain.segments for p in s.parameters()}
    assert shared == own


def pair(
    kind: type, norm: type, *, stride: int = 2, groups: int = 1
) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(1)
    conv = kind(4, 8, 3, stride=stride, padding=1 if kind is nn.Conv2d else 0, groups=groups)
    normed = norm(8)
    nn.init.uniform_(normed.weight, 0.5, 1.5)
    nn.init.normal_(normed.bias)
    nn.init.normal_(normed.running_mean)
    nn.init.uniform_(normed.running_var, 0.5, 2.0)
    return conv, normed


@pytest.mark.parametrize("norm", [nn.BatchNorm2d, BatchNormAct2d])
@pytest.mark.parametrize("kind", [nn.Conv2d, Conv2dSame])
@pytest.mark.parametrize("groups", [1, 4])
def test_joined_layers_give_the_same_outputs_and_gradients(
    kind: type, norm: type, groups: int
) -> None:
    conv, normed = pair(kind, norm, groups=groups)
    joined = NormedConv(copy.deepcopy(conv), copy.deepcopy(normed)).eval()
    normed.eval()
    inputs = torch.randn(3, 4, 9, 9)
    weights = torch.randn(8)[:, None, None]
    ours, theirs = joined(inputs), normed(conv(inputs))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    (ours * weights).sum().backward()
    (theirs * weights).sum().backward()
    expected = {f"conv.{n}": p.grad for n, p in conv.named_parameters()}
    expected |= {f"norm.{n}": p.grad for n, p in normed.named_parameters()}
    assert set(expected) == {"conv.weight", "conv.bias", "norm.weight", "norm.bias"}
    for name, parameter in joined.named_parameters():
        torch.testing.assert_close(parameter.grad, expected[name], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("groups", "format_of_weights"), [(1, torch.bfloat16), (8, torch.float32)])
def test_gradients_of_convolutions_in_groups_keep_full_precision(
    groups: int, format_of_weights: torch.dtype
) -> None:
    torch.manual_seed(0)
    conv, norm = nn.Conv2d(8, 8, 3, padding=1, groups=groups), nn.BatchNorm2d(8).eval()
    inputs = torch.randn(2, 8, 6, 6, dtype=torch.bfloat16)
    expected = norm(conv(inputs.float()))
    seen = []
    with torch.autocast("cpu", torch.bfloat16), torch.autograd.graph.saved_tensors_hooks(
        lambda t: (seen.append(t.dtype) if t.shape[:1] == (8,) and t.ndim == 4 else None, t)[1],
        lambda t: t,
    ):  # fmt: skip
        outputs = NormedConv(conv, norm)(inputs)
    assert outputs.dtype == torch.bfloat16
    assert format_of_weights in seen
    torch.testing.assert_close(outputs.float(), expected, rtol=2e-2, atol=2e-2)
    outputs.float().sum().backward()
    assert conv.weight.grad is not None
    assert conv.weight.grad.dtype == torch.float32


def test_joined_layers_learn_statistics_as_a_batchnorm_does() -> None:
    conv, normed = pair(nn.Conv2d, nn.BatchNorm2d)
    joined = NormedConv(copy.deepcopy(conv), copy.deepcopy(normed)).train()
    normed.train()
    inputs = torch.randn(5, 4, 9, 9) * 3 + 1
    torch.testing.assert_close(joined(inputs), normed(conv(inputs)))
    torch.testing.assert_close(joined.norm.running_mean, normed.running_mean)
    torch.testing.assert_close(joined.norm.running_var, normed.running_var)
    assert not torch.equal(
        joined.norm.running_mean, pair(nn.Conv2d, nn.BatchNorm2d)[1].running_mean
    )


def test_layers_that_are_not_a_factor_and_a_shift_stay_apart() -> None:
    conv = nn.Conv2d(3, 8, 3)
    assert NormedConv.fits(conv, nn.BatchNorm2d(8))
    assert not NormedConv.fits(conv, nn.BatchNorm2d(8, affine=False))
    assert not NormedConv.fits(conv, nn.BatchNorm2d(8, track_running_stats=False))
    assert not NormedConv.fits(conv, nn.GroupNorm(2, 8))
    assert not NormedConv.fits(nn.Conv2d(3, 8, 3, padding_mode="reflect"), nn.BatchNorm2d(8))
    assert not NormedConv.fits(nn.Linear(3, 8), nn.BatchNorm2d(8))


class Choosy(nn.Module):
    """A network that looks at its data to decide what to do, which no trace can follow."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        value = self.first(inputs)
        if value.sum() > 0:
            value = self.second(value)
        return value.mean((2, 3))


def stages_of(network: nn.Module) -> dict[str, str]:
    return {name: name.partition(".")[0] for name, _p in network.named_parameters()}


def test_a_network_that_cannot_be_traced_is_used_whole() -> None:
    network = Choosy().train()
    chain = cut(network, stages_of(network), ("first", "second"), torch.randn(1, 3, 8, 8))
    assert chain == Chain((network,), (0,))
    assert network.training  # left in the mode it was found in


class Skipping(nn.Module):
    """Two values cross the border between the second and the third stage."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, padding=1)
        self.third, self.fourth = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        value = self.first(inputs)
        other = self.third(self.second(value)) + value
        return self.fourth(other)


def test_stages_that_share_more_than_one_value_stay_together() -> None:
    network = Skipping().eval()
    names = ("first", "second", "third", "fourth")
    chain = cut(network, stages_of(network), names, torch.randn(1, 3, 8, 8))
    assert chain.first_stage == (0, 1, 3)
    inputs = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(through(chain, inputs), network(inputs))


class Unsteady(nn.Module):
    """A network whose trace would freeze a draw: the chain computes something else."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.calls = nn.Conv2d(3, 4, 3), 0

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return self.first(inputs) * self.calls


def test_a_chain_that_computes_something_else_is_not_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    network = Unsteady()
    with caplog.at_level(logging.WARNING):
        chain = cut(network, stages_of(network), ("first",), torch.randn(1, 3, 8, 8))
    assert chain.segments == (network,)
    assert "something else" in caplog.text
