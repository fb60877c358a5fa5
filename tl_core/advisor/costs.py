"""What each strategy costs: minutes on this machine and parameters that learn.

Time is counted in forward passes. A training step costs about 4 of them through what moves
(`benchmarks/throughput.json`) and 1 through what is frozen, unless that part is computed once and
kept. Each epoch is judged on validation and on a part of training. The speed of this machine is
measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tl_core.advisor.thaw import expected_cut, thaw_cuts
from tl_core.spec import DatasetFacts, Evidence

EPOCHS = {
    "linear_probe": 0,
    "multi_stage_probe": 0,
    "gradual_unfreezing": 16,
    "lora": 12,
    "full_fine_tune": 12,
    "from_scratch": 30,
}
"""Passes over the pictures with gradients; the head alone learns on features kept from one pass.

The engine's own number of epochs less the five of the head; a test compares them.
"""

BATCH, MIN_STEPS, MOST_EPOCHS = 32, 150, 25
"""With few pictures a phase that trains the body takes at least so many steps of a batch."""

LAST_RUNG = 0.5
"""Chance that the last rung is tried at all. A guess: it is, unless the one before did not pay."""

VIEWS = 4  # versions of each training picture that are kept for a thaw; of held-out ones 1
MOST_KEPT = 18_000
"""Training pictures of 224 px whose views fit into the 3 GiB that are kept of one run: 43 KiB a
view in front of the upper half of EfficientNet-Lite0, in half precision."""
SIZE_PX = 224

HEAD_SECONDS = 5.0  # fitting a head to kept features, any number of pictures we support
DEPTHS_SECONDS = 2.0  # more, where the head reads all depths
JUDGED_TRAINING = 256  # training examples that are judged after each epoch, at most
STEP_COST = 4.1  # forward passes that a training step costs, where it was not measured
ADAPTER_STEP_SHARE = 3.0 / STEP_COST
"""What a step of LoRA costs of a full one: no gradients of the frozen weights, but all the way
back to the first adapter."""
VAL_SHARE = 0.25  # held-out examples per training example at the usual 80 : 20


@dataclass(frozen=True, slots=True)
class Added:
    """What is put on a base so that it learns a task."""

    last: int
    """Features of the last stage, which the head reads."""
    earlier: int
    """Features of all other stages."""
    adapters: float
    """Parameters of LoRA of rank 8 per parameter of the base."""


ADDED = {
    "picture": Added(last=1280, earlier=496, adapters=182_272 / 3_371_008),
    "text": Added(last=384, earlier=2304, adapters=73_728 / 22_565_376),
}
"""By modality, of the bases to begin with. EfficientNet-Lite0: 32 + 16 + 24 + 40 + 80 + 112 + 192
earlier features, 182,272 adapter parameters on 1 x 1 convolutions of 3,371,008 (5.6 % on Lite1,
5.2 % on Lite2). MiniLM: six times 384, and 73,728 on query and value of 22,565,376."""


def minutes(strategy: str, dataset: DatasetFacts, evidence: Evidence) -> float:
    """Return the expected minutes from start to result, with two significant figures."""
    n = dataset.splits.get("train") or evidence.n
    n_val = dataset.splits.get("val") or round(VAL_SHARE * n)
    per_second = evidence.forward_per_second
    step = per_second / evidence.train_per_second if evidence.train_per_second else STEP_COST
    judged = n_val + min(n, JUDGED_TRAINING)
    passes = 0.0 if strategy == "from_scratch" else float(n + n_val)  # for the head's features
    seconds = 0.0 if strategy == "from_scratch" else HEAD_SECONDS
    if strategy == "multi_stage_probe":
        seconds += DEPTHS_SECONDS
    elif strategy == "gradual_unfreezing":
        passes += _thawing(n, n_val, step, evidence)
    elif strategy != "linear_probe":
        share = ADAPTER_STEP_SHARE if strategy == "lora" else 1.0
        passes += epochs(strategy, n) * (share * step * n + judged)
    seconds += passes / per_second
    return float(f"{max(seconds, 0.6) / 60:.2g}")


def epochs(strategy: str, n: int, rungs: int = 1) -> int:
    """Return the passes over `n` training pictures with gradients, the engine's own number."""
    if EPOCHS[strategy] == 0 or strategy == "from_scratch":
        return EPOCHS[strategy]
    needed = min(MOST_EPOCHS, math.ceil(MIN_STEPS / math.ceil(n / BATCH)))
    return max(EPOCHS[strategy], rungs * needed)


def _thawing(n: int, n_val: int, step: float, evidence: Evidence) -> float:
    """Return the forward passes that the rungs cost, frozen parts computed once included."""
    judged = n_val + min(n, JUDGED_TRAINING)
    cuts = thaw_cuts(evidence)
    is_kept = n * (evidence.size / SIZE_PX) ** 2 <= MOST_KEPT
    frozen = sum(stage.cost for stage in evidence.stages[: cuts[0]])
    passes = frozen * (VIEWS * n + n_val) if is_kept else 0.0
    for number, cut in enumerate(cuts):
        thawed = sum(stage.cost for stage in evidence.stages[cut:])
        is_last = 0 < number == len(cuts) - 1
        taken = epochs("gradual_unfreezing", n, len(cuts)) / len(cuts)
        taken *= LAST_RUNG if is_last else 1
        per_epoch = thawed * (step * n + judged)
        if not is_kept:
            per_epoch += (1 - thawed) * (n + judged)
        passes += taken * per_epoch
    return passes


def trainable_parameters(strategy: str, evidence: Evidence, added: Added) -> int:
    """Return how many parameters learn: the head, and what is thawed or added."""
    head = (added.last + 1) * evidence.classes
    everything = sum(stage.parameters for stage in evidence.stages)
    if strategy == "linear_probe":
        return head
    if strategy == "multi_stage_probe":
        return head + added.earlier * evidence.classes
    if strategy == "gradual_unfreezing":
        cut = expected_cut(evidence)
        return head + sum(stage.parameters for stage in evidence.stages[cut:])
    if strategy == "lora":
        return head + round(added.adapters * everything)
    return head + everything


def all_parameters(evidence: Evidence, added: Added) -> int:
    """Return the parameters of base and head together."""
    return trainable_parameters("full_fine_tune", evidence, added)
