"""Beside the script lie the split and, where nobody else has them, the base's weights."""

from __future__ import annotations

import csv
from pathlib import Path

from safetensors.torch import load_file

from tl_core import catalog
from tl_core.data.dataset import Dataset
from tl_core.engine import inherit
from tl_core.engine.export import beside
from tl_core.engine.export.recipe import recipe_of

from .conftest import Kept


def test_split_and_weights_of_a_run_before_are_written(
    heir: Kept, drawn: Dataset, tmp_path: Path
) -> None:
    made, base = recipe_of(heir.spec, drawn, "lora", heir.folder, heir.told, is_bf16=False)
    beside.write(tmp_path, heir.spec, drawn, made, base)
    with (tmp_path / beside.SPLIT).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["part"] for row in rows].count("val") == 6
    assert sorted(row["key"] for row in rows) == sorted(e.key for e in drawn.examples)
    assert {row["class"] for row in rows} == set(drawn.classes)
    loaded = inherit.load_backbone(catalog.find(heir.spec.base), size=64, pretrained=True)
    theirs = loaded.body.state_dict()
    kept = load_file(tmp_path / beside.BASE_FILE)
    assert kept.keys() == theirs.keys()
    assert all(value.equal(theirs[name]) for name, value in kept.items())
