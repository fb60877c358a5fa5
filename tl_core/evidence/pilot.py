"""A short trial thaw beside the linear probe: would letting the base move pay on these data?

On folds of the evidence's own cross-validation the head is fitted as the probe is, and the first
rung of the ladder trained for a few epochs from it; then each held-out example is right or wrong
under both. What lies in front of the thaw is computed once for all folds. No fold chooses anything:
it judges the weights of the last epoch. A thaw so short finds less than a whole ladder, so that its
gain is rather a lower bound (`benchmarks/pilot.json` compares the two).
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tl_core import catalog, wording
from tl_core.data.dataset import Dataset
from tl_core.data.groups import components, ties_of
from tl_core.engine import caches, features, inherit, ladder, precision, probe
from tl_core.engine.chosen import Chosen
from tl_core.engine.evaluate import logits, run
from tl_core.engine.learner import Learner, rates_of
from tl_core.engine.modality import Backbone, Raw, modality_of
from tl_core.engine.opening import open_run
from tl_core.engine.setup import Bench, Part, copy_of, reporter
from tl_core.engine.strategies import BATCH, Phase, head_first, phases
from tl_core.engine.train import advance
from tl_core.errors import Cancelled
from tl_core.evidence import STEP_COST, sample
from tl_core.evidence.clock import Clock
from tl_core.evidence.judged import Judged, summed
from tl_core.i18n import _
from tl_core.spec import Evidence, Pilot, RunSpec

HEAD_EPOCHS = 1
EPOCHS = 3
MIN_STEPS = 60
FOLDS = 3
"""Of the evidence's five: as much again would narrow the interval by a quarter."""
CHECKED = 32  # training examples looked at after each epoch, which the loop wants and nobody reads
TIMED = 64  # examples by which the pace is told

Emit = Callable[..., Any]
Ask = Callable[[], bool]


def measure(
    dataset: Dataset,
    evidence: Evidence,
    *,
    val_fraction: float,
    seconds: float,
    folder: Path,
    emit: Emit,
    should_continue: Ask,
) -> Pilot | None:
    """Return what a short thaw gains over the linear probe, on training examples alone.

    Args:
        dataset: an imported dataset.
        evidence: what was measured about it; its base, size, seed and stage probes are used.
        val_fraction: as it was measured with.
        seconds: of work, at most; pauses do not count.
        folder: where checkpoints may lie meanwhile.
        emit: called with an event kind and its fields.
        should_continue: asked before each batch; False ends it.

    Returns:
        None if the time did not suffice for one epoch of one fold.

    Raises:
        InputError: if the base cannot be had.
        Cancelled: if `should_continue` said no.
    """
    clock = Clock(seconds, should_continue)
    try:
        emit("phase", phase="prepare", what=wording.reading(dataset.modality))
        trial = _opened(dataset, evidence, val_fraction, emit, clock.has_time)
        emit("phase", phase="pilot", what=_("Trying a short thaw"))
        pace = _pace(trial, reporter(emit, clock.has_time, _("examples through the frozen part")))
    except Cancelled:
        if clock.is_stopped:
            raise
        return None
    plan = _plan(trial, pace, clock.left())
    judged: list[Judged] = []
    for number in range(plan.folds):
        with tempfile.TemporaryDirectory(dir=folder, prefix="pilot-") as place:
            fold = _fold(trial, number, plan, clock.left(), Path(place), emit, clock.ask)
        # One that was cut off counts where there is nothing better, if only by its whole epochs.
        if fold.epochs == plan.epochs or (fold.epochs and not judged):
            judged.append(fold)
        if fold.epochs < plan.epochs:
            break
    if not judged:
        return None
    wanted, done = _wanted(trial), _Plan(len(judged), judged[0].epochs)
    return summed(
        judged,
        folds=done.folds,
        epochs=done.epochs,
        steps=done.epochs * trial.batches,
        thaw_from=trial.thaw.thawed[0],
        seconds=round(seconds - clock.left(), 2),
        stopped_early=done != wanted,
    )


@dataclass(frozen=True)
class _Trial:
    """What all folds share."""

    dataset: Dataset
    spec: RunSpec
    rows: tuple[int, ...]
    labels: probe.Ints
    backbone: Backbone
    examples: Raw
    initial: dict[str, torch.Tensor]
    """The body as it was loaded."""
    held_out: tuple[probe.Ints, ...]
    probed: probe.Probe
    thaw: Phase

    @property
    def batches(self) -> int:
        """Of one epoch, while the first fold is held out."""
        return math.ceil((len(self.rows) - len(self.held_out[0])) / BATCH)


def _opened(
    dataset: Dataset, evidence: Evidence, val_fraction: float, emit: Emit, ask: Ask
) -> _Trial:
    """Open the examples that the evidence was measured on, and fit its linear probe again."""
    precision.keep_freed_memory()
    modality = modality_of(dataset.modality)
    base = catalog.find(evidence.base)
    backbone = inherit.load_backbone(base, size=evidence.size, pretrained=True)
    backbone.body.to(precision.device())
    rows = sample(dataset, val_fraction=val_fraction, seed=evidence.seed)
    examples = modality.open_examples(dataset, rows, backbone)
    labels = np.array([dataset.examples[row].label for row in rows], dtype=np.int64)
    groups = components([ties_of(dataset.examples[row]) for row in rows])
    held_out = probe.folds(labels, groups, evidence.seed)
    seen = features.pooled(backbone, examples, reporter(emit, ask, _("examples seen")))
    return _Trial(
        dataset=dataset,
        spec=RunSpec(
            "train",
            dataset.id,
            evidence.base,
            "gradual_unfreezing",
            size=evidence.size,
            seed=evidence.seed,
            patience=0,
        ),
        rows=rows,
        labels=labels,
        backbone=backbone,
        examples=examples,
        initial=copy_of(backbone.body),
        held_out=held_out,
        probed=probe.cross_validate(probe.prepare(seen.last.numpy()), labels, held_out),
        thaw=_first_rung(backbone, evidence),
    )


def _first_rung(backbone: Backbone, evidence: Evidence) -> Phase:
    """Return the first rung that gradual thawing would take, its last weights to be judged."""
    accuracies = [found.accuracy for found in evidence.stage_probes or ()]
    first = ladder.first_cut(accuracies, evidence.n) if accuracies else None
    starts = backbone.chain.first_stage
    costs = [stage.cost for stage in backbone.stages]
    cuts = ladder.cuts(costs, None if first is None else starts[first])[:1]
    stages = [stage.name for stage in backbone.stages]
    *_head, rung = phases("gradual_unfreezing", stages, None, evidence.n, cuts, rates_of(backbone))
    return replace(rung, must_pay=False, ends_as_it_is=True)


@dataclass(frozen=True)
class _Plan:
    folds: int
    epochs: int


def _wanted(trial: _Trial) -> _Plan:
    """Return what there would be with time enough."""
    epochs = max(EPOCHS, math.ceil(MIN_STEPS / trial.batches))
    return _Plan(min(FOLDS, len(trial.held_out)), epochs)


def _pace(trial: _Trial, progress: Callable[[int, int], None]) -> float:
    """Compute what lies in front of the thaw; return the seconds that the rest takes an example."""
    backbone = trial.backbone
    names = [stage.name for stage in backbone.stages]
    start = backbone.chain.start_of(names.index(trial.thaw.thawed[0]))
    kept = caches.stored(backbone, trial.examples, start, progress=progress) if start else None
    learner = Learner(backbone, len(trial.dataset.classes)).to(precision.device())
    rows = range(min(len(trial.rows), TIMED))
    began = 0.0
    for _turn in range(2):  # the first warms up
        began = time.monotonic()
        run(learner, lambda x: learner(x, start if kept else 0), kept or trial.examples, rows)
    return (time.monotonic() - began) / len(rows)


def _plan(trial: _Trial, pace: float, seconds: float) -> _Plan:
    """Return as many folds as there is time for, or else fewer epochs of one.

    Args:
        trial: what is to be tried.
        pace: seconds that the thawed part takes for an example, forwards.
        seconds: what is left; the clock has the last word.
    """
    wanted, held = _wanted(trial), len(trial.held_out[0])
    per_epoch = pace * (STEP_COST * (len(trial.rows) - held) + held + CHECKED)
    for folds in range(wanted.folds, 0, -1):
        if folds * wanted.epochs * per_epoch <= seconds:
            return replace(wanted, folds=folds)
    return _Plan(1, max(1, min(wanted.epochs, int(seconds / per_epoch))))


def _fold(
    trial: _Trial,
    number: int,
    plan: _Plan,
    seconds: float,
    folder: Path,
    emit: Emit,
    ask: Ask,
) -> Judged:
    """Train on all folds but one and judge that one."""

    def tell(kind: str, /, **fields: Any) -> None:
        if kind == "epoch" and fields["thawed"]:
            done = number * plan.epochs + fields["epoch"] - HEAD_EPOCHS
            emit("step", what=_("epochs"), done=done, total=plan.folds * plan.epochs)

    held = trial.held_out[number]
    trial.backbone.body.load_state_dict(trial.initial)
    bench = _bench(trial, held)
    steps = head_first(HEAD_EPOCHS), replace(trial.thaw, epochs=plan.epochs)
    spec, data = trial.spec, trial.dataset
    opened = open_run(spec, data, spec.strategy, folder, tell, ask, plan=steps, bench=bench)
    progress = opened.progress
    progress.penalty = trial.probed.penalty
    advance(opened, seconds)
    if progress.stop_reason == "person":
        raise Cancelled(_("The measurement was stopped."))
    is_sound = progress.phase == 1 and progress.stop_reason != "nan"
    epochs = progress.phase_epoch if is_sound else 0
    labels, source = trial.labels[held], opened.source
    given = logits(bench, source, source.val, range(len(held))) if epochs else None
    thawed = labels < 0 if given is None else given.argmax(1).numpy() == labels
    return Judged(trial.probed.predicted[held] == labels, thawed, epochs)


def _bench(trial: _Trial, held: probe.Ints) -> Bench:
    """Return what a run works with: all folds but one to train on, that one to judge by."""
    everything = np.arange(len(trial.rows))

    def part(places: probe.Ints) -> Part:
        return Part(
            tuple(trial.rows[place] for place in places),
            Chosen(trial.examples, tuple(places.tolist())),
            torch.from_numpy(trial.labels[places]),
        )

    train = part(np.setdiff1d(everything, held))
    learner = Learner(trial.backbone, len(trial.dataset.classes)).to(precision.device())
    return Bench(
        dataset=trial.dataset,
        backbone=trial.backbone,
        learner=learner,
        initial=trial.initial,
        train=train,
        check=tuple(range(min(CHECKED, len(train)))),
        val=part(held),
        test_rows=(),
        stages=tuple(stage.name for stage in trial.backbone.stages),
    )
