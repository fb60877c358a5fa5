"""What a run needs before its first epoch: network, examples, features, the split."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tl_core import catalog, wording
from tl_core.analysis import unseen
from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.data.split import split
from tl_core.engine import features, inherit, precision, probe, ridge, together
from tl_core.engine.features import Pooled
from tl_core.engine.learner import Learner
from tl_core.engine.modality import Backbone, Raw, modality_of
from tl_core.engine.scores import accuracy
from tl_core.errors import Cancelled
from tl_core.i18n import _
from tl_core.spec import Accuracy, RunSpec, StageProbe

Emit = Callable[..., Any]
Ask = Callable[[], bool]

WATCHED = 256
"""Examples of a part, at most, on which what is not learned from is measured each epoch."""
WATCHED_LEAST = 64
"""As many at least, where there are so many: the share right of fewer is hardly known. A set for
which they cost more than EXTRA_SHARE is small, and so are its epochs."""
EXTRA_SHARE = 0.1
"""Of an epoch of training: what passes of examples that are not learned from may take of it."""
STEP_COST = 3.0
"""A training step in forward passes, at the least: that of adapters, see
`benchmarks/throughput.json`."""
PROBE_SAMPLE = 1000  # examples on which penalty and depth are chosen, at most
REPORT_SECONDS = 0.5


@dataclass(frozen=True)
class Part:
    """One part of the split."""

    rows: tuple[int, ...]
    examples: Raw
    labels: torch.Tensor
    """[n] class numbers."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Bench:
    """Everything a run works with; nothing in it changes but the learner's weights."""

    dataset: Dataset
    backbone: Backbone
    learner: Learner
    initial: dict[str, torch.Tensor]
    """The body as it was loaded, to return to."""
    train: Part
    check: tuple[int, ...]
    """Rows within `train` on which training loss is measured as validation loss is."""
    val: Part
    test_rows: tuple[int, ...]
    stages: tuple[str, ...]
    watched: tuple[int, ...] = ()
    """Rows within `val` on which, beside `check`, it is measured how much the base forgets."""

    def groups(self) -> list[int]:
        """Return [n] the group of each training example: near twins share one."""
        examples = [self.dataset.examples[row] for row in self.train.rows]
        return components([ties_of(example) for example in examples])


def prepare(spec: RunSpec, dataset: Dataset, strategy: str, *, emit: Emit) -> Bench:
    """Load the base, split the examples, and put a head on the base.

    Raises:
        InputError: if the base is unknown, cannot be had, or reads other things.
    """
    torch.manual_seed(spec.seed)
    pretrained = strategy != "from_scratch"
    modality = modality_of(dataset.modality)
    base = catalog.find(spec.base)
    catalog.require_reads(base, dataset.modality)
    catalog.require_unseen(
        base, unseen.in_training(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    )
    backbone = inherit.load_backbone(base, size=spec.size, pretrained=pretrained)
    backbone.body.to(precision.device())
    learner = Learner(
        backbone, len(dataset.classes), all_depths=strategy == "multi_stage_probe"
    ).to(precision.device())
    stages = tuple(stage.name for stage in backbone.stages)
    emit("phase", phase="prepare", what=wording.reading(dataset.modality), stages=list(stages))
    parts = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed)

    def opened(rows: Sequence[int]) -> Part:
        labels = torch.tensor([dataset.examples[row].label for row in rows])
        return Part(tuple(rows), modality.open_examples(dataset, rows, backbone), labels)

    train, val = opened(parts.train), opened(parts.val)
    check = affordable(len(train), has_source=bool(spec.source_folder))
    return Bench(
        dataset=dataset,
        backbone=backbone,
        learner=learner,
        initial=copy_of(learner.body),
        train=train,
        check=_some(len(train), check, spec.seed),
        val=val,
        test_rows=parts.test,
        stages=stages,
        watched=_some(len(val), WATCHED, spec.seed),
    )


def affordable(n: int, *, has_source: bool = False) -> int:
    """Return how many examples may be passed through the network each epoch besides.

    Args:
        n: training examples.
        has_source: whether as many examples of the base's own kind share what may be spent.
    """
    share = int(EXTRA_SHARE * STEP_COST * n)
    least, share = (WATCHED_LEAST // 2, share // 2) if has_source else (WATCHED_LEAST, share)
    return min(WATCHED, max(least, share))


def _some(n: int, most: int, seed: int) -> tuple[int, ...]:
    """Return at most so many of n rows, the same for the same seed."""
    chosen = np.random.default_rng(seed).permutation(n)[:most]
    return tuple(sorted(chosen.tolist()))


def copy_of(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return a copy of the module's state."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


@dataclass(frozen=True)
class FrozenFeatures:
    """Features of both parts under the untouched base."""

    train: Pooled
    val: Pooled
    all_depths: bool
    """Whether the head sees the features of every stage."""

    def seen(self, part: Pooled) -> torch.Tensor:
        """Return what the head sees of one part, [n, width]."""
        return part.values if self.all_depths else part.last


def frozen_features(bench: Bench, emit: Emit, should_continue: Ask) -> FrozenFeatures:
    """Run both parts through the untouched base once, or read what was kept.

    Raises:
        Cancelled: if `should_continue` said no.
    """
    report = reporter(emit, should_continue, _("examples seen by the base model"))
    with together.main_first():
        train = features.pooled(bench.backbone, bench.train.examples, report)
        val = features.pooled(bench.backbone, bench.val.examples, report)
    return FrozenFeatures(train, val, bench.learner.all_depths)


def choose_penalty(bench: Bench, frozen: FrozenFeatures, seed: int) -> float:
    """Return the head's L2 penalty by cross-validation on training features alone."""
    rows, held_out = probe_sample(bench, seed)
    labels = bench.train.labels.numpy()[rows]
    seen = frozen.seen(frozen.train)[rows].numpy()
    return probe.cross_validate(probe.prepare(seen), labels, held_out).penalty


def probe_sample(bench: Bench, seed: int) -> tuple[probe.Ints, tuple[probe.Ints, ...]]:
    """Return training rows to probe, at most PROBE_SAMPLE, and folds within them."""
    rows = np.sort(np.random.default_rng(seed).permutation(len(bench.train))[:PROBE_SAMPLE])
    groups = bench.groups()
    labels = bench.train.labels.numpy()[rows]
    return rows, probe.folds(labels, [groups[row] for row in rows], seed)


def probe_stages(bench: Bench, frozen: FrozenFeatures, seed: int) -> tuple[StageProbe, ...]:
    """Return how well a linear classifier on each stage's features tells the classes apart."""
    rows, held_out = probe_sample(bench, seed)
    labels = bench.train.labels[rows]
    part = Pooled(frozen.train.values[rows], frozen.train.widths)
    return by_stage(bench.backbone, part, labels, held_out)


def by_stage(
    backbone: Backbone, part: Pooled, labels: torch.Tensor, held_out: Sequence[probe.Ints]
) -> tuple[StageProbe, ...]:
    """Return the held-out accuracy of a ridge classifier on each segment's features."""
    folds = [torch.from_numpy(fold) for fold in held_out]
    classes = int(labels.max()) + 1
    found = []
    ends = (*backbone.chain.first_stage[1:], len(backbone.stages))
    for number, end in enumerate(ends):
        fitted = ridge.fit(ridge.standardised(part.stage(number)), labels, classes, folds)
        share = float((fitted.predicted == labels).float().mean())
        found.append(StageProbe(backbone.stages[end - 1].name, round(share, 4)))
    return tuple(found)


def every_depth(
    part: Pooled, labels: torch.Tensor, divided: Sequence[Sequence[probe.Ints]]
) -> Accuracy:  # fmt: skip
    """Return the held-out accuracy of a ridge classifier on the features of all stages.

    Args:
        part: the features.
        labels: [n] class numbers.
        divided: folds of each repeat; the accuracy is the mean over them, see `probe`.
    """
    standard, classes = ridge.standardised(part.values), int(labels.max()) + 1
    folds = [[torch.from_numpy(fold) for fold in held_out] for held_out in divided]
    fits = ridge.fit_each(standard, labels, classes, folds)
    right = sum(int((fitted.predicted == labels).sum()) for fitted in fits)
    return accuracy(right / len(divided), len(labels))


def reporter(emit: Emit, should_continue: Ask, what: str) -> Callable[[int, int], None]:
    """Return a progress function that reports at most twice a second and notices a stop.

    The function raises Cancelled when `should_continue` says no.
    """
    last = 0.0

    def report(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done < total and now - last < REPORT_SECONDS:
            return
        last = now
        if not should_continue():
            raise Cancelled(_("Stopped before there was anything to keep."))
        emit("step", what=what, done=done, total=total)

    return report
