"""Proposals of twins: near hashes are found among many, flat pictures and far ones are not."""

from __future__ import annotations

import numpy as np

from tl_core.data import alike
from tl_core.data.traits import TRAIT, Traits


def many(n: int, seed: int = 0) -> Traits:
    rng = np.random.default_rng(seed)
    made = np.zeros(n, dtype=TRAIT)
    made["coarse"] = rng.integers(0, 2**63, n, dtype=np.uint64)
    made["fine"] = rng.integers(0, 2**63, (n, 4), dtype=np.uint64)
    made["contrast"] = 50
    return made


def flipped(value: np.uint64, bits: int, rng: np.random.Generator) -> np.uint64:
    for place in rng.choice(64, bits, replace=False):
        value = value ^ np.uint64(1 << int(place))
    return value


def planted(n: int, copies: int, coarse_bits: int, fine_bits: int) -> Traits:
    """Return n random pictures; the last `copies` are copies of the first with bits flipped."""
    made, rng = many(n), np.random.default_rng(1)
    for i in range(copies):
        twin = made[n - copies + i]
        twin["coarse"] = flipped(made["coarse"][i], coarse_bits, rng)
        twin["fine"] = made["fine"][i]
        twin["fine"][0] = flipped(made["fine"][i][0], fine_bits, rng)
    return made


def test_near_hashes_are_found_with_how_much_they_differ() -> None:
    pairs, bits = alike.candidates(planted(3000, 200, coarse_bits=6, fine_bits=20))
    wanted = {(i, 2800 + i) for i in range(200)}
    assert len(wanted & set(map(tuple, pairs.tolist()))) >= 198
    assert set(bits.tolist()) == {20}


def test_at_the_border_most_are_found() -> None:
    pairs, _bits = alike.candidates(planted(2000, 200, coarse_bits=10, fine_bits=20))
    assert len(pairs) >= 0.85 * 200


def test_what_differs_too_much_is_not_proposed() -> None:
    assert len(alike.candidates(planted(2000, 200, coarse_bits=14, fine_bits=0))[0]) == 0
    far = planted(2000, 200, coarse_bits=0, fine_bits=0)
    far["fine"] = many(2000, seed=9)["fine"]
    assert len(alike.candidates(far)[0]) == 0
    assert len(alike.candidates(many(5000))[0]) == 0


def test_even_grounds_are_left_alone() -> None:
    made = planted(100, 20, coarse_bits=0, fine_bits=0)
    made["contrast"] = 1.0
    assert len(alike.candidates(made)[0]) == 0


def test_many_of_one_hash_stay_few_pairs_that_connect_them_all() -> None:
    made = many(2000)
    made["coarse"], made["fine"] = made["coarse"][0], made["fine"][0]
    pairs, bits = alike.candidates(made)
    assert len(pairs) < 10 * 2000
    assert set(pairs.ravel().tolist()) == set(range(2000))
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert not bits.any()


def test_nothing_or_one_has_no_pairs() -> None:
    for n in (0, 1):
        pairs, bits = alike.candidates(many(n))
        assert pairs.shape == (0, 2)
        assert len(bits) == 0
