"""Maps are held against those of networks that know less, which are put back afterwards."""

from __future__ import annotations

import torch
from torch import nn

from tl_core.engine import unlearned


def test_ranks_of_the_same_map_agree() -> None:
    maps = torch.rand(3, 4, 4)
    assert unlearned.alike(maps, maps.exp()) == 1.0
    assert unlearned.alike(maps, -maps) == -1.0
    assert unlearned.alike(torch.zeros(2, 4, 4), maps[:2]) is None


def test_weights_at_random_keep_their_values_and_come_back() -> None:
    weights = nn.Parameter(torch.arange(100.0))
    with unlearned.at_random([weights]):
        assert not torch.equal(weights, torch.arange(100.0))
        assert torch.equal(weights.sort().values, torch.arange(100.0))
    assert torch.equal(weights, torch.arange(100.0))
