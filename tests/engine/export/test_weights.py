"""Weights that timm loads by itself."""

from __future__ import annotations

from pathlib import Path

import timm
import torch
from safetensors.torch import load_file

from tl_core import files
from tl_core.engine.export import weights
from tl_core.engine.export.network import portable
from tl_core.engine.rebuild import Rebuilt


def test_timm_loads_the_folder_as_it_lies(small: Rebuilt, tmp_path: Path) -> None:
    weights.write(tmp_path, portable(small), small.backbone, ["[b]", "class 1"])
    loaded = timm.create_model(f"local-dir:{tmp_path}", pretrained=True).eval()
    pixels = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(loaded(pixels), small.learner(pixels), atol=1e-4)
    assert loaded.pretrained_cfg["label_names"] == ["[b]", "class 1"]
    assert list(loaded.pretrained_cfg["input_size"]) == [3, 64, 64]
    assert files.read_json(tmp_path / "config.json")["num_classes"] == 2


def test_a_head_without_a_place_lies_beside(wide: Rebuilt, tmp_path: Path) -> None:
    made = portable(wide)
    weights.write(tmp_path, made, wide.backbone, ["0", "1"])
    head = load_file(tmp_path / "head.safetensors")
    assert head["weight"].shape == (2, wide.learner.head.mean.shape[0])
    assert files.read_json(tmp_path / "config.json")["num_classes"] == 0
    assert timm.create_model(f"local-dir:{tmp_path}", pretrained=True).num_classes == 0
