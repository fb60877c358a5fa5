"""The network that a finished run has made, for use: the base with the run's best weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.engine import adapters, checkpoint, precision
from tl_core.engine.learner import Learner
from tl_core.engine.modality import Backbone, modality_of
from tl_core.spec import RunSpec


@dataclass(frozen=True)
class Rebuilt:
    """A network in eval mode; `learner(inputs)` gives logits [batch, classes]."""

    backbone: Backbone
    learner: Learner


def rebuild(spec: RunSpec, dataset: Dataset, run_dir: Path) -> Rebuilt:
    """Load the base of a run and put the run's best weights on it, adapters merged.

    Args:
        spec: what the run was asked for.
        dataset: what it was trained on; only its classes and its modality are used.
        run_dir: folder of the run, which has come to its end.

    Raises:
        InputError: if the base cannot be had any more.
        FileNotFoundError: if the run has kept no weights.
    """
    state = checkpoint.load_best(run_dir)
    modality = modality_of(dataset.modality)
    inherits = spec.strategy != "from_scratch"  # what has inherited nothing needs no base
    base = catalog.find(spec.base)
    backbone = modality.load_backbone(base, size=spec.size, pretrained=inherits)
    is_adapted = any(adapters.is_adapter(name) for name in state)
    is_wide = state["head.mean"].shape[0] != backbone.width
    learner = Learner(backbone, len(dataset.classes), all_depths=is_wide)
    if is_adapted:
        adapters.add(learner.body, backbone.adapted, seed=spec.seed)
    learner.load_state_dict(state, strict=False)
    if is_adapted:
        adapters.merge(learner.body)
        learner.chain = backbone.cut(backbone.stage_of)
    learner.eval().requires_grad_(False).to(precision.device())
    return Rebuilt(backbone, learner)
