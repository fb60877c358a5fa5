"""What each stage of a network makes of one picture: its maps, and where its channels fire.

A channel's map says how strongly it answers at each place of the picture (Zeiler and Fergus 2014,
arXiv 1311.2901). What leaves the last stage has no places any more; there the last maps inside it
are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tl_core import catalog
from tl_core.data.dataset import Dataset, Example
from tl_core.engine import filters, inherit, precision
from tl_core.engine.maps import Pixels, jpeg, lit, maps_of, shrunk, spread, visible
from tl_core.engine.modality import Backbone, modality_of
from tl_core.insides import Filters, Seen, Stage

SHOWN = 6
"""Channels drawn of each stage."""
LEAST_PATCH_PX = 24
"""Edge of the smallest patch that can be made out."""
CELL_PX = 112
"""Edge of a picture that shows where a channel fires."""
MOST_FILTERS = 64
"""Looked at in the first layer; transformers have many hundreds."""
_IN_MEMORY = 3  # a base, its twin with random weights, and what a run has made of it


def opened(base_id: str, size: int | None, *, is_random: bool) -> Backbone:
    """Return a network, from memory where it was opened before.

    Args:
        base_id: as the catalog names it; `run:ID` for what a run has made.
        size: picture edge in pixels, or most tokens of a text; None for the base's own.
        is_random: take its twin with random weights, the same ones each time.

    Raises:
        InputError: if there is no such base, or its weights cannot be had.
        RunFailed: if its weights are not those that it is known by.
    """
    weights = catalog.find(base_id).weights  # a run that goes on makes others under the same id
    return _opened(base_id, weights, size, is_random)


@lru_cache(maxsize=_IN_MEMORY)
def _opened(base_id: str, _weights: str, size: int | None, is_random: bool) -> Backbone:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        base = catalog.find(base_id)
        backbone = inherit.load_backbone(base, size=size, pretrained=not is_random)
    backbone.body.eval().requires_grad_(False).to(precision.device())
    return backbone


def look(
    backbone: Backbone, example: Example, channels: Mapping[str, Sequence[int]] | None = None
) -> Seen:
    """Return what a network makes of a picture.

    Args:
        backbone: the network.
        example: the picture.
        channels: of each stage, which to draw; None for those that fire most.
    """
    alone = Dataset(
        "", "", classes=("",), examples=(example,), source="", created=0, fingerprint=""
    )
    inputs = modality_of("picture").open_examples(alone, [0], backbone).inputs([0])
    picture = visible(inputs, backbone)[0]
    small = shrunk(picture, CELL_PX)
    with torch.inference_mode():
        stages = tuple(
            _stage(name, maps[0].float().cpu(), small, backbone.size, (channels or {}).get(name))
            for name, maps in stage_maps(backbone, inputs)
        )
    return Seen(backbone.size, jpeg(picture), stages, _filters(backbone))


def stage_maps(
    backbone: Backbone, inputs: torch.Tensor
) -> Iterator[tuple[str, torch.Tensor]]:  # fmt: skip
    """Yield the name of each stage and its maps, [batch, channels, edge, edge], early to late.

    Stages that stay together in one segment come under the name of the last of them; those
    without places are left out.
    """
    chain = backbone.chain
    ends = (*chain.first_stage[1:], len(backbone.stages))
    value = inputs.to(precision.device())
    for number, (segment, end) in enumerate(zip(chain.segments, ends, strict=True)):
        if number < len(ends) - 1:
            value = segment(value)
            maps = maps_of(value)
        else:
            maps = _last_maps(segment, value)
        if maps is not None:
            yield backbone.stages[end - 1].name, maps


def _last_maps(segment: nn.Module, value: torch.Tensor) -> torch.Tensor | None:
    """Return the last maps on the way through a segment; None if there are none."""
    found: list[torch.Tensor] = []

    def note(_layer: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, torch.Tensor) and (maps := maps_of(output)) is not None:
            found[:] = [maps]

    leaves = [module for module in segment.modules() if not list(module.children())]
    hooks = [leaf.register_forward_hook(note) for leaf in leaves]
    try:
        segment(value)
    finally:
        for hook in hooks:
            hook.remove()
    return found[0] if found else None


def strength(maps: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return how strongly channels fire, and where.

    A place of an early stage sees few pixels, and its value may be bounded above: many places of
    many pictures would tie. So the mean over as many places counts as a patch has that can be made
    out.

    Args:
        maps: [batch, channels, edge, edge].
        size: edge of the pictures in pixels.

    Returns:
        [batch, channels] the highest of these means, and the place in its middle, row after row.
    """
    window = max(1, LEAST_PATCH_PX * maps.shape[-1] // size) // 2 * 2 + 1
    means = functional.avg_pool2d(maps, window, stride=1, padding=window // 2)
    return means.flatten(2).max(2)


def _stage(
    name: str, maps: torch.Tensor, picture: Pixels, size: int, wanted: Sequence[int] | None
) -> Stage:
    """Return what is drawn of maps, [channels, edge, edge]."""
    if wanted is None:
        wanted = strength(maps[None], size)[0][0].topk(min(SHOWN, len(maps))).indices.tolist()
    shown = tuple(int(channel) for channel in wanted if channel < len(maps))
    cells = [lit(picture, spread(maps[channel], CELL_PX)) for channel in shown]
    return Stage(name, len(maps), int(maps.shape[-1]), shown, jpeg(np.concatenate(cells)))


def _filters(backbone: Backbone) -> Filters | None:
    weights = filters.first_layer(backbone.body)
    if weights is None:
        return None
    std = np.asarray(backbone.input_config["std"], dtype=np.float64)
    return filters.measure(weights[:MOST_FILTERS], std)
