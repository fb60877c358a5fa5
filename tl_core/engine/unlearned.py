"""Whether maps of where a network looks say anything of what it has learned.

Maps that stay the same when the network knows nothing are maps of the picture, not of the model
(Adebayo et al. 2018, arXiv 1810.03292): they are made again with the head at random, then with the
last stage at random too, and the ranks of all places are correlated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import nn

from tl_core.engine.rebuild import Rebuilt

CHECKED = 16  # pictures on which the maps are compared with those of random networks


def against_random(
    rebuilt: Rebuilt, again: Callable[[], torch.Tensor], maps: torch.Tensor
) -> tuple[float | None, float | None]:
    """Return the mean rank correlation with the maps of networks that know less.

    First the head alone is random, then the last stage of the base too; each weight keeps its
    spread. The network is put back afterwards.

    Args:
        rebuilt: the network.
        again: makes the maps of the same pictures with the network as it is then.
        maps: [n, h, w] those with what it has learned.
    """
    learner, backbone = rebuilt.learner, rebuilt.backbone
    last = backbone.stages[-1].name
    stage = [p for n, p in learner.body.named_parameters() if backbone.stage_of.get(n) == last]
    head = list(learner.head.parameters())
    with at_random(head):
        first = alike(maps, again())
        with at_random(stage):
            second = alike(maps, again())
    return first, second


@contextlib.contextmanager
def at_random(parameters: Sequence[nn.Parameter]) -> Iterator[None]:
    """Give parameters other values of the same spread meanwhile; the same ones each time."""
    kept = [p.detach().clone() for p in parameters]
    drawing = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for p in parameters:
            order = torch.randperm(p.numel(), generator=drawing).to(p.device)
            p.copy_(p.flatten()[order].reshape(p.shape))
    try:
        yield
    finally:
        with torch.no_grad():
            for p, before in zip(parameters, kept, strict=True):
                p.copy_(before)


def alike(one: torch.Tensor, other: torch.Tensor) -> float | None:
    """Return the mean rank correlation (Spearman) of maps [n, h, w]; None if all are flat."""
    from scipy.stats import rankdata

    found = []
    for mine, theirs in zip(one.flatten(1).numpy(), other.flatten(1).numpy(), strict=True):
        a, b = rankdata(mine), rankdata(theirs)
        if a.std() > 0 and b.std() > 0:
            found.append(float(np.corrcoef(a, b)[0, 1]))
    return round(float(np.mean(found)), 3) if found else None
