"""The peer: fastai's documented fine-tuning, from the same weights on the same parts.

fastai is no part of this project and gets an environment of its own, which reads the project's
packages through a path file, so that PyTorch is not installed twice:

    python3.11 -m venv VENV
    echo "import site; site.addsitedir('$PWD/.venv/lib/python3.11/site-packages')" \\
        > VENV/lib/python3.11/site-packages/project.pth
    VENV/bin/pip install 'fastai==2.8.*'

`record.py --fastai VENV` and `speed.py --fastai VENV` use it. The recipe is the one of fastai's
quick start, `vision_learner(…).fine_tune(3)`: one epoch with the base frozen but for its
BatchNorm, then three with everything moving, pictures squeezed to size by `Resize`, no
augmentation, the default learning rate; the last epoch counts. Batches are of 32 as in ours.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import recordings
import timm
import torch
from cells import Cell
from fastai.vision import learner as fastai_learner
from fastai.vision.all import (
    CategoryBlock,
    DataBlock,
    DataLoaders,
    FuncSplitter,
    ImageBlock,
    Learner,
    ProgressCallback,
    Resize,
    accuracy,
    set_seed,
    vision_learner,
)
from memory import PeakMemory
from samples import dataset_of

from tl_core import catalog
from tl_core.data.dataset import Dataset

BATCH = 32
FROZEN_EPOCHS, EPOCHS = 1, 3
PHASES = ("fastai:frozen",) * FROZEN_EPOCHS + ("fastai:all",) * EPOCHS


def packaged(architecture: str, pretrained: bool = False, **options: Any) -> torch.nn.Module:
    """Make a timm network; with the weights of the catalog's package instead of a download."""
    model = _create(architecture, pretrained=False)
    if pretrained:
        base = next(b for b in catalog.all_bases() if b.architecture == architecture)
        path = catalog.weights_path(base)
        assert path is not None
        theirs = torch.load(path, map_location="cpu", weights_only=True)
        ours = model.state_dict()  # other names for the same tensors in the same order
        model.load_state_dict(dict(zip(ours, theirs.values(), strict=True)))
    model.reset_classifier(options["num_classes"])
    return model


_create = timm.create_model
fastai_learner.timm.create_model = packaged


def loaders(dataset: Dataset, size_px: int, *, workers: int | None) -> DataLoaders:
    """Return the pictures as fastai reads them; validation keeps its order."""
    names = list(dataset.classes)
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock(vocab=names)),
        get_x=lambda example: example.path,
        get_y=lambda example: names[example.label],
        splitter=FuncSplitter(lambda example: example.split == "val"),
        item_tfms=Resize(size_px),
    )
    options = {} if workers is None else {"num_workers": workers}
    return block.dataloaders(list(dataset.examples), bs=BATCH, **options)


def learner_of(data: DataLoaders, architecture: str) -> Learner:
    """Return fastai's learner with the base frozen."""
    learner = vision_learner(data, architecture, metrics=accuracy)
    learner.remove_cb(ProgressCallback)
    return learner


def record(cell: Cell, threads: int, out: Path) -> None:
    """Fine-tune the cell and keep it like one of ours."""
    torch.set_num_threads(threads)
    dataset = dataset_of(cell)
    set_seed(cell.seed)
    began = time.monotonic()
    with PeakMemory() as peak:
        learner = learner_of(
            loaders(dataset, cell.size, workers=0), catalog.find(cell.base).architecture
        )
        learner.fine_tune(EPOCHS, freeze_epochs=FROZEN_EPOCHS)
        seconds = time.monotonic() - began
        epochs = epochs_of(learner)  # before anything else is judged, which would replace them
        arrays = judged(learner, dataset)
    result = {
        "stop_reason": "epochs",
        "best": {k: epochs[-1][k] for k in ("epoch", "val_loss", "val_accuracy")},
        "seconds": seconds,
        "whole_seconds": time.monotonic() - began,
        "images_per_second": None,
        "trainable_parameters": sum(p.numel() for p in learner.model.parameters()),
        "peak_anonymous_mb": peak.anonymous,
        "peak_resident_mb": peak.resident,
    }
    recordings.write(cell, settings_of(dataset, threads), epochs, [], result, arrays, out)


def epochs_of(learner: Learner) -> list[dict[str, Any]]:
    """Return the figures of the last epochs; of the frozen one fastai keeps no record."""
    kept = list(learner.recorder.values)
    return [
        {
            "epoch": len(PHASES) - len(kept) + place + 1,
            "phase": phase,
            "train_loss": float(train_loss),
            "val_loss": float(val_loss),
            "val_accuracy": float(right),
        }
        for place, (phase, (train_loss, val_loss, right)) in enumerate(
            zip(PHASES[-len(kept) :], kept, strict=True)
        )
    ]


def judged(learner: Learner, dataset: Dataset) -> dict[str, Any]:
    """Return what is known of each validation picture after the last epoch."""
    with learner.no_bar(), learner.no_logging():
        probabilities, _labels = learner.get_preds(ds_idx=1)
    held = [example for example in dataset.examples if example.split == "val"]
    labels = torch.tensor([example.label for example in held])
    own = probabilities[torch.arange(len(held)), labels].clamp_min(1e-7)
    best, predicted = probabilities.max(1)
    return {
        "example": [int(example.key[:8], 16) for example in held],
        "label": labels.numpy(),
        "predicted": predicted.numpy(),
        "probability": best.numpy(),
        "val_losses": -np.log(own.numpy())[None],
    }


def settings_of(dataset: Dataset, threads: int) -> dict[str, Any]:
    """Return under which circumstances the cell was recorded."""
    import fastai

    parts = [example.split for example in dataset.examples]
    return {
        "threads": threads,
        "precision": "no",
        "classes": list(dataset.classes),
        "train": parts.count("train"),
        "val": parts.count("val"),
        "groups": len({e.group for e in dataset.examples if e.group}),
        "engine": f"fastai {fastai.__version__}",
    }
