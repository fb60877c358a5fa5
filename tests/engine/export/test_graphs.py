"""Graphs say the same for any size of a batch, features of all stages included."""

from __future__ import annotations

from pathlib import Path

import onnxruntime
import pytest
import torch

from tl_core.engine.export import graphs
from tl_core.engine.export.network import portable
from tl_core.engine.rebuild import Rebuilt


def test_a_program_takes_any_batch(wide: Rebuilt, tmp_path: Path) -> None:
    made = portable(wide)
    graphs.write_pt2(tmp_path / "model.pt2", made)
    loaded = torch.export.load(tmp_path / "model.pt2").module()
    for count in (1, 5):
        pixels = torch.rand(count, 3, 64, 64)
        with torch.inference_mode():
            assert torch.allclose(loaded(pixels), wide.learner(pixels), atol=1e-4)


def test_onnx_takes_any_batch(wide: Rebuilt, tmp_path: Path) -> None:
    made = portable(wide)
    path = tmp_path / "model.onnx"
    graphs.write_onnx(path, made)
    assert [p.name for p in tmp_path.iterdir()] == ["model.onnx"]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for count in (1, 5):
        pixels = torch.rand(count, 3, 64, 64)
        (told,) = session.run(["logits"], {"pixels": pixels.numpy()})
        with torch.inference_mode():
            assert told == pytest.approx(wide.learner(pixels).numpy(), abs=1e-4)
