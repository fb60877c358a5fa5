"""A network cut into stages, from early (general) to late (specific)."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import Any

import torch
from timm.models import group_parameters
from torch import nn

from tl_core.spec import Stage

STEM = "stem"
MAX_BLOCK_STAGES = 8  # deeper networks are joined pairwise and more, so that a person can follow


def cut_into_stages(
    model: Any, head_names: set[str], sample: torch.Tensor
) -> tuple[tuple[Stage, ...], dict[str, str]]:
    """Cut a timm network by its own grouping of parameters.

    Args:
        model: a timm network with its classifier still on.
        head_names: names of the classifier's parameters; they belong to no stage.
        sample: an input, [1, …], for which the cost is counted.

    Returns:
        The stages early to late (`stem`, `1`, `2`, …) and the stage of each parameter.
    """
    matcher = model.group_matcher(coarse=True)
    groups = group_parameters(model, matcher, reverse=False)
    ordered = [[n for n in groups[k] if n not in head_names] for k in sorted(groups)]
    stem, blocks = ordered[0], [names for names in ordered[1:] if names]
    tail_only = len(blocks) > 1 and len(blocks[-1]) <= 4  # a lone last convolution or norm
    if tail_only:
        blocks = [*blocks[:-2], blocks[-2] + blocks[-1]]
    joined = -(-len(blocks) // MAX_BLOCK_STAGES)
    blocks = [list(chain(*blocks[i : i + joined])) for i in range(0, len(blocks), joined)]
    stage_of = dict.fromkeys(stem, STEM)
    for number, names in enumerate(blocks, 1):
        stage_of |= dict.fromkeys(names, str(number))
    return described(model, stage_of, sample), stage_of


def described(
    model: nn.Module, stage_of: dict[str, str], sample: torch.Tensor
) -> tuple[Stage, ...]:
    """Return the stages with their parameters and their shares of the cost of `sample`."""
    macs = _multiply_adds(model, stage_of, sample)
    total = sum(macs.values()) or 1
    sizes = {name: p.numel() for name, p in model.named_parameters()}
    return tuple(
        Stage(
            name=stage,
            parameters=sum(sizes[n] for n, s in stage_of.items() if s == stage),
            cost=round(macs.get(stage, 0) / total, 4),
        )
        for stage in dict.fromkeys(stage_of.values())
    )


def fingerprint(model: nn.Module) -> str:
    """Return a hash of all weights and statistics."""
    digest = hashlib.sha256()
    for name, value in model.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def count_multiply_adds(model: nn.Module, sample: torch.Tensor) -> int:
    """Return the multiply-adds of one forward pass on an input, [1, …]."""
    every = {name: "all" for name, _ in model.named_parameters()}
    return _multiply_adds(model, every, sample).get("all", 0)


def _multiply_adds(
    model: nn.Module, stage_of: dict[str, str], sample: torch.Tensor
) -> dict[str, int]:
    """Count what convolutions and linear maps cost per stage; the rest is small beside them."""
    counts: dict[str, int] = {}
    hooks = []

    def counter(stage: str) -> Any:
        def count(module: Any, _inputs: Any, output: torch.Tensor) -> None:
            channels = module.weight.shape[0]
            uses = output.numel() // channels
            counts[stage] = counts.get(stage, 0) + module.weight.numel() * uses

        return count

    for name, module in model.named_modules():
        stage = stage_of.get(f"{name}.weight")
        if stage and isinstance(module, (nn.Conv2d, nn.Linear)):
            hooks.append(module.register_forward_hook(counter(stage)))
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        model(sample)
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    return counts
