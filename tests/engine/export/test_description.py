"""What stands beside the weights."""

from __future__ import annotations

import json

from tl_core.data.dataset import Dataset
from tl_core.engine.export.description import base_of, describe, picture_input, versions
from tl_core.engine.export.network import portable
from tl_core.engine.modality import Backbone
from tl_core.engine.rebuild import Rebuilt


def test_it_tells_labels_input_and_origin(small: Rebuilt, drawn: Dataset) -> None:
    told = describe(portable(small), small.backbone, drawn, "a-run")
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["labels"] == ["class 0", "class 1"]
    assert told["run"] == "a-run"
    assert told["network"]["architecture"] == "test_efficientnet"
    assert told["base"]["licence"] is None
    assert told["base"]["id"] == "timm:test_efficientnet"


def test_the_input_is_the_one_that_thaw_makes(lite0: Backbone) -> None:
    told = picture_input(lite0)
    assert (told["size"], told["canvas"]) == (64, 73)
    assert (told["mean"], told["interpolation"]) == ([0.5] * 3, "bicubic")
    assert base_of(lite0.base)["licence"] == "Apache-2.0"
    assert len(base_of(lite0.base)["sha256"]) == 64


def test_versions_are_those_at_hand() -> None:
    assert {"thaw", "torch", "timm", "pillow"} <= versions().keys()
