"""Traits: what they tell of a picture, and that they are found again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image

from tl_core.data import ingest, store, traits
from tl_core.data.traits import TRAIT, trait_of


def trait(pixels: np.ndarray) -> np.void:
    return trait_of(Image.fromarray(pixels), is_turned=False, size_bytes=7)


def noise(seed: int, edge: int = 96) -> np.ndarray:
    smooth = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    return np.asarray(Image.fromarray(smooth).resize((edge, edge), Image.Resampling.BICUBIC))


def bits(a: np.void, b: np.void, field: str) -> int:
    return int(np.bitwise_count(np.atleast_1d(a[field] ^ b[field])).sum())


def test_colour_brightness_and_border_are_told() -> None:
    pixels = np.zeros((80, 80, 3), np.uint8)
    pixels[20:60, 20:60] = (200, 200, 200)
    found = trait(pixels)
    assert found["brightness"] == pytest.approx(50, abs=2)
    assert found["contrast"] > 60
    assert found["colour"] == 0
    assert found["border"].tolist() == [0, 0, 0]
    assert found["bytes"] == 7
    red = np.full((40, 40, 3), (255, 0, 0), np.uint8)
    assert trait(red)["colour"] == 255
    assert trait(red)["contrast"] < 1e-3


def test_the_same_picture_made_smaller_or_brighter_has_nearly_the_same_hashes() -> None:
    whole = Image.fromarray(noise(1, 200))
    half = trait_of(whole.resize((100, 100)), is_turned=True, size_bytes=1)
    brighter = trait_of(
        Image.eval(whole, lambda v: min(255, v + 15)), is_turned=False, size_bytes=1
    )
    original = trait_of(whole, is_turned=False, size_bytes=1)
    for other in (half, brighter):
        assert bits(original, other, "coarse") <= 6
        assert bits(original, other, "fine") <= 40
    assert bits(original, trait(noise(2)), "fine") > 70
    assert half["is_turned"]


def test_an_import_takes_the_traits_of_every_picture(
    thaw_home: Path, tmp_path: Path, draw_classes: Callable[..., Path]
) -> None:
    dataset = ingest.import_data(draw_classes(tmp_path / "pets"))
    folder = store.dataset_dir(dataset.id)
    known = traits.read(folder, dataset.examples)
    assert known is not None
    assert known.dtype == TRAIT
    assert len(known) == 12
    own = trait_of(Image.open(dataset.examples[5].path), is_turned=False, size_bytes=0)
    assert bits(known[5], own, "fine") == 0


def test_what_an_older_import_did_not_take_is_taken_when_needed(
    thaw_home: Path, tmp_path: Path, draw_classes: Callable[..., Path]
) -> None:
    dataset = ingest.import_data(draw_classes(tmp_path / "pets"))
    folder = store.dataset_dir(dataset.id)
    before = traits.read(folder, dataset.examples)
    assert before is not None
    for damage in (b"", b"PK\x03\x04 torn"):
        (folder / traits.TRAITS_FILE).write_bytes(damage)
        assert traits.read(folder, dataset.examples) is None
        looked_at = Mock()
        again = traits.ensure(folder, dataset, looked_at)
        assert all((again[name] == before[name]).all() for name in TRAIT.names or ())
        assert looked_at.call_count == 12


def test_unknown_pictures_make_all_unknown(tmp_path: Path, record: Callable[..., object]) -> None:
    examples = record([0, 1]).examples  # type: ignore[attr-defined]
    traits.write(tmp_path, {examples[0].key: trait(noise(1))})
    assert traits.read(tmp_path, examples) is None
    assert traits.read(tmp_path, examples[:1]) is not None
    assert traits.read(tmp_path, ()) is None
