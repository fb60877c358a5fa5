"""The way back to the base: a finished run mixed with what it began with, judged and kept.

WiSE-FT (Wortsman et al. 2022): every weight is (1 - share) of the base's and share of the tuned
one's. At share 1 stands the network that the run has kept. At share 0 stand the untouched base and
the head that was fitted to it before anything thawed, so that this end, too, knows the classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from tl_core.data.dataset import Dataset
from tl_core.engine import checkpoint, inherit, interpolate, precision
from tl_core.engine.compare import mcnemar_p
from tl_core.engine.evaluate import Judged
from tl_core.engine.finish import summary
from tl_core.engine.interpolate import State
from tl_core.engine.opening import open_run
from tl_core.engine.record import Run, judged, write_best
from tl_core.engine.setup import Ask, Emit, copy_of
from tl_core.errors import Cancelled, InputError, Issue
from tl_core.i18n import _
from tl_core.spec import RunSpec

SHARES = (1.0, 0.0, 0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875)
"""Of the tuned weights, in the order in which they are judged: the ends first, then what halves the
gaps. Along this line accuracy bends once (Wortsman et al. 2022, figure 1), so that eighths show it.
"""


@dataclass(frozen=True)
class Ends:
    """The two ends of the way, and a run that can stand anywhere between."""

    run: Run
    base: State
    tuned: State


def open_ends(
    spec: RunSpec, dataset: Dataset, origin: Path, folder: Path, emit: Emit, should_continue: Ask
) -> Ends:
    """Load the base and what a run has made of it.

    Args:
        spec: as that of the run; its strategy is settled.
        dataset: what the run has learned from.
        origin: folder of the run, which has come to its end.
        folder: of the job at hand.
        emit: called with an event kind and its fields.
        should_continue: False to stop.

    Raises:
        InputError: if the run has kept no head of the untouched base, or the base is gone.
    """
    head = checkpoint.load_head(origin)
    if head is None:
        message = _("The run {id} has kept no last layer for the untouched base.")
        fix = _("Train it again; strategies that thaw keep one.")
        raise InputError([Issue("run", message.format(id=origin.name), fix)])
    run = open_run(spec, dataset, spec.strategy, folder, emit, should_continue, plan=())
    bench = run.bench
    kept = checkpoint.load_best(origin)
    learner = inherit.restored(bench.backbone, kept, len(dataset.classes), seed=spec.seed)
    learner.eval().requires_grad_(False).to(precision.device())
    run.bench = replace(bench, learner=learner)
    base = {f"body.{name}": value for name, value in bench.initial.items()} | head
    return Ends(run, base, copy_of(learner))


def measure(
    ends: Ends, shares: Sequence[float], tell: Callable[[dict[str, Any]], None]
) -> None:  # fmt: skip
    """Judge mixtures and tell of each: share, val_loss, val_accuracy, retention and p.

    `p` is that of the exact McNemar test against the tuned end on the validation examples.

    Args:
        ends: the two ends.
        shares: of the tuned weights, in [0, 1].
        tell: called with what was found at each share, in that order.

    Raises:
        Cancelled: if the run's `should_continue` said no.
    """
    tuned = stand_at(ends, 1.0)
    for number, share in enumerate(shares):
        if not ends.run.should_continue():
            raise Cancelled(_("It was stopped; what was measured is kept."))
        val, left = tuned if share == 1 else stand_at(ends, share)
        tell(
            {
                "share": share,
                "val_loss": round(val.loss, 6),
                "val_accuracy": asdict(val.accuracy),
                "retention": left,
                "p": round(mcnemar_p(val.rights.numpy(), tuned[0].rights.numpy()), 6),
            }
        )
        what = _("mixtures measured")
        ends.run.emit("step", what=what, done=number + 1, total=len(shares))


def stand_at(ends: Ends, share: float) -> tuple[Judged, dict[str, Any] | None]:
    """Give the network a mixture of the two ends; returns how it does and what is left of the base.

    At share 0 the base is untouched, so that what is known of it holds.
    """
    run = ends.run
    run.bench.learner.load_state_dict(interpolate.mixed(ends.base, ends.tuned, share))
    _train, val, left = judged(run, run.frozen if share == 0 else None)
    return val, left


def keep(ends: Ends, share: float, end: Mapping[str, Any]) -> dict[str, Any]:
    """End the run at hand with a mixture as its network.

    Args:
        ends: the two ends, opened in the folder of the run that is to keep it.
        share: of the tuned weights, in [0, 1].
        end: the fields of the finished event of the run that was mixed.

    Returns:
        The fields of the finished event, see `train.train_run`.
    """
    run = ends.run
    val, _left = stand_at(ends, share)
    state = _changed(run.bench.learner.state_dict(), ends.base)
    epoch = int(end["best"]["epoch"])
    progress = run.progress
    progress.stop_reason = "done"
    progress.best_losses = val.losses.float()
    progress.best = {
        "epoch": epoch,
        "val_loss": val.loss,
        "val_accuracy": asdict(val.accuracy),
        "phase": str(end["best_phase"]) if share else "head",
        "thawed": list(end["thawed"]) if share else [],
        "moving": sum(value.numel() for value in state.values()),
        "base_share": round(1 - share, 4),
    }
    write_best(run, epoch, state, is_mixed=True)
    return summary(run)


def _changed(state: State, base: State) -> dict[str, torch.Tensor]:
    """Return the head, and what of the body differs from the base."""
    return {
        name: value.detach().cpu().clone().contiguous()
        for name, value in state.items()
        if name.startswith("head.") or not torch.equal(value, base[name])
    }
