"""Shortcuts: a planted one is found by its trait, chance and innocent differences are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tl_core.data import shortcuts
from tl_core.data.dataset import Dataset
from tl_core.data.traits import TRAIT, Traits

Record = Callable[..., Dataset]
N = 120


def innocent(record: Record) -> tuple[Dataset, Traits]:
    """Return three classes whose traits are drawn from the same distributions."""
    rng = np.random.default_rng(0)
    dataset = record([i % 3 for i in range(N)])
    examples = tuple(
        replace(
            e,
            width=int(rng.integers(100, 400)),
            height=int(rng.integers(100, 400)),
            path=Path(f"{e.key}{rng.choice(['.jpg', '.png'])}"),
            name=f"{rng.choice(['IMG', 'DSC', 'scan'])}_{i:04d}.png",
        )
        for i, e in enumerate(dataset.examples)
    )
    traits = np.zeros(N, dtype=TRAIT)
    traits["brightness"] = rng.normal(120, 30, N)
    traits["border"] = rng.integers(0, 256, (N, 3))
    traits["colour"] = rng.choice([0.0, 50.0], N)
    return replace(dataset, examples=examples), traits


def given_away(dataset: Dataset, traits: Traits) -> set[tuple[int, str]]:
    return {(s.label, s.trait) for s in shortcuts.shortcuts(dataset, traits)}


def test_chance_gives_nothing_away(record: Record) -> None:
    assert given_away(*innocent(record)) == set()


@pytest.mark.parametrize("trait", ["size", "format", "name", "border", "brightness", "grey"])
def test_a_planted_shortcut_is_found(record: Record, trait: str) -> None:
    dataset, traits = innocent(record)
    own = np.array([e.label == 1 for e in dataset.examples])
    traits["brightness"][own] += 200 if trait == "brightness" else 0
    if trait == "border":
        traits["border"][own] = (250, 5, 250)
    if trait == "grey":
        traits["colour"] = np.where(own, 0, 50)
    examples = []
    for e in dataset.examples:
        if trait == "size" and e.label == 1:
            e = replace(e, width=224, height=224)
        if trait == "format":
            e = replace(e, path=Path(f"x{'.bmp' if e.label == 1 else '.jpg'}"))
        if trait == "name" and e.label == 1:
            e = replace(e, name=f"camera2-{e.key[-4:]}.png")
        examples.append(e)
    found = shortcuts.shortcuts(replace(dataset, examples=tuple(examples)), traits)
    assert (1, trait) in {(s.label, s.trait) for s in found}
    assert found[0].balanced_accuracy >= shortcuts.GIVES_AWAY
    assert trait in shortcuts.TRAITS


def test_the_name_of_the_class_in_the_file_name_is_no_clue(record: Record) -> None:
    dataset, traits = innocent(record)
    examples = tuple(
        replace(e, name=f"{dataset.classes[e.label]}-{i}.png")
        for i, e in enumerate(dataset.examples)
    )
    assert given_away(replace(dataset, examples=examples), traits) == set()


def test_everything_alike_tells_nothing(record: Record) -> None:
    dataset, traits = innocent(record)
    alike = tuple(
        replace(e, width=64, height=64, path=Path("a.png"), name="1.png") for e in dataset.examples
    )
    traits[:] = traits[0]
    assert given_away(replace(dataset, examples=alike), traits) == set()


def test_a_class_of_few_is_not_judged(record: Record) -> None:
    dataset = record([0] * 9 + [1] * 60)
    traits = np.zeros(69, dtype=TRAIT)
    traits["brightness"][:9] = 200
    assert given_away(dataset, traits) == set()
