"""Between the base and the tuned network: weights in between often do best, and forget less.

WiSE-FT (Wortsman et al. 2022): w = (1 - a) * base + a * tuned, with the share `a` chosen by
validation loss. It needs BatchNorm statistics that both ends share, which fixed ones are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

SHARES = (0.75, 0.5, 0.25)
"""Of the tuned weights; 0 and 1 have been judged on the way."""

State = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Tried:
    """One mixture and how it did."""

    share: float
    val_loss: float
    val_accuracy: float


def mixed(base: State, tuned: State, share: float) -> dict[str, torch.Tensor]:
    """Return (1 - share) * base + share * tuned for every tensor of `tuned`."""
    floats = {name: value for name, value in tuned.items() if value.is_floating_point()}
    return dict(tuned) | {
        name: torch.lerp(base[name].to(value), value, share).contiguous()
        for name, value in floats.items()
    }


def best_of(
    base: State,
    tuned: State,
    tuned_loss: float,
    judge: Callable[[dict[str, torch.Tensor]], tuple[float, float]],
) -> tuple[Tried, ...]:
    """Judge mixtures from the tuned end on; returns them in the order of their validation loss.

    The first one that is worse than the one before ends the search: along this line the loss
    rarely has more than one valley (Wortsman et al. 2022), and each look costs a pass.

    Args:
        base: the state at share 0, with every name of `tuned`.
        tuned: the state at share 1.
        tuned_loss: validation loss of the latter.
        judge: takes a state and returns its validation loss and accuracy.
    """
    tried: list[Tried] = []
    before = tuned_loss
    for share in SHARES:
        tried.append(Tried(share, *judge(mixed(base, tuned, share))))
        if tried[-1].val_loss >= before:
            break
        before = tried[-1].val_loss
    return tuple(sorted(tried, key=lambda t: t.val_loss))
