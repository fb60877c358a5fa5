"""Pictures that look alike by their perceptual hashes, proposed without comparing all with all.

A hash alone gives false pairs; features of a network confirm them (`tl_core.evidence.twins`).
"""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import numpy.typing as npt

from tl_core.data.traits import Traits

COARSE_BITS = 10
"""Bits of 64 that may differ: pictures saved anew differ by up to 8, slightly cropped and
brightened ones by 6 in the middle and 14 at most (`benchmarks/twins.json`)."""
FINE_BITS = 70  # of 256; likewise
FLAT = 3.0
"""Spread of brightness, of 255, below which a picture is an even ground and its hash is noise."""
TABLES, KEY_BITS = 64, 16
"""Each table sorts by KEY_BITS bits chosen at random. Hashes that differ in 10 of 64 bits agree in
all of them with probability 0.047 (54 over 16 by 64 over 16), in one of 64 tables with 0.95; those
that differ in 6 bits, practically always."""
MOST_NEIGHBOURS = 30  # with the same key that each is compared with; keeps endless twins linear
MOST_OF_A_HASH = 6  # pictures of one hash that stand for it against other hashes

Ints = npt.NDArray[np.int64]


def candidates(traits: Traits) -> tuple[Ints, Ints]:
    """Return pairs of pictures that may show the same.

    Args:
        traits: [n] of `traits.TRAIT`.

    Returns:
        The pairs, [m, 2], lower index first, sorted, and by how many bits of 256 each differs.
    """
    usable = np.flatnonzero(traits["contrast"] >= FLAT)
    if len(usable) < 2:
        return np.zeros((0, 2), np.int64), np.zeros(0, np.int64)
    coarse, fine = traits["coarse"][usable], traits["fine"][usable]
    hashes, of_hash = np.unique(coarse, return_inverse=True)
    members = _members(of_hash, len(hashes))
    found = {pair for own in members if len(own) > 1 for pair in _within(own)}
    for one, other in _close(hashes):
        few = members[one][:MOST_OF_A_HASH], members[other][:MOST_OF_A_HASH]
        found.update((min(a, b), max(a, b)) for a, b in product(*few))
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    differ = np.bitwise_count(fine[pairs[:, 0]] ^ fine[pairs[:, 1]]).sum(1).astype(np.int64)
    keep = differ <= FINE_BITS
    return usable[pairs[keep]], differ[keep]


def _members(of_hash: Ints, hashes: int) -> list[list[int]]:
    order = np.argsort(of_hash, kind="stable")
    bounds = np.searchsorted(of_hash[order], np.arange(1, hashes))
    return [part.tolist() for part in np.split(order, bounds)]


def _within(own: list[int]) -> set[tuple[int, int]]:
    """Return pairs among pictures of one hash: each with the first ones and with the next."""
    firsts = own[:MOST_OF_A_HASH]
    return {(a, b) for a, b in product(firsts, own) if a < b} | set(pairwise(own))


def _close(hashes: npt.NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Return pairs of different hashes that differ in at most COARSE_BITS, lower index first."""
    rng = np.random.default_rng(0)
    bits = np.unpackbits(hashes.view(np.uint8).reshape(-1, 8), axis=1)
    weights = 1 << np.arange(KEY_BITS)
    found: list[npt.NDArray[np.int64]] = []
    for _table in range(TABLES):
        keys = bits[:, rng.choice(64, KEY_BITS, replace=False)] @ weights
        order = np.argsort(keys, kind="stable")
        for step in range(1, MOST_NEIGHBOURS + 1):
            left, right = order[:-step], order[step:]
            same = keys[left] == keys[right]
            if not same.any():
                break
            near = same & (np.bitwise_count(hashes[left] ^ hashes[right]) <= COARSE_BITS)
            found.append(np.sort(np.stack([left[near], right[near]], 1), axis=1))
    if not found:
        return []
    return [(int(a), int(b)) for a, b in np.unique(np.concatenate(found), axis=0)]
