"""What transfer brings on these very data, measured: with fewer labels, against from scratch.

Every point is a training of its own by the engine as it is, on nested parts of the training
examples and judged on the same validation examples; from scratch is the same network without its
past. Each has a share of the time by what it costs, and what one does not use is there for those
after it. What was measured is written after each of them, so that a killed job goes on with the
next one.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tl_core import catalog
from tl_core.benefits import SCRATCH, TRANSFERRED, Benefit, Part, flops_of
from tl_core.catalog.base import Base
from tl_core.data.dataset import Dataset
from tl_core.data.split import Split, split
from tl_core.engine import benefit_record as record
from tl_core.engine import compare, subsets
from tl_core.engine.budget import Clock, Told
from tl_core.engine.setup import WATCHED, Ask, Emit
from tl_core.engine.strategies import BATCH, DEFAULT_EPOCHS, MIN_STEPS
from tl_core.engine.train import train_run
from tl_core.errors import Cancelled, InputError, RunFailed
from tl_core.i18n import _
from tl_core.spec import Accuracy, RunSpec

LEAST_SECONDS = 2.0
"""A smaller share is not enough for one epoch of anything."""
LEAST_EPOCHS = 3
"""A training with fewer has not been one at all."""
MOST_EPOCHS = 100
"""Of the control, which takes as many as make MIN_STEPS steps: with few labels an epoch is short,
and it shall not lose for want of steps."""
ONE_PASS, TRAINING, LARGER = 1.0, 8.0, 3.0
"""What an example costs, in proportion: where the base stays frozen, where it learns, and how much
more under a larger base."""
TO_BEGIN = 100.0
"""What every training costs besides, in examples: loading the base takes a second or two."""
SHARE_OF_FIRST = 0.75
"""Of the time, for one training of each kind; the rest is for further draws of the labels."""
SHARE_OF_BASE = 0.5
"""Of the time, at most, for the pass of all examples through the base, on which all else rests."""

SCRATCH_STRATEGY = "from_scratch"
FROZEN = frozenset({"linear_probe", "multi_stage_probe"})
_PARTS = "parts"

Train = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """A training to be measured."""

    way: str
    base: str
    n: int
    draw: int
    cost: float
    """Of an example, in proportion: tens of epochs of three passes, or one pass through a base."""

    @property
    def weight(self) -> float:
        """Its part of the time; what it does not use goes to those that follow."""
        return self.cost * self.n + TO_BEGIN

    def is_done(self, found: Benefit) -> bool:
        """Tell whether it was measured."""
        mine = (self.way, self.base, self.n, self.draw)
        return any((p.way, p.base, p.n, p.draw) == mine for p in found.parts)


def plan(found: Benefit, others: Sequence[str]) -> tuple[Wanted, ...]:
    """Return what to measure, in the order in which it says most.

    First the whole curve of the transferred way, which is quick, then that from scratch, then other
    bases, then further draws of the labels.
    """
    *fewer, most = found.sizes
    one_pass = ONE_PASS if found.strategy in FROZEN else TRAINING

    def transferred(n: int, draw: int = 0) -> Wanted:
        return Wanted(TRANSFERRED, found.base, n, draw, one_pass)

    def scratch(n: int, draw: int = 0) -> Wanted:
        return Wanted(SCRATCH, found.base, n, draw, TRAINING)

    first = [transferred(n) for n in (most, *reversed(fewer))]
    first += [scratch(n) for n in found.sizes]
    first += [Wanted(TRANSFERRED, base, most, 0, LARGER * one_pass) for base in others]
    again = [
        kind(n, draw)
        for draw in range(1, found.draws)
        for kind in (transferred, scratch)
        for n in fewer
    ]
    return (*first, *again)


def measure(
    spec: RunSpec,
    dataset: Dataset,
    folder: Path,
    emit: Emit,
    should_continue: Ask,
    *,
    train: Train = train_run,
) -> dict[str, Any]:
    """Measure the benefit as `spec` asks, going on from what `folder` holds.

    Args:
        spec: what is asked for: base, strategy (`auto` stands for feature extraction), size, seed,
            minutes for all together.
        dataset: an imported dataset.
        folder: of the run; FILE in it is replaced after each training.
        emit: called with an event kind and its fields.
        should_continue: asked before each batch; blocks while paused, False to stop.
        train: the engine's training.

    Returns:
        The fields of the finished event: stop_reason `done`, `time` or `person`; best, of the
        transferred way with all labels; seconds.

    Raises:
        InputError: if the base is unknown or cannot be had, or it reads other things.
        Cancelled: if it was stopped before anything was measured.
    """
    emit("phase", phase="benefit", what=_("Getting ready"))
    parts = split(dataset, val_fraction=spec.val_fraction, seed=spec.seed)
    others = _other_bases(spec.base, dataset.modality)
    shutil.rmtree(folder / _PARTS, ignore_errors=True)  # one that was cut short begins anew
    found = record.read(folder) or record.begun(spec, dataset, parts, len(others))
    clock = Clock(60 * found.minutes - found.seconds, should_continue)
    job = _Job(spec, dataset, parts, folder, emit, clock, train)
    wanted = plan(found, others)
    for number, one in enumerate(wanted):
        if one.is_done(found):
            continue
        left = [later for later in wanted[number:] if not later.is_done(found)]
        emit("phase", phase="benefit", what=_what(one, found))
        emit("step", what=_("trainings"), done=number, total=len(wanted))
        part = job.part(one, found, _share(one, left, found, clock.left()))
        if clock.was_stopped or (part is None and not found.parts):
            break  # without its first training there is nothing to compare with
        found = record.added(found, part, seconds=60 * found.minutes - clock.left())
        record.write(folder, found)
        shutil.rmtree(folder / _PARTS, ignore_errors=True)
    return _outcome(found, was_stopped=clock.was_stopped)


def _share(one: Wanted, left: Sequence[Wanted], found: Benefit, seconds: float) -> float:
    """Return the seconds that a training may take of those that are left."""
    if not found.parts:
        return SHARE_OF_BASE * seconds
    rivals = [later for later in left if later.draw == 0] if one.draw == 0 else left
    kept_back = SHARE_OF_FIRST if len(rivals) < len(left) else 1.0
    return kept_back * seconds * one.weight / sum(later.weight for later in rivals)


@dataclass
class _Job:
    """What all trainings of a job have in common."""

    spec: RunSpec
    dataset: Dataset
    parts: Split
    folder: Path
    emit: Emit
    clock: Clock
    train: Train
    pace: float = 0.0
    """Examples per second of the control, once it was seen to train."""

    def part(self, one: Wanted, found: Benefit, seconds: float) -> Part | None:
        """Measure one training within its share of the time; None if that does not suffice."""
        asked = self._asked(one, found, seconds)
        if seconds < LEAST_SECONDS or asked is None:
            return None
        told = Told(self.clock)
        data = subsets.subset(self.dataset, self.parts, one.n, self.spec.seed + one.draw)
        self.clock.give(seconds)
        place = self.folder / _PARTS / f"{one.way}-{one.n}-{one.draw}"
        try:
            end = self.train(asked, data, asked.strategy, place, told.emit, told.ask)
        except Cancelled:
            return None
        except InputError:
            if one.base == self.spec.base:
                raise
            return None  # another base that is not here after all
        if end.get("images_per_second") and one.way == SCRATCH:
            self.pace = float(end["images_per_second"])
        if end["stop_reason"] == "person" and told.epochs < LEAST_EPOCHS:
            return None  # it says nothing of its way
        return self._judged(one, found, end, told, place)

    def _asked(self, one: Wanted, found: Benefit, seconds: float) -> RunSpec | None:
        """Return the request of a training; None if too few epochs of it would fit."""
        epochs = None
        if one.way == SCRATCH:
            epochs = min(MOST_EPOCHS, math.ceil(MIN_STEPS / math.ceil(one.n / BATCH)))
            epochs = max(epochs, DEFAULT_EPOCHS[SCRATCH_STRATEGY])
            if self.pace:  # rates fall to the last epoch: it should be reached
                judged = found.n_val + min(one.n, WATCHED)
                epochs = min(epochs, int(seconds * self.pace / (one.n + judged / 3)))
            if epochs < LEAST_EPOCHS:
                return None
        return replace(
            self.spec,
            kind="train",
            strategy=SCRATCH_STRATEGY if one.way == SCRATCH else found.strategy,
            base=one.base,
            epochs=epochs,
            # With few steps in an epoch the control may seem stuck for many: it trains to its end.
            patience=0 if one.way == SCRATCH else self.spec.patience,
            minutes=None,
        )

    def _judged(
        self, one: Wanted, found: Benefit, end: dict[str, Any], told: Told, folder: Path
    ) -> Part:
        rights = compare.read_rights(folder)
        is_whole = one.n == found.sizes[-1]
        strategy = SCRATCH_STRATEGY if one.way == SCRATCH else found.strategy
        base = catalog.find(one.base)
        return Part(
            way=one.way,
            base=one.base,
            n=one.n,
            draw=one.draw,
            accuracy=Accuracy(**end["best"]["val_accuracy"]),
            best_epoch=end["best"]["epoch"],
            curve=tuple(told.curve),
            seconds=round(told.seconds(), 2),
            flops=flops_of(
                _forward(base, self.spec.size),
                n=one.n,
                n_val=found.n_val,
                epochs=told.epochs,
                moves=strategy not in FROZEN,
            ),
            cut="time" if end["stop_reason"] in ("person", "time") else "",
            was_kept=one.way == TRANSFERRED and not told.has_passed,
            right="".join("1" if right else "0" for right in rights) if is_whole else "",
        )


def _other_bases(base_id: str, modality: str) -> tuple[str, ...]:
    """Return the larger bases of the catalog that are here and read the same, smallest first."""
    base = catalog.find(base_id)
    larger = [
        other
        for other in catalog.all_bases()
        if other.modality == modality
        and other.id != base_id
        and (other.macs or 0) > (base.macs or 0)
        and catalog.is_available(other)
    ]
    return tuple(other.id for other in sorted(larger, key=lambda other: other.macs or 0))


def _forward(base: Base, size: int | None) -> float:
    """Return the floating point operations of one forward pass; 0 where the base is unknown.

    Convolutions cost in proportion to the area of a picture.
    """
    scale = (size / base.size) ** 2 if size and base.size and base.modality == "picture" else 1.0
    return 2.0 * (base.macs or 0) * scale


def _what(one: Wanted, found: Benefit) -> str:
    """Return what is being trained, in words."""
    if one.way == SCRATCH:
        return _("From scratch with {n} labels").format(n=one.n)
    if one.base != found.base:
        return _("With {base} instead").format(base=catalog.find(one.base).title)
    return _("Transferred, with {n} labels").format(n=one.n)


def _outcome(found: Benefit, *, was_stopped: bool) -> dict[str, Any]:
    whole = found.whole(TRANSFERRED)
    if whole is None and was_stopped:
        raise Cancelled(_("Stopped before there was anything to keep."))
    if whole is None:
        message = _("There was no time for a single training.")
        raise RunFailed("no_time", message, _("Allow more minutes."))
    ended = "time" if found.skipped else "done"
    return {"stop_reason": "person" if was_stopped else ended, "seconds": found.seconds}
