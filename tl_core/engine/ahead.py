"""Batches made ready by another thread while the network is busy with the one before."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import torch

DEPTH = 2  # batches ready or in the making; more would only take memory

T = TypeVar("T")


def made(make: Callable[[T], Any], wishes: Sequence[T]) -> Iterator[Any]:
    """Yield make(wish) for each wish in order, made ahead in one other thread.

    `make` must not use the generators of random numbers that all threads share. What it raises
    is raised here.
    """
    with ThreadPoolExecutor(1, "ahead", initializer=on_one_core) as thread:
        waiting: deque[Future[Any]] = deque()
        left = iter(wishes)
        try:
            for wish in left:
                waiting.append(thread.submit(make, wish))
                if len(waiting) > DEPTH:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def on_one_core() -> None:
    """Keep what this thread computes to itself: with more cores it would hold up the network.

    Torch keeps the number for each thread. On two cores a training step at 224 px took 6 to 9 %
    longer while the batches to come were varied on both.
    """
    torch.set_num_threads(1)


def batches(
    make: Callable[[Sequence[int]], torch.Tensor], rows: Sequence[int], size: int
) -> Iterator[tuple[Sequence[int], torch.Tensor]]:
    """Yield (rows, make(rows)) for each batch of at most `size` rows."""
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    yield from zip(parts, made(make, parts), strict=True)


def alike(rows: Sequence[int], lengths: Sequence[int]) -> list[int]:
    """Return `rows` with those of like length side by side, so that batches are padded little."""
    return sorted(rows, key=lengths.__getitem__) if lengths else list(rows)


def put_back(
    values: torch.Tensor, order: Sequence[int], rows: Sequence[int] | None = None
) -> torch.Tensor:
    """Return `values`, [n, …] in the order `order`, in the order of `rows` (default: rising)."""
    wanted = sorted(order) if rows is None else list(rows)
    if wanted == list(order):
        return values
    place = {row: number for number, row in enumerate(order)}
    return values[[place[row] for row in wanted]]
