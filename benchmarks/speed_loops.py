"""Bare loops for `speed.py` to compare with: a forward pass, and training without an engine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from timed_runs import BASE, Figures, full_phase, pictures

BATCH = 32
FORWARD_BATCH = 64
WARM_UP_STEPS = 2


def bare_forward(size_px: int, decoding: bool) -> Figures:
    """One pass of all pictures through the base, in the engine's number format."""
    import torch

    from tl_core import catalog
    from tl_core.engine import precision
    from tl_core.engine.modality.vision import VISION

    body = VISION.load_backbone(catalog.find(BASE), size=size_px, pretrained=True).body.eval()
    paths = [example.path for example in pictures("ants_bees", 0, 0).examples]

    def parts() -> Iterator[Any]:
        for start in range(0, len(paths), FORWARD_BATCH):
            yield decoded(paths[start : start + FORWARD_BATCH], size_px)

    ready = None if decoding else list(parts())
    with torch.inference_mode(), precision.autocast():
        body(torch.zeros(FORWARD_BATCH, 3, size_px, size_px))
        began = time.monotonic()
        for inputs in ready or parts():
            body(inputs)
    return {"seconds": time.monotonic() - began, "pictures": len(paths)}


def decoded(paths: Sequence[Path], size_px: int) -> Any:
    """Read pictures as any program would: shrink, cut the middle out, normalise."""
    import numpy as np
    import torch
    from PIL import Image, ImageOps

    def read(path: Path) -> Any:
        with Image.open(path) as picture:
            picture.draft("RGB", (size_px, size_px))
            square = ImageOps.fit(picture.convert("RGB"), (size_px, size_px))
        return torch.from_numpy(np.array(square)).permute(2, 0, 1)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pixels = torch.stack(list(pool.map(read, paths)))
    return (pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def plain_loop(size_px: int, steps: int) -> Figures:
    """The loop of every tutorial on ready batches: NCHW, float32, BatchNorm in training."""
    import timm
    import torch

    model = timm.create_model(BASE, num_classes=2).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    inputs, labels = ready_batch(size_px)

    def step() -> None:
        loss = torch.nn.functional.cross_entropy(model(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return {"images_per_second": rate(step, steps)}


def own_loop(size_px: int, steps: int) -> Figures:
    """Bare steps of the engine's own network on ready batches."""
    import torch

    from tl_core import catalog
    from tl_core.engine import precision
    from tl_core.engine.learner import Learner, parameter_groups, set_moving
    from tl_core.engine.modality.vision import VISION

    precision.keep_freed_memory()
    backbone = VISION.load_backbone(catalog.find(BASE), size=size_px, pretrained=True)
    learner, stages = Learner(backbone, 2), [stage.name for stage in backbone.stages]
    phase = full_phase(1)
    set_moving(learner, backbone.stage_of, phase)
    groups = parameter_groups(learner, stages, backbone.stage_of, phase)
    optimizer = torch.optim.AdamW(groups)
    inputs, labels = ready_batch(size_px)
    inputs = inputs.contiguous(memory_format=torch.channels_last)

    def step() -> None:
        with precision.autocast():
            loss = torch.nn.functional.cross_entropy(learner(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return {"images_per_second": rate(step, steps)}


def ready_batch(size_px: int) -> tuple[Any, Any]:
    """Return random inputs and their labels."""
    import torch

    torch.manual_seed(0)
    return torch.randn(BATCH, 3, size_px, size_px), torch.arange(BATCH) % 2


def rate(step: Callable[[], None], steps: int) -> float:
    """Return pictures per second over some steps, after a few to warm up."""
    for _ in range(WARM_UP_STEPS):
        step()
    began = time.monotonic()
    for _ in range(steps):
        step()
    return BATCH * steps / (time.monotonic() - began)
