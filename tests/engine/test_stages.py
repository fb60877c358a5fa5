"""Networks are cut from early to late, completely, and their cost adds up."""

from __future__ import annotations

import pytest
import timm
import torch

from tl_core.engine.stages import MAX_BLOCK_STAGES, STEM, count_multiply_adds, cut_into_stages


@pytest.mark.parametrize(
    "name", ["test_efficientnet", "test_resnet", "test_vit", "test_convnext", "resnet18"]
)
def test_every_parameter_but_the_heads_belongs_to_one_stage(name: str) -> None:
    model = timm.create_model(name)
    head = {id(p) for p in model.get_classifier().parameters()}
    head_names = {n for n, p in model.named_parameters() if id(p) in head}
    stages, stage_of = cut_into_stages(model, head_names, torch.zeros(1, 3, 160, 160))
    names = {n for n, _ in model.named_parameters()}
    assert set(stage_of) == names - head_names
    assert stages[0].name == STEM
    assert [s.name for s in stages[1:]] == [str(n) for n in range(1, len(stages))]
    assert len(stages) <= MAX_BLOCK_STAGES + 1
    assert sum(s.cost for s in stages) == pytest.approx(1, abs=0.01)
    body = sum(p.numel() for p in model.parameters()) - sum(
        p.numel() for p in model.get_classifier().parameters()
    )
    assert sum(s.parameters for s in stages) == body


def test_multiply_adds_agree_with_the_published_figure() -> None:
    # EfficientNet-Lite0 is published with 407 M multiply-adds (batch normalisation and
    # activations included); convolutions and the linear layer alone come to 385 M.
    model = timm.create_model("tf_efficientnet_lite0")
    assert 3.7e8 < count_multiply_adds(model, torch.zeros(1, 3, 224, 224)) < 4.1e8


def test_a_deep_network_is_joined_to_few_stages() -> None:
    model = timm.create_model("vit_tiny_patch16_224")
    stages, _ = cut_into_stages(model, {"head.weight", "head.bias"}, torch.zeros(1, 3, 224, 224))
    assert len(stages) == 7  # a stem and twelve blocks in pairs
