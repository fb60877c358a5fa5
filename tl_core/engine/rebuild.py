"""The network that a finished run has made, for use: the base with the run's best weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.engine import checkpoint, inherit, precision
from tl_core.engine.learner import Learner
from tl_core.engine.modality import Backbone
from tl_core.spec import RunSpec


@dataclass(frozen=True)
class Rebuilt:
    """A network in eval mode; `learner(inputs)` gives logits [batch, classes]."""

    backbone: Backbone
    learner: Learner
    is_untouched: bool = False
    """Whether the body is the base as it was published."""


def rebuild(
    spec: RunSpec, dataset: Dataset, run_dir: Path, epoch: int | None = None
) -> Rebuilt:  # fmt: skip
    """Load the base of a run and put the run's best weights on it, adapters merged.

    Args:
        spec: what the run was asked for.
        dataset: what it was trained on; only its classes are used.
        run_dir: folder of the run.
        epoch: which weights to take of a run that goes on; None for those it ended with.

    Raises:
        InputError: if the base cannot be had any more.
        FileNotFoundError: if the run has kept no weights.
    """
    state = checkpoint.load_best(run_dir, epoch)
    inherits = spec.strategy != "from_scratch"  # what has inherited nothing needs no base
    base = catalog.find(spec.base)
    backbone = inherit.load_backbone(base, size=spec.size, pretrained=inherits)
    learner = inherit.restored(backbone, state, len(dataset.classes), seed=spec.seed)
    learner.eval().requires_grad_(False).to(precision.device())
    has_moved = any(name.startswith("body.") for name in state)
    return Rebuilt(backbone, learner, is_untouched=inherits and not has_moved)
