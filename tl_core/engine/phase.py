"""Entering and leaving a phase: what moves, its optimizer, where its inputs come from."""

from __future__ import annotations

import contextlib
import math
from dataclasses import asdict, replace
from typing import Any

import torch

from tl_core.engine import (
    adapters,
    caches,
    checkpoint,
    evaluate,
    interpolate,
    ladder,
    retention,
    ridge,
    together,
)
from tl_core.engine.evaluate import Judged, Source
from tl_core.engine.learner import WEIGHT_DECAY, moved_state, parameter_groups, set_moving
from tl_core.engine.modality import Raw, Variation
from tl_core.engine.record import Run, write_best
from tl_core.engine.setup import copy_of, probe_sample, reporter
from tl_core.engine.strategies import Phase
from tl_core.errors import Cancelled
from tl_core.i18n import _

ROLLED_BACK = "rolled_back"
"""Why a phase is over that somebody asked to undo."""


def enter(run: Run, *, resumed: bool = False) -> None:
    """Set what moves and give it an optimizer; tell so unless the run is only going on."""
    phase = run.phase
    if phase.adapters:
        _add_adapters(run)
    bench = run.bench
    set_moving(bench.learner, bench.backbone.stage_of, phase)
    run.network = together.wrapped(bench.learner)
    if not resumed:
        _begin(run)
    if phase.cached:
        if phase.from_ridge and not resumed:
            _fit_ridge(run)
        run.optimizer = torch.optim.LBFGS(
            bench.learner.head.parameters(),
            line_search_fn="strong_wolfe",
        )
        return
    run.optimizer = _optimizer(run)
    run.penalty = (
        retention.penalty(run.spec.retention, bench.learner) if phase.name == "full" else None
    )
    run.pull = pull_of(run)
    if run.progress.phase_over:  # no epoch follows that would ask for it, but mixtures are judged
        supply(run)


def pull_of(run: Run) -> retention.Penalty | None:
    """Return what holds the weights nearer to the base, on top of what the request asks for."""
    steps = run.progress.pulls
    if not steps:
        return None
    held = retention.L2_SP if is_held(run) else 0.0
    weight = retention.L2_SP * retention.STEP ** (steps - 1 + bool(held))
    return retention.pull(run.bench.learner, run.bench.initial, weight - held)


def is_held(run: Run) -> bool:
    """Tell whether the request itself has the weights held near the base by L2-SP."""
    return run.spec.retention == "l2_sp" and run.phase.name == "full"


def _begin(run: Run) -> None:
    """Reset what is counted within a phase, and tell that it begins."""
    phase, bench, progress = run.phase, run.bench, run.progress
    progress.phase_over = ""
    progress.phase_epoch = progress.step = progress.since_best = progress.step_examples = 0
    progress.step_seconds = 0.0
    progress.entry, progress.entry_losses = dict(progress.best), progress.best_losses
    progress.rung = dict(progress.best)
    progress.phase_best = math.inf
    run.emit("phase", phase=phase.name, what=_what(phase), thawed=list(phase.thawed))
    if phase.thawed and list(phase.thawed) != progress.entry.get("thawed"):
        stage = "all" if len(phase.thawed) == len(bench.stages) else phase.thawed[0]
        run.emit("thaw", epoch=progress.epoch, stage=stage, thawed=list(phase.thawed))


def _what(phase: Phase) -> str:
    if phase.cached:
        return _("Training the new last layer on the frozen base")
    if phase.adapters:
        return _("Training small matrices beside the frozen weights (LoRA)")
    if phase.must_pay:
        return _("Training with stage {stage} and all later ones thawed").format(
            stage=phase.thawed[0]
        )
    if phase.learns_statistics:
        return _("Training everything from scratch")
    return _("Training everything, starting from the base")


def _add_adapters(run: Run) -> None:
    """Put adapters into the body, unless they are there, and cut its chain anew."""
    bench, learner = run.bench, run.bench.learner
    if any(adapters.is_adapter(name) for name, _parameter in learner.body.named_parameters()):
        return
    adapters.add(learner.body, bench.backbone.adapted, seed=run.spec.seed)
    learner.chain = bench.backbone.cut(adapters.stages_of(learner.body, bench.backbone.stage_of))
    run.bench = replace(bench, initial=copy_of(learner.body))


def _fit_ridge(run: Run) -> None:
    """Begin with the closed-form fit, its scores turned into calibrated probabilities."""
    assert run.frozen is not None
    bench, head = run.bench, run.bench.learner.head
    rows, held_out = probe_sample(bench, run.spec.seed)
    seen = run.frozen.seen(run.frozen.train)[rows]
    labels = bench.train.labels[rows]
    standard = (seen - head.mean.cpu()) / head.spread.cpu()
    folds = [torch.from_numpy(fold) for fold in held_out]
    fitted = ridge.fit(standard, labels, len(bench.dataset.classes), folds)
    factor = ridge.temperature(fitted.scores, labels)
    with torch.no_grad():
        head.linear.weight.copy_(factor * fitted.weights)
        head.linear.bias.copy_(factor * fitted.bias)
    right = int((fitted.predicted == labels).sum())
    run.emit("ridge", penalty=fitted.penalty, temperature=factor, right=right, n=len(labels))


def _optimizer(run: Run) -> torch.optim.AdamW:
    """Return an optimizer for what moves; what has moved before keeps its momentum."""
    bench, phase, before = run.bench, run.phase, run.optimizer
    groups = parameter_groups(bench.learner, bench.stages, bench.backbone.stage_of, phase)
    known = before.state if isinstance(before, torch.optim.AdamW) else {}
    for group in groups:
        group["peak"] = group["lr"]
        group["is_new"] = not any(parameter in known for parameter in group["params"])
    optimizer = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY)
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if parameter in known:
                optimizer.state[parameter] = known[parameter]
    return optimizer


def supply(run: Run) -> None:
    """Set where the coming epoch takes its inputs: from a cache, if a lower part is frozen.

    The first epoch of a phase learns from the view that all epochs are judged by, later ones from
    the varied views in turn; where more variation was asked for, from these alone. Whoever stops
    the run while one is computed is heard again before the first batch, which keeps the best.
    """
    phase, bench, spec = run.phase, run.bench, run.spec
    train, val = bench.train.examples, bench.val.examples
    run.source = Source(train, train, val)
    if phase.adapters or phase.learns_statistics or not phase.thawed:
        return
    start = bench.backbone.chain.start_of(bench.stages.index(phase.thawed[0]))
    if start == 0:
        return
    report = reporter(run.emit, run.should_continue, _("examples through the frozen part"))

    def kept(examples: Raw, variation: Variation | None = None) -> caches.Stored | None:
        return caches.stored(bench.backbone, examples, start, variation=variation, progress=report)

    strength = run.progress.strength()
    turn = _turn(run.progress.phase_epoch, strength) if train.varies else 0
    with together.main_first(), contextlib.suppress(Cancelled):
        check, judged = kept(train), kept(val)
        seen = (
            kept(train, Variation(spec.seed, turn, run.progress.ways, strength)) if turn else check
        )
        if seen and check and judged:
            run.source = Source(seen, check, judged, start)


def _turn(epoch: int, strength: int) -> int:
    """Return which view an epoch of a phase learns from; 0 is the plain one."""
    return 1 + epoch % (caches.VIEWS - 1) if strength else epoch % caches.VIEWS


def leave(run: Run) -> None:
    """Go on to the next phase from the best weights; a rung that did not pay ends the ladder."""
    progress = run.progress
    if progress.phase_over == ROLLED_BACK:
        run.optimizer = None  # its momentum is that of what was undone
    mix(run)
    if run.phase.must_pay and not _has_paid(run):
        progress.best, progress.best_losses = dict(progress.entry), progress.entry_losses
        progress.stop_reason = "no_gain"
        return
    if progress.phase + 1 == len(run.plan):
        progress.stop_reason = progress.phase_over
        return
    put_back(run, progress.best)
    if run.phase.cached and together.rank() == 0:  # where a way back to the base would end
        checkpoint.save_head(run.folder, moved_state(run.bench.learner, statistics=False))
    progress.phase += 1
    enter(run)


def put_back(run: Run, best: dict[str, Any]) -> None:
    """Give the learner the weights of an entry like `progress.best`."""
    together.meet()
    learner = run.bench.learner
    learner.body.load_state_dict(run.bench.initial)
    learner.load_state_dict(_kept(run, best), strict=False)


def _kept(run: Run, best: dict[str, Any]) -> dict[str, torch.Tensor]:
    return checkpoint.load_best(run.folder, best["epoch"], is_mixed="base_share" in best)


def mix(run: Run) -> None:
    """Try weights between those before the phase and its best; keep what validates best."""
    progress, bench = run.progress, run.bench
    if not run.phase.mixes or not progress.entry or progress.rung == progress.entry:
        return
    together.meet()
    epoch = progress.rung["epoch"]
    tuned = _kept(run, progress.rung)
    base = {f"body.{name}": value for name, value in bench.initial.items()}
    base |= _kept(run, progress.entry)
    judged: dict[float, Judged] = {}

    def judge(state: dict[str, torch.Tensor]) -> tuple[float, float]:
        bench.learner.load_state_dict(state, strict=False)
        found = together.agreed(lambda: evaluate.validation(bench, run.source, None))
        judged[found.loss] = found
        return found.loss, found.accuracy.value

    tried = interpolate.best_of(base, tuned, progress.rung["val_loss"], judge)
    best = tried[0]
    is_better = best.val_loss < min(progress.best["val_loss"], progress.rung["val_loss"])
    share = best.share if is_better else 1.0
    run.emit("interpolation", epoch=epoch, tried=[asdict(t) for t in tried], share=share)
    if not is_better:
        return
    found = judged[best.val_loss]
    progress.best = progress.rung | {
        "val_loss": found.loss,
        "val_accuracy": asdict(found.accuracy),
        "base_share": round(1 - share, 4),
    }
    progress.best_losses = found.losses.float()
    write_best(run, epoch, interpolate.mixed(base, tuned, share), is_mixed=True)


def _has_paid(run: Run) -> bool:
    """Judge a rung by the losses of the same validation examples before and after it."""
    progress, phase = run.progress, run.phase
    before, after = progress.entry, progress.rung
    losses = progress.val_losses[after["epoch"]]
    if progress.best["epoch"] == after["epoch"]:
        losses, after = progress.best_losses, progress.best
    verdict = ladder.judge(progress.entry_losses.tolist(), losses.tolist())
    told = asdict(verdict) | {
        "stage": phase.thawed[0],
        "before": before["epoch"],
        "after": after["epoch"],
        "accuracy_before": before["val_accuracy"]["value"],
        "accuracy_after": after["val_accuracy"]["value"],
    }
    run.emit("rung", epoch=progress.epoch, **told)
    if not verdict.paid:
        kept = list(before["thawed"])
        run.emit("rollback", epoch=progress.epoch, stage=phase.thawed[0], thawed=kept)
    return verdict.paid
