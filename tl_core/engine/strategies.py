"""Every strategy as a list of phases: what moves, for how long, and how fast.

The ladder, from changing least to changing most:

    linear_probe        #######H    the base stays frozen (#); only the head (H) learns
    multi_stage_probe   #######H    the same, and the head sees what every stage has found
    gradual_unfreezing  ####~~~H    fitted head first; then late stages thaw (~), rung by rung
    lora                #+#+#+#H    small matrices (+) beside frozen weights
    full_fine_tune      ~~~~~~~H    fitted head first; then everything, early stages slower
    from_scratch        *******H    the same network without its past, as a control
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tl_core.spec import MIN_PROBE_EPOCHS

DEFAULT_EPOCHS = {
    "linear_probe": 30,
    "multi_stage_probe": 30,
    "gradual_unfreezing": 21,
    "lora": 17,
    "full_fine_tune": 17,
    "from_scratch": 30,
}
"""Epochs where there are enough examples; with fewer, phases that train the body get more."""

BATCH = 32
MIN_STEPS = 150
"""Steps that a phase takes at least, however few the examples. Thawing the upper half of the
network, 56 steps came to 92 % on hand signs and 140 to 94 %; on small photographs 80 steps came to
72 % and 200 to 78 % (`benchmarks/recipes.json`). BiT's rule for small sets is 500 steps
(Kolesnikov et al. 2020)."""
MOST_EPOCHS = 25  # of such a phase; with less than 200 examples more would only repeat

HEAD_LR = 1e-4  # on standardised features, where every weight matters alike
RUNG_DECAY = 1.33  # per stage downwards while thawing
FULL_DECAY = 1.33  # per stage downwards when all move; timm's layer decay of 0.75
CURVE_STEPS = 1  # L-BFGS steps per epoch where the head's curve is all there is to see
FIT_STEPS = 50
"""L-BFGS steps over all epochs where the head is only the beginning. On few examples a head
validates best long before it is fitted to the end: after 4 steps on ants and bees (validation loss
0.236, at the end 0.279), after 3 and 4 on two other sets (`benchmarks/recorded`)."""


@dataclass(frozen=True)
class Rates:
    """Learning rates with Adam that a kind of network bears; `benchmarks/recipes.py` compares."""

    body: float
    """Of the latest thawed stage."""
    adapter: float
    scratch: float


WITH_BATCHNORM = Rates(body=5e-4, adapter=5e-3, scratch=2e-3)
"""Adapters came to 93 to 96 % of hand signs at 5e-3 and to 90 at 2e-3, to 74 % of small photographs
and to 73, with a lower validation loss both times (`benchmarks/recipes.json`)."""
TRANSFORMERS = Rates(body=5e-4, adapter=5e-3, scratch=5e-4)
"""At a width of TRANSFORMERS_WIDTH; wider ones learn more slowly, in proportion, as Adam has it for
hidden layers (Yang et al. 2022, muP). That leads from here to the 4e-4 to 5e-4 at which Hu et al.
2022 train the adapters of far wider ones. On film reviews under MiniLM (`benchmarks/recipes.json`)
adapters came to 75 % at 5e-3 and 70 % at 5e-4 with 200 to learn from, a head to 68; with 1,000 to
83 % at 5e-3, 79 to 80 at 2e-3 and 1e-3; the head to 77. At 1e-2 they came to 78 % both times, the
best with 200, but ran away with 1,000.
Everything at 5e-4 came to 79 %, at 5e-5 to 69 %, with 200."""
TRANSFORMERS_WIDTH = 384


@dataclass(frozen=True)
class Phase:
    """A stretch of training in which the same parts move."""

    name: str
    epochs: int
    thawed: tuple[str, ...] = ()
    """Stages that move besides the head."""
    head_lr: float = HEAD_LR
    body_lr: float = 0.0
    """Of the latest thawed stage."""
    decay: float = 1.0
    """Divides the learning rate per stage towards the input."""
    head_steps: tuple[int, ...] = ()
    """L-BFGS steps of each epoch, the last for all that follow: the head alone moves, on features
    that are computed once."""
    from_ridge: bool = False
    """The head begins with the closed-form fit."""
    adapters: bool = False
    """The body's adapters move, and none of its own weights."""
    must_pay: bool = False
    """Undone, and the ladder ended, unless validation loss falls clearly enough (`ladder`)."""
    learns_statistics: bool = False
    """BatchNorm statistics move too; only where nothing was inherited."""
    left: int = 0
    """Epochs of it that were left undone because somebody asked to go on."""
    ends_as_it_is: bool = False
    """The weights of its end count, not the best of it: what judges them has chosen nothing."""

    @property
    def mixes(self) -> bool:
        """Whether weights between those before the phase and those after it are tried."""
        return bool(self.thawed) and not self.learns_statistics and not self.ends_as_it_is

    @property
    def cached(self) -> bool:
        """Whether the body rests, so that the head learns from features alone."""
        return bool(self.head_steps)

    def steps_of(self, epoch: int) -> int:
        """Return the L-BFGS steps of an epoch of this phase, counted from 0."""
        return self.head_steps[min(epoch, len(self.head_steps) - 1)]


def default_epochs(strategy: str, n: int, *, rungs: int) -> int:
    """Return the epochs of a strategy for `n` training examples.

    Raises:
        KeyError: if there is no recipe for the strategy.
    """
    usual = DEFAULT_EPOCHS[strategy]
    if strategy in ("linear_probe", "multi_stage_probe", "from_scratch"):
        return usual
    count = rungs if strategy == "gradual_unfreezing" else 1
    needed = min(MOST_EPOCHS, math.ceil(MIN_STEPS / math.ceil(n / BATCH)))
    return max(usual, MIN_PROBE_EPOCHS + count * needed)


def phases(
    strategy: str,
    stages: Sequence[str],
    epochs: int | None,
    n: int,
    cuts: Sequence[int] = (),
    rates: Rates = WITH_BATCHNORM,
) -> tuple[Phase, ...]:
    """Return the phases of a strategy within `epochs` epochs over all phases together.

    Args:
        strategy: one of `spec.STRATEGIES`.
        stages: stage names, early to late.
        epochs: at least 1; None for the strategy's own number.
        n: training examples.
        cuts: for `gradual_unfreezing`, the first thawed stage of each rung; falling.
        rates: learning rates that the network bears.

    Raises:
        KeyError: if there is no recipe for the strategy.
    """
    total = epochs or default_epochs(strategy, n, rungs=len(cuts))
    if strategy in ("linear_probe", "multi_stage_probe"):
        ridge = strategy == "multi_stage_probe"
        return (Phase("head", total, head_steps=(CURVE_STEPS,), from_ridge=ridge),)
    every = tuple(stages)
    if strategy == "from_scratch":
        rate = rates.scratch
        return (Phase("scratch", total, every, rate, rate, learns_statistics=True),)
    head = head_first(max(1, min(MIN_PROBE_EPOCHS, total // 3)))
    left = total - head.epochs
    if left < 1:
        return (head,)
    if strategy == "full_fine_tune":
        return (head, Phase("full", left, every, body_lr=rates.body, decay=FULL_DECAY))
    if strategy == "lora":
        return (head, Phase("adapter", left, body_lr=rates.adapter, adapters=True))
    if strategy == "gradual_unfreezing":
        return (head, *_rungs(stages, left, cuts, rates.body))
    raise KeyError(strategy)


def head_first(epochs: int) -> Phase:
    """Return the phase that fits a head before the body moves.

    It is judged after twice as many steps each time (1, 2, 4 and 8 with five epochs), since a head
    on few examples is best early, and at the end, where the last epoch takes what is left.
    """
    steps: list[int] = []
    for _ in range(epochs - 1):
        steps.append(sum(steps) or CURVE_STEPS)
    return Phase("head", epochs, head_steps=(*steps, max(CURVE_STEPS, FIT_STEPS - sum(steps))))


def _rungs(
    stages: Sequence[str], epochs: int, cuts: Sequence[int], rate: float
) -> tuple[Phase, ...]:
    """Return one phase per cut, the epochs shared out evenly; with few, fewer rungs."""
    kept = tuple(cuts)[:epochs]
    shares = [epochs // len(kept) + (1 if n < epochs % len(kept) else 0) for n in range(len(kept))]
    return tuple(
        Phase(
            f"thaw:{stages[cut]}",
            share,
            tuple(stages[cut:]),
            body_lr=rate,
            decay=RUNG_DECAY,
            must_pay=True,
        )
        for cut, share in zip(kept, shares, strict=True)
    )
