"""Several processes training one network: what they must agree on.

Started by `accelerate launch`, every process runs the same loop on its share of each batch. The
main one judges, decides, tells and writes; the others follow. Alone, all of this is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from accelerate.utils import broadcast_object_list
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from tl_core.engine import precision

T = TypeVar("T")


def size() -> int:
    """Return how many processes train together."""
    return torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1


def rank() -> int:
    """Return the number of this process; 0 is the main one."""
    return torch.distributed.get_rank() if torch.distributed.is_initialized() else 0


def agreed(decide: Callable[[], T]) -> T:
    """Return what the main process decides, in every process."""
    if size() == 1:
        return decide()
    found: list[T | None] = [decide() if rank() == 0 else None]
    broadcast_object_list(found)
    return found[0]  # type: ignore[return-value]


@contextmanager
def main_first() -> Iterator[None]:
    """Let the main process go through a block before the others: they find its files."""
    if size() > 1 and rank() > 0:
        torch.distributed.barrier()
    try:
        yield
    finally:
        if size() > 1 and rank() == 0:
            torch.distributed.barrier()


def meet() -> None:
    """Wait until all are here: what the main process wrote before is there for the others."""
    if size() > 1:
        torch.distributed.barrier()


def wrapped(network: nn.Module) -> nn.Module:
    """Return the network with its gradients averaged over all processes."""
    return network if size() == 1 else DistributedDataParallel(network)


def equalise(parameters: Iterable[torch.Tensor]) -> None:
    """Give every process the main one's values."""
    if size() > 1:
        for parameter in parameters:
            torch.distributed.broadcast(parameter.data, 0)


def summed(value: float) -> float:
    """Return the sum of every process's value."""
    total = torch.tensor(value, dtype=torch.float64, device=precision.device())
    torch.distributed.all_reduce(total)
    return float(total)
