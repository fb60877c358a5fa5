"""What transfer has brought on one task: what was measured, and what follows from it.

Records as `engine.benefit` writes them and everybody else reads them; what is derived is pure.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tl_core import files
from tl_core.errors import InputError
from tl_core.measures import Accuracy
from tl_core.records import from_dict

BENEFIT_VERSION = 1
"""Of the records; one of another version is measured again."""
FILE = "artifacts/benefit.json"
"""Where the folder of a run holds it; replaced after each training."""

DEFAULT_MINUTES = 5.0
"""For all trainings together."""
DEFAULT_STRATEGY = "linear_probe"
"""Its base stays frozen, so that one pass through it serves every number of labels."""
TRANSFERRED, SCRATCH = "transferred", "scratch"
ALPHA = 0.05
"""Two ways count as told apart below this chance of a difference where there is none."""


@dataclass(frozen=True, slots=True)
class Pretraining:
    """What was spent on a base before anybody here used it."""

    examples: int
    """Pictures or texts in the data that it learned from."""
    epochs: float
    """How many times it saw them; with `examples` all that counts is their product."""
    source: str
    """Where these two numbers come from."""
    verified: bool = False
    """Whether the source speaks of this very network."""
    note: str = ""
    """What is left out or assumed."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a training stood after an epoch."""

    epoch: int
    """0 is the look before training."""
    seconds: float
    """Since it was begun, loading and the pass through a frozen base included."""
    accuracy: float
    """Share right of the validation examples, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Part:
    """One training that was measured."""

    way: str
    """`transferred` or `scratch`."""
    base: str
    n: int
    """Labels that it learned from."""
    draw: int
    """Which draw of these labels, from 0; where all are used there is only one."""
    accuracy: Accuracy
    """At its best epoch, on the same validation examples for all."""
    best_epoch: int
    curve: tuple[Tick, ...]
    seconds: float
    flops: float
    """Floating point operations that it took, computed: see `flops_of`."""
    cut: str = ""
    """`time` if its share of the time was up before it had come to its end; else empty."""
    was_kept: bool = False
    """What the frozen base makes of the examples was there already: its pass took no time."""
    right: str = ""
    """A character per validation example, 1 for right, where all labels were used; else empty."""


@dataclass(frozen=True, slots=True)
class Level:
    """What one way comes to with so many labels, over all draws of them."""

    way: str
    n: int
    accuracy: Accuracy
    """Mean over the draws; its interval covers which examples were judged, at the size of one."""
    each: tuple[float, ...]
    """Share right of each draw, in [0, 1]."""
    cut: bool
    """Whether any of them ran out of its share of the time."""


@dataclass(frozen=True, slots=True)
class Versus:
    """A paired test on the validation examples, against the transferred way with all labels."""

    way: str
    base: str
    p: float
    """Two-sided, exact McNemar; adjusted for there being several (Holm)."""

    @property
    def is_told_apart(self) -> bool:
        """Whether the test can tell the two apart."""
        return self.p < ALPHA


@dataclass(frozen=True, slots=True)
class Benefit:
    """Everything measured about what one base brought on one dataset."""

    dataset: str
    dataset_name: str
    """As the person calls it: untrusted text."""
    base: str
    strategy: str
    """Of the transferred way; one of `spec.STRATEGIES`."""
    size: int
    """Picture edge in pixels, or most tokens of a text."""
    seed: int
    val_fraction: float
    classes: int
    n_val: int
    """Examples that judge, the same for all."""
    sizes: tuple[int, ...]
    """Numbers of labels, rising; the last is all there are."""
    draws: int
    """Draws of the labels for every number but the last."""
    planned: int
    """Trainings in the plan."""
    minutes: float
    """Time for all of them together."""
    parts: tuple[Part, ...] = ()
    levels: tuple[Level, ...] = ()
    versus: tuple[Versus, ...] = ()
    skipped: int = 0
    """Trainings that there was no time for."""
    seconds: float = 0.0
    pretraining: Pretraining | None = None
    """None where it is not known."""
    pretraining_flops: float | None = None
    """Floating point operations of it."""
    revision: int = 0
    """How many entries of the dataset's edit log stand behind it."""
    fingerprint: str = ""
    """Of the dataset."""
    machine: str = ""
    created: float = 0.0
    version: int = BENEFIT_VERSION

    @property
    def is_whole(self) -> bool:
        """Whether everything in the plan was measured or passed over."""
        return len(self.parts) + self.skipped >= self.planned

    def whole(self, way: str, base: str = "") -> Part | None:
        """Return the training of a way that used all labels, if it was measured."""
        wanted = base or self.base
        return next(
            (p for p in self.parts if (p.way, p.base, p.n) == (way, wanted, self.sizes[-1])), None
        )

    def of(self, way: str) -> tuple[Level, ...]:
        """Return what a way comes to, by rising numbers of labels."""
        return tuple(sorted((one for one in self.levels if one.way == way), key=lambda one: one.n))

    def against(self, way: str, base: str = "") -> Versus | None:
        """Return the test of a way, or of another base, against the transferred way."""
        wanted = (way, base or self.base)
        return next((one for one in self.versus if (one.way, one.base) == wanted), None)

    def others(self) -> tuple[Part, ...]:
        """Return what other bases came to in the same way, with all labels."""
        return tuple(p for p in self.parts if p.way == TRANSFERRED and p.base != self.base)


@dataclass(frozen=True, slots=True)
class FewerLabels:
    """With how many labels the transferred way does as well as the other with more."""

    transferred: Level
    scratch: Level

    @property
    def times(self) -> float:
        """How many times as many labels learning from scratch had; above 1."""
        return self.scratch.n / self.transferred.n


def fewer_labels(found: Benefit) -> FewerLabels | None:
    """Return the least labels with which the transferred way comes as far as scratch ever did.

    Compared is the most labels that were tried from scratch. None where one of the two was not
    measured, or where it takes as many labels or more.
    """
    tried = found.of(SCRATCH)
    target = max((one.accuracy.value for one in tried), default=1.0)
    for level in found.of(TRANSFERRED) if tried else ():
        if level.accuracy.value >= target:
            return FewerLabels(level, tried[-1]) if level.n < tried[-1].n else None
    return None


@dataclass(frozen=True, slots=True)
class Faster:
    """When each way first got so many right, with all labels."""

    accuracy: float
    """The lower one of the two bests: both have reached it."""
    transferred: Tick
    scratch: Tick
    was_kept: bool
    """The pass through the frozen base was there already and is not in the seconds."""


def faster(found: Benefit) -> Faster | None:
    """Return when each way first reached what both have reached; None if one is not measured."""
    one, other = found.whole(TRANSFERRED), found.whole(SCRATCH)
    if one is None or other is None or not one.curve or not other.curve:
        return None
    target = min(max(t.accuracy for t in part.curve) for part in (one, other))
    first, second = (_first(part.curve, target) for part in (one, other))
    return Faster(target, first, second, one.was_kept)


def _first(curve: Iterable[Tick], target: float) -> Tick:
    return next(tick for tick in curve if tick.accuracy >= target)


def inherited_share(found: Benefit) -> float | None:
    """Return the share of all computing in the transferred model that it inherited, in [0, 1]."""
    before, here = found.pretraining_flops, found.whole(TRANSFERRED)
    if before is None or here is None:
        return None
    return before / (before + here.flops)


def spent_before(macs: int | None, before: Pretraining | None) -> float | None:
    """Return the floating point operations of a pretraining; None where it is not known.

    Each example took a forward pass, of two operations for every multiply-add, and a backward pass
    of twice its cost (Kaplan et al. 2020, arXiv 2001.08361).
    """
    if before is None or macs is None:
        return None
    return 3 * 2.0 * macs * before.examples * before.epochs


def flops_of(forward: float, *, n: int, n_val: int, epochs: int, moves: bool) -> float:
    """Return the floating point operations of a training.

    Args:
        forward: of one forward pass on one example.
        n: examples learned from.
        n_val: examples judged after each epoch.
        epochs: epochs trained.
        moves: whether the network itself learned, with a backward pass of twice the cost of the
            forward one; otherwise every example went through it once, and the last layer, which
            then learned, counts for nothing. Where only late stages move this is an upper bound.
    """
    if not moves:
        return forward * (n + n_val)
    return forward * epochs * (3 * n + n_val)


def read(path: Path) -> Benefit | None:
    """Return the record in a file; None if there is none that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError, InputError):
        found = from_dict(Benefit, files.read_json(path))
        if found.version == BENEFIT_VERSION and found.sizes:
            return found
    return None
