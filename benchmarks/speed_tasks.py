"""What `speed.py` times: one task per process, its figures as JSON on the last line.

    python benchmarks/speed_tasks.py TASK '{"size_px": 224, …}'

Every task imports what it needs first and says how long that took. THAW_HOME is expected to be
empty, so that nothing was computed before.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from timed_runs import BASE, Figures, Told, pictures, run

BEGAN = time.monotonic()
BATCH = 32
FORWARD_BATCH = 64
WARM_UP_STEPS = 2


def import_engine() -> float:
    """Import all that a training process imports; returns the seconds since it began."""
    import tl_core.engine.train  # noqa: F401
    from tl_core.engine.modality import modality_of

    modality_of("picture")
    return time.monotonic() - BEGAN


def frozen(size_px: int) -> Figures:
    """From picture files to a fitted, validated head on the frozen base."""
    imports = import_engine()
    told = Told()
    dataset = pictures("ants_bees", 0, 0)
    result = run(dataset, "linear_probe", told, size=size_px)
    judged = [at for at, fields in told.epochs() if fields["phase"] == "head"]
    return {
        "import_seconds": imports,
        "seconds": judged[-1],
        "first_validated_seconds": judged[0],
        "whole_seconds": result["ended_at"],
        "pictures": len(dataset.examples),
        "accuracy": result["best"]["val_accuracy"],
    }


def fastai_frozen(size_px: int) -> Figures:
    """The same with fastai: one epoch of the new head on the base."""
    import fastai_peer

    from tl_core import catalog

    imports = time.monotonic() - BEGAN
    fastai_peer.set_seed(0)
    began = time.monotonic()
    dataset = pictures("ants_bees", 0, 0)
    data = fastai_peer.loaders(dataset, size_px, workers=None)
    learner = fastai_peer.learner_of(data, catalog.find(BASE).architecture)
    learner.fit_one_cycle(1, slice(2e-3), pct_start=0.99)  # as `fine_tune` begins
    seconds = time.monotonic() - began
    accuracy = float(learner.recorder.values[-1][-1])
    return {"import_seconds": imports, "seconds": seconds, "accuracy": accuracy}


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


def full_rate(size_px: int, epochs: int) -> Figures:
    """Pictures per second of full fine-tuning as the engine reports it."""
    result = run(
        pictures("ants_bees", 0, 0),
        "full_fine_tune",
        Told(),
        size=size_px,
        epochs=epochs,
        patience=0,
    )
    return {"images_per_second": result["images_per_second"]}


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


def full_phase(epochs: int, rate: float | None = None) -> Any:
    """Return the phase in which everything moves; with `rate` all at that one rate."""
    from tl_core import catalog
    from tl_core.engine import strategies

    stages = tuple(stage.name for stage in catalog.find(BASE).stages)
    if rate is not None:
        return strategies.Phase("full", epochs, stages, head_lr=rate, body_lr=rate)
    return strategies.Phase(
        "full", epochs, stages, body_lr=strategies.WITH_BATCHNORM.body, decay=strategies.FULL_DECAY
    )


def whole_run(size_px: int, per_class: int, epochs: int, own_split: bool) -> Figures:
    """A whole run of full fine-tuning beside the training steps in it."""
    from tl_core.data.split import split

    dataset = pictures("cifar10", per_class, 0)
    if own_split:
        given = [replace(e, split="") for e in dataset.examples if e.split == "train"]
        dataset = replace(dataset, examples=tuple(given))
    told = Told()
    result = run(dataset, "full_fine_tune", told, size=size_px, epochs=epochs, patience=0)
    full = [fields for _, fields in told.epochs() if fields["phase"] == "full"]
    parts = split(dataset, val_fraction=0.2, seed=0)
    steps = len(full) * len(parts.train) / result["images_per_second"]
    return {
        "pictures": len(dataset.examples),
        "held_out": len(parts.val),
        "full_epochs": len(full),
        "steps_seconds": steps,
        "run_seconds": result["ended_at"] - result["opened_at"],
        "whole_seconds": result["ended_at"],
        "judging_seconds": sum(fields["judging_seconds"] for _, fields in told.epochs()),
    }


def epoch_cost(size_px: int, per_class: int, epochs: int, last_stage_only: bool) -> Figures:
    """What an epoch costs with the last stage thawed, or with all."""
    from tl_core import catalog
    from tl_core.engine import strategies
    from tl_core.engine.caches import VIEWS

    last = catalog.find(BASE).stages[-1].name
    rung = strategies.Phase(
        f"thaw:{last}", epochs, (last,), body_lr=strategies.WITH_BATCHNORM.body, must_pay=True
    )
    head = strategies.head_first(1)
    plan = (head, rung if last_stage_only else full_phase(epochs))
    strategy = "gradual_unfreezing" if last_stage_only else "full_fine_tune"
    told = Told()
    run(pictures("cifar10", per_class, 0), strategy, told, plan, size=size_px, patience=0)
    rows = [fields for _, fields in told.epochs()]
    spent = [now["seconds"] - before["seconds"] for before, now in itertools.pairwise(rows)]
    judged = [fields["judging_seconds"] for fields in rows[1:]]
    trained = [s - j for s, j in zip(spent, judged, strict=True)]
    # The head's epoch is passed over, and those that fill the cache: one per view.
    first = 1 + (VIEWS if last_stage_only else 1)
    first = min(first, len(spent) - 1)
    return {
        "seconds": statistics.median(trained[first:]),
        "seconds_with_judging": statistics.median(spent[first:]),
        "first_epochs_seconds": trained[1:first],
    }


def time_to(
    size_px: int, target: float, strategy: str, seed: int, epochs: int, rate: float | None = None
) -> Figures:
    """Seconds until validation accuracy first reaches a target; null if it never does."""
    import_engine()
    plan = None if rate is None else (full_phase(epochs, rate),)
    dataset = pictures("sign_digits", 20, seed)
    told = Told(lambda fields: bool(fields["val_accuracy"] >= target))
    result = run(dataset, strategy, told, plan, size=size_px, seed=seed, epochs=epochs, patience=0)
    return {
        "seconds": told.enough_at,
        "ended_at": result["ended_at"],
        "best": max(fields["val_accuracy"] for _, fields in told.epochs()),
    }


def memory(folder: str, strategy: str, size_px: int, epochs: int) -> Figures:
    """Peak memory of a run on a folder of pictures."""
    from measuring import folder_dataset
    from memory import PeakMemory

    with PeakMemory() as peak:
        dataset = folder_dataset(Path(folder))
        result = run(dataset, strategy, Told(), size=size_px, epochs=epochs, patience=0)
    return {
        "pictures": len(dataset.examples),
        "peak_anonymous_mb": peak.anonymous,
        "peak_resident_mb": peak.resident,
        "seconds": result["ended_at"],
    }


def text_features(texts: int) -> Figures:
    """Features of film reviews, a sentence each, after every layer; the base is there already."""
    imports = import_engine()
    from tl_core import catalog
    from tl_core.engine import features
    from tl_core.engine.modality import modality_of

    dataset = pictures("sst2", 0, 0)
    modality = modality_of("text")
    base = catalog.find(catalog.default_base("text"))
    began = time.monotonic()
    backbone = modality.load_backbone(base, size=None, pretrained=True)
    loaded = time.monotonic()
    examples = modality.open_examples(dataset, range(texts), backbone)
    found = features.pooled(backbone, examples, lambda done, total: None)
    return {
        "import_seconds": imports,
        "load_seconds": loaded - began,
        "seconds": time.monotonic() - loaded,
        "texts": len(found.values),
        "median_tokens": statistics.median(examples.lengths),
    }


def text_lora(per_class: int, adapter_epochs: int) -> Figures:
    """A whole run of LoRA on film reviews, after the head; the test part is left out."""
    imports = import_engine()
    from tl_core import catalog
    from tl_core.engine import strategies

    dataset = pictures("sst2", per_class, 0)
    kept = tuple(example for example in dataset.examples if example.split != "test")
    dataset = replace(dataset, examples=kept)
    head = strategies.head_first(3)
    rate = strategies.TRANSFORMERS.adapter
    adapter = strategies.Phase("adapter", adapter_epochs, body_lr=rate, adapters=True)
    told, base = Told(), catalog.default_base("text")
    result = run(dataset, "lora", told, (head, adapter), base=base, patience=0)
    moments = [(at, fields["phase"]) for at, fields in told.epochs()]
    return {
        "import_seconds": imports,
        "training_sentences": 2 * per_class,
        "adapter_epochs": sum(phase == "adapter" for _at, phase in moments),
        "seconds": moments[-1][0],
        "adapter_seconds": moments[-1][0] - max(at for at, phase in moments if phase == "head"),
        "whole_seconds": result["ended_at"],
    }


TASKS = (
    frozen,
    fastai_frozen,
    bare_forward,
    full_rate,
    plain_loop,
    own_loop,
    whole_run,
    epoch_cost,
    time_to,
    memory,
    text_features,
    text_lora,
)


if __name__ == "__main__":
    chosen = {task.__name__: task for task in TASKS}[sys.argv[1]]
    print(json.dumps(chosen(**json.loads(sys.argv[2]))))
