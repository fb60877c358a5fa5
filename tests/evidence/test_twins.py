"""Near-duplicates: copies saved anew are confirmed, what only hashes alike is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from tl_core.data import alike, audit, ingest, store, traits
from tl_core.data import twins as record
from tl_core.errors import Cancelled
from tl_core.evidence import twins

Pictures = dict[str, list[Image.Image]]


def quiet(kind: str, /, **fields: object) -> None:
    """Listen to nothing."""


def scene(seed: int) -> Image.Image:
    """Return a picture of coloured discs on a smooth ground, different for every seed."""
    rng = np.random.default_rng(seed)
    ground = Image.fromarray(rng.integers(0, 256, (3, 3, 3), np.uint8))
    picture = np.asarray(ground.resize((120, 120), Image.Resampling.BICUBIC)).copy()
    y, x = np.mgrid[:120, :120]
    for _disc in range(5):
        cy, cx, r = rng.integers(10, 110), rng.integers(10, 110), rng.integers(8, 30)
        picture[(y - cy) ** 2 + (x - cx) ** 2 < r * r] = rng.integers(0, 256, 3)
    return Image.fromarray(picture)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write two classes of ten scenes each, with two twins among them, perhaps with parts."""

    def write(*, train: str = "", held: str = "") -> Path:
        root = tmp_path / "scenes"
        for number in range(20):
            part = train if number % 5 else held
            path = root / part / ("a", "b")[number % 2] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            scene(number).save(path)
        scene(0).save(root / train / "a" / "again.jpg", quality=60)
        ImageEnhance.Brightness(scene(5)).enhance(1.1).save(root / train / "b" / "brighter.png")
        return root

    return write


def found_names(dataset_id: str) -> set[frozenset[str]]:
    imported = store.load(dataset_id, 0)
    name = {e.row: Path(e.name).name for e in imported.examples}
    known = record.read(store.dataset_dir(dataset_id))
    assert known is not None
    return {frozenset((name[a], name[b])) for a, b in known.pairs}


def test_twins_are_found_and_kept_together(thaw_home: Path, folder: Callable[..., Path]) -> None:
    dataset = ingest.import_data(folder())
    after = twins.ensure(dataset, quiet, lambda: True)
    assert found_names(dataset.id) == {
        frozenset(("0.png", "again.jpg")),
        frozenset(("5.png", "brighter.png")),
    }
    group = {Path(e.name).name: e.group for e in after.examples}
    assert group["0.png"] == group["again.jpg"] != ""
    assert after.revision == 1
    facts = audit.facts(after, val_fraction=0.2, seed=0)
    assert (facts.leak.suspected, facts.leak.pairs, facts.near_duplicates) == (False, 0, 2)
    assert [f.check for f in audit.findings(after)] == ["near_twins"]


def test_looking_again_changes_nothing(thaw_home: Path, folder: Callable[..., Path]) -> None:
    after = twins.ensure(ingest.import_data(folder()), quiet, lambda: True)
    assert twins.ensure(after, quiet, lambda: False) is after


def test_twins_across_given_parts_are_a_leak(
    thaw_home: Path, folder: Callable[..., Path]
) -> None:  # fmt: skip
    dataset = ingest.import_data(folder(train="train", held="val"))
    assert audit.facts(dataset, val_fraction=0.2, seed=0).leak.suspected is None
    after = twins.ensure(dataset, quiet, lambda: True)
    leak = audit.facts(after, val_fraction=0.2, seed=0).leak
    assert (leak.suspected, leak.pairs) == (True, 2)
    (told,) = [f for f in audit.findings(after) if f.check == "leak"]
    assert {Path(name).name for name in told.examples} == {"0.png", "5.png"}


def test_hashes_alone_confirm_nothing(
    thaw_home: Path, folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = ingest.import_data(folder())
    known = traits.read(store.dataset_dir(dataset.id), dataset.examples)
    assert known is not None
    pairs = np.array([(0, 1), (2, 9), (3, 17)])
    monkeypatch.setattr(alike, "candidates", lambda traits: (pairs, np.array([60, 60, 60])))
    found = twins.find(dataset, quiet, lambda: True)
    assert (found.pairs, found.proposed) == ((), 3)


def test_a_stop_stores_nothing(thaw_home: Path, folder: Callable[..., Path]) -> None:
    dataset = ingest.import_data(folder())
    with pytest.raises(Cancelled):
        twins.ensure(dataset, quiet, lambda: False)
    assert record.read(store.dataset_dir(dataset.id)) is None
    assert store.load(dataset.id).revision == 0


def test_texts_are_left_to_their_import(thaw_home: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = [f"{'good' if i % 2 else 'bad'} thing number {i * i} here,{i % 2}" for i in range(20)]
    table.write_text("text,label\n" + "\n".join(rows))
    dataset = ingest.import_data(table)
    assert twins.ensure(dataset, quiet, lambda: False) is dataset
