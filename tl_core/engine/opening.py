"""Opening a run: everything up to its first epoch, or to where its checkpoint says."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator

from tl_core import files
from tl_core.catalog import tuned
from tl_core.data.dataset import Dataset
from tl_core.engine import augment, checkpoint, forgetting, ladder, phase, precision, together
from tl_core.engine.caches import VIEWS
from tl_core.engine.checkpoint import Progress
from tl_core.engine.evaluate import Source
from tl_core.engine.learner import rates_of
from tl_core.engine.modality import Variation
from tl_core.engine.record import Actions, Run, none
from tl_core.engine.setup import (
    Ask,
    Bench,
    Emit,
    FrozenFeatures,
    frozen_features,
    prepare,
    probe_sample,
    probe_stages,
    reporter,
)
from tl_core.engine.strategies import Phase, phases
from tl_core.errors import InputError
from tl_core.i18n import _
from tl_core.spec import RunSpec

SHOWN = 4  # examples on the sheet of what the model sees


def open_run(
    spec: RunSpec,
    dataset: Dataset,
    strategy: str,
    run_dir: Path,
    emit: Emit,
    should_continue: Ask,
    next_actions: Actions = none,
    *,
    plan: Sequence[Phase] | None = None,
    bench: Bench | None = None,
) -> Run:
    """Set a run up to its first epoch, or to where its checkpoint says; see `train_run`.

    Args:
        plan: phases that take the place of the strategy's own.
        bench: what to work with, its body untouched, where that is prepared already.
    """
    precision.keep_freed_memory()
    accelerator = Accelerator(
        cpu=precision.device().type == "cpu", mixed_precision=precision.mixed_precision()
    )
    if together.rank() > 0:  # known only now that the processes have met
        emit = silent
    else:
        tuned.withdraw(run_dir)
    kept = checkpoint.load(run_dir)
    progress, model, optimizer = kept or (Progress(), {}, {})
    is_trial, bench = bench is not None, bench or prepare(spec, dataset, strategy, emit=emit)
    frozen = _first_head(bench, strategy, emit, should_continue)
    known = None
    if frozen is not None and not is_trial:
        known = _reference(bench, frozen, spec, emit, should_continue)
    if plan is None and strategy == "gradual_unfreezing" and not progress.cuts:
        progress.cuts = together.agreed(lambda: _cuts(bench, frozen, spec.seed, emit))
    run = Run(
        spec=spec,
        strategy=strategy,
        bench=bench,
        plan=_phases(bench, strategy, spec.epochs, progress, plan),
        folder=run_dir,
        emit=emit,
        should_continue=should_continue,
        progress=progress,
        frozen=frozen,
        accelerator=accelerator,
        source=Source(bench.train.examples, bench.train.examples, bench.val.examples),
        known=known,
        next_actions=next_actions,
    )
    if kept is not None:
        if not progress.stop_reason:
            phase.enter(run, resumed=True)
            run.optimizer.load_state_dict(optimizer)
        bench.learner.load_state_dict(model, strict=False)
        emit("resumed", epoch=progress.epoch)
    elif any(not part.cached for part in run.plan):
        progress.ways = together.agreed(lambda: _safe_ways(run))
    run.began = time.monotonic()
    return run


def _first_head(
    bench: Bench, strategy: str, emit: Emit, should_continue: Ask
) -> FrozenFeatures | None:
    """Make the head ready for what it will see first; return the features where there are any."""
    if strategy == "from_scratch":
        torch.nn.init.trunc_normal_(bench.learner.head.linear.weight, std=0.02)
        return None
    frozen = frozen_features(bench, emit, should_continue)
    bench.learner.head.standardise_by(frozen.seen(frozen.train))
    return frozen


def _reference(
    bench: Bench, frozen: FrozenFeatures, spec: RunSpec, emit: Emit, should_continue: Ask
) -> forgetting.Reference:
    """Look at the watched examples through the untouched base, to know later what is left of it."""
    report = reporter(emit, should_continue, _("examples of its own kind seen by the base"))
    with together.main_first():
        return forgetting.reference(bench, frozen, spec.source_folder, report)


def _phases(
    bench: Bench,
    strategy: str,
    epochs: int | None,
    progress: Progress,
    instead: Sequence[Phase] | None,
) -> tuple[Phase, ...]:
    """Return what the run goes through: as people have changed it, or else as it was planned."""
    if progress.plan:
        return tuple(Phase(**part) for part in progress.plan)
    if instead is not None:
        return tuple(instead)
    rates = rates_of(bench.backbone)
    return phases(strategy, bench.stages, epochs, len(bench.train), progress.cuts, rates)


def silent(kind: str, /, **fields: Any) -> None:
    """Take the place of `emit` in all processes but the main one."""


def _cuts(bench: Bench, frozen: FrozenFeatures | None, seed: int, emit: Emit) -> tuple[int, ...]:
    """Choose where each rung begins, by how well each stage's features tell the classes apart."""
    assert frozen is not None
    found = probe_stages(bench, frozen, seed)
    first = ladder.first_cut([p.accuracy for p in found], len(probe_sample(bench, seed)[0]))
    starts = bench.backbone.chain.first_stage
    costs = [stage.cost for stage in bench.backbone.stages]
    chosen = ladder.cuts(costs, None if first is None else starts[first])
    emit(
        "ladder",
        stage_probes=[asdict(p) for p in found],
        rungs=[bench.stages[cut] for cut in chosen],
    )
    return chosen


def _safe_ways(run: Run) -> tuple[str, ...]:
    """Find out which changes of examples keep their class; written down for all to see."""
    bench, spec = run.bench, run.spec
    backbone = bench.backbone
    if run.frozen is None:  # the control learns from the same pictures as the others
        try:
            backbone = prepare(spec, bench.dataset, "linear_probe", emit=silent).backbone
        except InputError:  # the base is not here; without it nothing can be found safe
            return ()
    part = bench.train
    found = augment.trials(
        backbone,
        part.examples,
        part.labels,
        bench.groups(),
        seed=spec.seed,
        features=run.frozen.train.last if run.frozen else None,
    )
    ways = tuple(trial.way for trial in found if trial.safe)
    show(run, ways)
    run.emit("augmentation", **augment.told(found))
    return ways


def show(run: Run, ways: tuple[str, ...], strength: int = 0) -> None:
    """Write a picture of what the model will see: some examples, each with its variations."""
    examples = run.bench.train.examples
    rows = np.random.default_rng(run.spec.seed).permutation(len(examples))[:SHOWN].tolist()
    variations = [Variation(run.spec.seed, turn, ways, strength) for turn in range(1, VIEWS)]
    sheet = examples.sheet(rows, variations)
    if sheet is not None:
        files.write_atomically(run.folder / "artifacts" / "seen.jpg", sheet)
