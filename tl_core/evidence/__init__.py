"""Measure a dataset under a base: how far, how separable, and what works without the base."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tl_core import catalog, wording
from tl_core.analysis import unseen
from tl_core.catalog import Base
from tl_core.data import measured
from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.data.split import split
from tl_core.engine import features as feature_store
from tl_core.engine import inherit, precision, probe
from tl_core.engine.modality import Backbone, Modality, Raw, modality_of
from tl_core.engine.setup import by_stage, every_depth, reporter
from tl_core.errors import Cancelled
from tl_core.evidence import volume as volume_meter
from tl_core.evidence.controls import untrained
from tl_core.evidence.distance import distance_word
from tl_core.evidence.look import Seen, look_at
from tl_core.i18n import _
from tl_core.spec import Controls, Evidence, Hits

LIMIT = 2000
"""Examples measured at most, sampled by class: beyond that the intervals hardly narrow."""
STEP_COST = 4.1  # a full training step in forward passes, see benchmarks/throughput.json

Emit = Callable[..., Any]
Ask = Callable[[], bool]


def measure(
    dataset: Dataset,
    base_id: str,
    *,
    size: int | None,
    seed: int,
    val_fraction: float,
    emit: Emit,
    should_continue: Ask,
) -> Evidence:
    """Return the evidence for `dataset` under `base_id`, from the store where it was measured.

    Only training examples are read, at most 2,000 of them, sampled by class.

    Args:
        dataset: an imported dataset.
        base_id: what `catalog.find` takes.
        size: picture edge in pixels; None for the base's own.
        seed: seeds the split, the sample, the folds and the untrained network.
        val_fraction: share held out where the data bring no validation split.
        emit: called with an event kind and its fields.
        should_continue: asked now and then; False ends the measurement.

    Raises:
        InputError: if the base is unknown, cannot be had, or reads other things.
        Cancelled: if `should_continue` said no.
    """
    started = time.monotonic()
    base = catalog.find(base_id)
    catalog.require_reads(base, dataset.modality)
    catalog.require_unseen(base, unseen.in_tests(dataset))
    known = _known(dataset, base, size or base.size, val_fraction=val_fraction, seed=seed)
    if known is not None:
        return known
    precision.keep_freed_memory()
    modality = modality_of(dataset.modality)
    backbone = inherit.load_backbone(base, size=size, pretrained=True)
    backbone.body.to(precision.device())
    rows = sample(dataset, val_fraction=val_fraction, seed=seed)
    emit(
        "phase",
        phase="decode",
        what=wording.reading(dataset.modality),
        stages=[stage.name for stage in backbone.stages],
    )
    examples = modality.open_examples(dataset, rows, backbone)
    labels = np.array([dataset.examples[row].label for row in rows], dtype=np.int64)
    seen = look_at(backbone, examples, labels, len(dataset.classes), emit, should_continue)
    evidence = _judge(
        _Task(dataset, rows, labels, modality, backbone, examples, seed),
        seen,
        emit,
        should_continue,
        started,
    )
    measured.write_evidence(dataset, evidence, val_fraction=val_fraction)
    return evidence


def _known(
    dataset: Dataset, base: Base, size: int | None, *, val_fraction: float, seed: int
) -> Evidence | None:
    """Return what was measured before; None too where the size is known only to the network."""
    if size is None:
        return None
    return measured.read_evidence(
        dataset, base.id, size=size, val_fraction=val_fraction, seed=seed, weights=base.weights
    )


def sample(dataset: Dataset, *, val_fraction: float, seed: int) -> tuple[int, ...]:
    """Return the rows that are measured: training examples, at most LIMIT, evenly by class."""
    train = split(dataset, val_fraction=val_fraction, seed=seed).train
    if len(train) <= LIMIT:
        return train
    share = LIMIT / len(train)
    rng = np.random.default_rng(seed)
    by_class: dict[int, list[int]] = {label: [] for label in range(len(dataset.classes))}
    for row in train:
        by_class[dataset.examples[row].label].append(row)
    chosen: list[int] = []
    for members in by_class.values():
        count = min(len(members), max(probe.FOLDS, round(share * len(members))))
        chosen += rng.choice(members, count, replace=False).tolist()
    return tuple(sorted(chosen))


@dataclass(frozen=True)
class _Task:
    dataset: Dataset
    rows: tuple[int, ...]
    labels: probe.Ints
    modality: Modality
    backbone: Backbone
    examples: Raw
    seed: int


def _judge(task: _Task, seen: Seen, emit: Emit, should_continue: Ask, started: float) -> Evidence:
    emit(
        "phase", phase="probe", what=_("Testing how well the frozen base tells your classes apart")
    )
    groups = components([ties_of(task.dataset.examples[row]) for row in task.rows])
    divided = probe.divisions(task.labels, groups, task.seed)
    held_out = divided[0]
    vectors = seen.features.last.numpy()
    prepared = probe.prepare(vectors)
    linear = probe.repeatedly(prepared, task.labels, divided)
    neighbours = probe.nearest_neighbours(vectors, task.labels, divided)
    labels = torch.from_numpy(task.labels)
    _ask(should_continue)
    emit("phase", phase="volume", what=_("Measuring what more examples would bring"))
    learning = volume_meter.curve(prepared, task.labels, held_out, linear.hits, task.seed)
    foretold = volume_meter.volume(learning, task.labels, task.dataset.classes, task.seed)
    stage_probes = by_stage(task.backbone, seen.features, labels, held_out)
    everything = every_depth(seen.features, labels, divided)
    _ask(should_continue)
    controls = _controls(task, held_out, emit, should_continue)
    late = seen.shift.late if seen.shift else None
    leep = seen.overlap.leep_per_log_c if seen.overlap else None
    return Evidence(
        dataset=task.dataset.id,
        base=task.backbone.base.id,
        size=task.backbone.size,
        seed=task.seed,
        n=len(task.rows),
        classes=len(task.dataset.classes),
        distance=distance_word(
            late, None if task.backbone.base.tuned else leep, task.modality.name
        ),
        shift=seen.shift,
        shift_expected=seen.shift_expected,
        source_confidence=seen.overlap.source_confidence if seen.overlap else None,
        leep_per_log_c=leep,
        zero_training=seen.overlap.zero_training if seen.overlap else None,
        knn=neighbours,
        linear_probe=linear.accuracy,
        multi_stage_probe=everything,
        stage_probes=stage_probes,
        controls=controls,
        stages=task.backbone.stages,
        reading=task.examples.reading(),
        volume=foretold,
        source_entropy=seen.overlap.source_entropy if seen.overlap else None,
        source_spread=seen.overlap.source_spread if seen.overlap else None,
        probe_gap=round(linear.fitted - linear.accuracy.value, 4),
        probe_hits=_hits(task, held_out, linear.probes[0]),
        weights=task.backbone.base.weights,
        forward_per_second=seen.forward_per_second,
        train_per_second=round(seen.forward_per_second / STEP_COST, 1),
        seconds=round(time.monotonic() - started, 2),
    )


def _hits(task: _Task, held_out: tuple[probe.Ints, ...], linear: probe.Probe) -> Hits:
    """Return which examples the probe got right, with a name for what it was asked."""
    asked = hashlib.sha256("\n".join(task.dataset.examples[row].key for row in task.rows).encode())
    for part in (task.labels, *held_out):
        asked.update(part.astype("<i8").tobytes() + b"|")
    right = "".join("1" if hit else "0" for hit in linear.predicted == task.labels)
    return Hits(asked.hexdigest(), right)


def _controls(
    task: _Task, held_out: tuple[probe.Ints, ...], emit: Emit, should_continue: Ask
) -> Controls:
    """Return what works without the base: a plain encoding, and the network before it learned."""
    emit("phase", phase="controls", what=_("Checking what works without the base model"))
    raw = probe.prepare(task.examples.raw().numpy())
    plain = probe.cross_validate(raw, task.labels, held_out)
    _ask(should_continue)
    blank = untrained(
        task.modality,
        task.backbone.base,
        size=task.backbone.size,
        examples=task.examples,
        seed=task.seed,
    )
    report = reporter(emit, should_continue, _("examples seen untrained"))
    noise = feature_store.compute(blank.chain, task.examples, report)
    chance = probe.cross_validate(probe.prepare(noise.numpy()), task.labels, held_out)
    return Controls(random_init=chance.accuracy, **{task.examples.control: plain.accuracy})


def _ask(should_continue: Ask) -> None:
    if not should_continue():
        raise Cancelled(_("The measurement was stopped."))
