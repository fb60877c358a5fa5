"""Networks as graphs: ONNX for any runtime, torch.export for PyTorch without the model's code."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch.export import Dim

from tl_core.engine.export.network import Portable

ONNX, PT2 = "model.onnx", "model.pt2"
MOST = 4096  # examples of a batch
FEWEST_TOKENS = 2  # tracing takes a length of 1 for a special case; scripts fill up to 2
OPSET = 18  # the oldest that torch's exporter writes without converting; onnxruntime 1.14 reads it


def write_onnx(path: Path, portable: Portable) -> None:
    """Write the network as one ONNX file; the batch, and the length of texts, may vary."""
    with _quietly():
        torch.onnx.export(
            portable.network,
            portable.inputs,
            path,
            input_names=list(portable.names),
            output_names=["logits"],
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=_shapes(portable),
            external_data=False,
            verbose=False,
        )


def write_pt2(path: Path, portable: Portable) -> None:
    """Write the network as a torch.export program; the same may vary."""
    with _quietly():
        program = torch.export.export(
            portable.network, portable.inputs, dynamic_shapes=_shapes(portable), strict=False
        )
        torch.export.save(program, path)


def _shapes(portable: Portable) -> tuple[dict[int, Any], ...]:
    batch = Dim("batch", min=1, max=MOST)
    if len(portable.inputs) == 1:
        return ({0: batch},)
    tokens = Dim("tokens", min=FEWEST_TOKENS, max=portable.longest)
    return tuple({0: batch, 1: tokens} for _input in portable.inputs)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep what the exporters say of their own inside from people who cannot act on it."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            torch.inference_mode(False),
            torch.no_grad(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
