"""What a run inherits: a base as it was published, or as other runs have left it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from safetensors.torch import load_file

from tl_core import catalog
from tl_core.catalog import Base, tuned
from tl_core.engine import adapters
from tl_core.engine.learner import Learner
from tl_core.engine.modality import Backbone, modality_of
from tl_core.engine.stages import fingerprint


def load_backbone(base: Base, *, size: int | None, pretrained: bool) -> Backbone:
    """Load `base`, or an untrained network of its architecture.

    What runs have made of a base is put together again: the base, then what each run has changed
    of it, adapters merged. The head of the last run becomes the base's own classifier.

    Args:
        base: of the catalog, or made by runs.
        size: picture edge in pixels, or most tokens of a text; None for the base's own.
        pretrained: whether it brings its weights.

    Raises:
        InputError: if the base cannot be had.
        RunFailed: if its weights are not those that it is known by.
    """
    if not (base.tuned and pretrained):
        return modality_of(base.modality).load_backbone(base, size=size, pretrained=pretrained)
    last = base.tuned[0]
    origin = load_backbone(
        catalog.find(last.origin), size=size or base.size, pretrained=last.inherits
    )
    learner = restored(origin, load_file(tuned.trusted_weights(last)), last.classes)
    return replace(
        origin,
        base=base,
        source_head=learner.head.eval().requires_grad_(False),
        chain=learner.chain,
        fingerprint=fingerprint(learner.body),
    )


def restored(
    backbone: Backbone, state: Mapping[str, torch.Tensor], classes: int, *, seed: int = 0
) -> Learner:
    """Put what a run has kept on the base that it began with, adapters merged.

    Args:
        backbone: that base; its body is changed.
        state: the head, and what differs from the base.
        classes: how many the head tells apart.
        seed: of adapters, whose values the state replaces.
    """
    is_adapted = any(adapters.is_adapter(name) for name in state)
    is_wide = state["head.mean"].shape[0] != backbone.width
    learner = Learner(backbone, classes, all_depths=is_wide)
    if is_adapted:
        adapters.add(learner.body, backbone.adapted, seed=seed)
    learner.load_state_dict(state, strict=False)
    if is_adapted:
        adapters.merge(learner.body)
        learner.chain = backbone.cut(backbone.stage_of)
    return learner
