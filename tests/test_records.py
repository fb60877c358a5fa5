"""Records go to JSON and back without loss."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tl_core.errors import InputError
from tl_core.records import from_dict, to_dict
from tl_core.spec import (
    Accuracy,
    Controls,
    DatasetFacts,
    Evidence,
    Leak,
    RunSpec,
    Shift,
    Stage,
    StageProbe,
)

TRAIN = RunSpec(kind="train", dataset="d")
RACE = RunSpec(kind="race", dataset="d", strategies=("linear_probe", "lora"))


def evidence() -> Evidence:
    half = Accuracy(0.5, 0.4, 0.6, 100)
    return Evidence(
        dataset="d",
        base="b",
        size=224,
        seed=0,
        n=100,
        classes=2,
        distance="near",
        shift=Shift(0.1, 0.2, 0.3),
        shift_expected=None,
        source_confidence=0.5,
        leep_per_log_c=-0.4,
        zero_training=None,
        knn=half,
        linear_probe=half,
        controls=Controls(pixels=half),
        stages=(Stage("stem", 10, 0.25), Stage("1", 20, 0.75)),
        forward_per_second=100.0,
        train_per_second=None,
        seconds=1.5,
        stage_probes=(StageProbe("stem", 0.4),),
    )


@pytest.mark.parametrize(
    "record",
    [
        TRAIN,
        RACE,
        evidence(),
        DatasetFacts(4, 2, 2, 0, Leak(None, None), {"a": 2, "b": 2}, {"train": 4}),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_survives_json(record: Any) -> None:
    text = json.dumps(to_dict(record), allow_nan=False)
    assert from_dict(type(record), json.loads(text)) == record


def test_a_newer_file_with_more_keys_is_read() -> None:
    values = {**to_dict(TRAIN), "added_later": 1}
    assert from_dict(RunSpec, values) == TRAIN


def test_a_file_that_lacks_keys_says_which() -> None:
    with pytest.raises(InputError) as caught:
        from_dict(Accuracy, {"value": 0.5, "n": 3})
    assert [i.field for i in caught.value.issues] == ["low", "high"]
