"""Drawn data, small networks, and runs whose every word is kept, for all tests of the engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from tl_core import catalog
from tl_core.data.dataset import Dataset, Example
from tl_core.engine import adapters
from tl_core.engine.learner import Learner
from tl_core.engine.modality import Backbone
from tl_core.engine.modality.vision import VISION
from tl_core.engine.record import Run
from tl_core.engine.strategies import Phase
from tl_core.engine.train import advance, open_run, summary, train_run
from tl_core.files import sha256_of
from tl_core.spec import RunSpec

EDGE = 64
PER_CLASS = 14


def draw_pictures(
    folder: Path, *, classes: int = 2, per_class: int = PER_CLASS, edge: int = 96
) -> Dataset:
    """Draw discs, squares and bars in noise; a quarter of them is held out."""
    rng = np.random.default_rng(0)
    examples = []
    for label in range(classes):
        for number in range(per_class):
            noise = rng.integers(0, 90, (edge, edge, 3), dtype=np.uint8)
            image = Image.fromarray(noise)
            x, y, r = (int(v) for v in rng.integers((20, 20, 14), (76, 76, 20)))
            colour = tuple(int(c) for c in rng.integers(120, 255, 3))
            pen = ImageDraw.Draw(image)
            if label == 0:
                pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
            elif label == 1:
                pen.rectangle((x - r, y - r, x + r, y + r), outline=colour, width=3)
            else:
                pen.rectangle((x - r, y - 2, x + r, y + 2), fill=colour)
            path = folder / f"{label}-{number}.png"
            image.save(path)
            split = "val" if number % 4 == 3 else "train"
            examples.append(
                Example(
                    key=sha256_of(path),
                    path=path,
                    label=label,
                    split=split,
                    group="",
                    name=path.name,
                )
            )
    return Dataset(
        id="drawn",
        name="drawn",
        classes=tuple(f"class {n}" for n in range(classes)),
        examples=tuple(examples),
        source="",
        created=0.0,
        fingerprint=f"drawn-{classes}-{per_class}",
    )


def untrained_backbone(name: str, size: int = EDGE) -> Backbone:
    """Return a timm network with weights drawn from seed 0 and statistics unlike 0 and 1."""
    torch.manual_seed(0)
    backbone = VISION.load_backbone(catalog.find(f"timm:{name}"), size=size, pretrained=False)
    for module in backbone.body.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.7, 1.3)
            torch.nn.init.normal_(module.bias, std=0.1)
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
    return backbone


def adapted(learner: Learner, backbone: Backbone) -> None:
    """Put adapters into the learner's body and cut its chain anew."""
    adapters.add(learner.body, backbone.adapted, seed=0)
    learner.chain = backbone.cut(adapters.stages_of(learner.body, backbone.stage_of))


Events = list[dict[str, Any]]


@dataclass
class Told:
    """What a run has told, each event checked to be plain JSON."""

    events: Events = field(default_factory=list)

    def __call__(self, event: str, /, **fields: Any) -> None:
        json.dumps(fields, allow_nan=False)
        self.events.append({"event": event, **fields})

    def of(self, event: str) -> Events:
        """Return the events of one kind."""
        return [e for e in self.events if e["event"] == event]

    @property
    def val_losses(self) -> dict[int, float]:
        """Epoch -> validation loss."""
        return {e["epoch"]: e["val_loss"] for e in self.of("epoch")}


def train(
    spec: RunSpec,
    dataset: Dataset,
    folder: Path,
    ask: Callable[[], bool] = lambda: True,
) -> tuple[dict[str, Any], Told]:
    """Train in `folder` as `spec` asks; returns the result and what was told."""
    told = Told()
    folder.mkdir(exist_ok=True)
    result = train_run(spec, dataset, spec.strategy, folder, told, ask)
    json.dumps(result, allow_nan=False)
    return result, told


STAGES = ("stem", "1", "2", "3", "4", "5", "6", "7")
"""Of the real base."""

PLANS = {
    "linear_probe": [Phase("head", 3, head_steps=(2,))],
    "multi_stage_probe": [Phase("head", 3, head_steps=(2,), from_ridge=True)],
    "gradual_unfreezing": [
        Phase("head", 1, head_steps=(1,)),
        Phase("thaw:7", 2, STAGES[7:], head_lr=1e-3, body_lr=1e-3),
        Phase("thaw:6", 1, STAGES[6:], head_lr=1e-3, body_lr=1e-3),
    ],
    "lora": [Phase("adapter", 2, head_lr=1e-3, body_lr=2e-3, adapters=True)],
    "full_fine_tune": [Phase("full", 2, STAGES, head_lr=1e-3, body_lr=3e-4, decay=1.33)],
}
"""Short plans in which what the strategy moves is sure to be better than what was before."""


@dataclass(frozen=True)
class Finished:
    """A run at its end."""

    run: Run
    folder: Path
    result: dict[str, Any]
    told: Told


def opened(
    spec: RunSpec, dataset: Dataset, folder: Path, plan: list[Phase] | None = None
) -> tuple[Run, Told]:
    """Open a run in `folder`, by a plan of its own where one is given."""
    told = Told()
    folder.mkdir(exist_ok=True)
    run = open_run(spec, dataset, spec.strategy, folder, told, lambda: True, plan=plan)
    return run, told


def finish(spec: RunSpec, dataset: Dataset, folder: Path) -> Finished:
    """Run the short plan of a strategy to its end."""
    run, told = opened(spec, dataset, folder, PLANS[spec.strategy])
    advance(run)
    result = summary(run)
    json.dumps(result, allow_nan=False)
    return Finished(run, folder, result, told)
