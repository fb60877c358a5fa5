"""Odd pictures: found by their shape, size, colour and emptiness; what is usual is not odd."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tl_core.data import oddities
from tl_core.data.audit_checks import AUDIT_CHECKS
from tl_core.data.dataset import Dataset
from tl_core.data.traits import TRAIT, Traits

Record = Callable[..., Dataset]


def usual(record: Record, n: int = 20) -> tuple[Dataset, Traits]:
    """Return coloured pictures of 200 x 150 pixels."""
    dataset = record([i % 2 for i in range(n)])
    examples = tuple(replace(e, width=200, height=150) for e in dataset.examples)
    traits = np.zeros(n, dtype=TRAIT)
    traits["contrast"], traits["colour"] = 60, 40
    return replace(dataset, examples=examples), traits


def test_usual_pictures_have_no_oddities(record: Record) -> None:
    assert oddities.oddities(*usual(record)) == {}


def test_each_oddity_is_found_where_it_is(record: Record) -> None:
    dataset, traits = usual(record)
    examples = list(dataset.examples)
    examples[1] = replace(examples[1], width=400, height=100)
    examples[2] = replace(examples[2], width=31, height=31)
    traits["contrast"][3] = 1
    traits["colour"][4] = 0.5
    traits["is_turned"][5] = True
    found = oddities.oddities(replace(dataset, examples=tuple(examples)), traits)
    assert found == {
        "extreme_shape": [1],
        "few_pixels": [2],
        "flat": [3],
        "grey": [4],
        "turned": [5],
    }


def test_what_most_pictures_are_is_not_odd(record: Record) -> None:
    dataset, traits = usual(record)
    traits["colour"] = 0
    long = tuple(replace(e, width=1000, height=100) for e in dataset.examples)
    assert oddities.oddities(replace(dataset, examples=long), traits) == {}


def test_the_texts_quote_the_borders() -> None:
    assert f"less than {oddities.FEW_PIXELS} pixels" in AUDIT_CHECKS["few_pixels"].effect(1)
    assert oddities.EXTREME_SHAPE == 4
    assert "four times" in AUDIT_CHECKS["extreme_shape"].effect(1)
