from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tl_core import spec
from tl_core.errors import InputError
from tl_core.spec import RunSpec

TRAIN = RunSpec(kind="train", dataset="d")


def fields_of(run: RunSpec) -> list[str]:
    return [issue.field for issue in spec.validate(run)]


def test_a_plain_request_is_valid() -> None:
    assert spec.validate(TRAIN) == ()
    assert spec.require_valid(TRAIN) is TRAIN
    control = dataclasses.replace(TRAIN, control_of="r", strategy="from_scratch")
    assert spec.validate(control) == ()


def test_every_problem_is_named_at_once_with_a_fix() -> None:
    bad = dataclasses.replace(TRAIN, dataset="", size=7, val_fraction=0.9, strategy="magic")
    with pytest.raises(InputError) as caught:
        spec.require_valid(bad)
    assert [i.field for i in caught.value.issues] == ["data", "size", "val", "strategy"]
    assert all(i.message and i.fix for i in caught.value.issues)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "dance"}, "kind"),
        ({"version": 99}, "version"),
        ({"base": ""}, "base"),
        ({"size": 31}, "size"),
        ({"size": 1025}, "size"),
        ({"val_fraction": 0.0}, "val"),
        ({"val_fraction": 0.51}, "val"),
        ({"seed": -1}, "seed"),
        ({"epochs": 0}, "epochs"),
        ({"patience": -1}, "patience"),
        ({"minutes": 0.0}, "minutes"),
        ({"minutes": float("nan")}, "minutes"),
        ({"strategy": "magic"}, "strategy"),
        ({"retention": "magic"}, "retention"),
        ({"control_of": "r"}, "control_of"),
        ({"control_of": "r", "strategy": "from_scratch", "kind": "evidence"}, "control_of"),
    ],
)
def test_each_bound_is_held(change: dict[str, Any], field: str) -> None:
    assert fields_of(dataclasses.replace(TRAIN, **change)) == [field]


@pytest.mark.parametrize(
    "change",
    [
        {"size": 32},
        {"size": 1024},
        {"val_fraction": 0.05},
        {"val_fraction": 0.5},
        {"patience": 0},
        {"epochs": 1},
        *({"strategy": s} for s in spec.STRATEGIES),
    ],
)
def test_the_ends_of_each_range_are_allowed(change: dict[str, Any]) -> None:
    assert fields_of(dataclasses.replace(TRAIN, **change)) == []


def test_an_import_needs_only_its_source() -> None:
    assert fields_of(RunSpec(kind="import", source="/pictures")) == []
    assert fields_of(RunSpec(kind="import")) == ["source"]


def test_a_race_needs_two_different_known_strategies() -> None:
    race = RunSpec(kind="race", dataset="d", strategies=("linear_probe", "lora"))
    assert fields_of(race) == []
    for wrong in ((), ("lora",), ("lora", "lora"), ("lora", "magic")):
        assert "strategies" in fields_of(dataclasses.replace(race, strategies=wrong))


def test_an_export_needs_a_run_and_known_formats() -> None:
    asked = RunSpec("export", run="a-run", formats=("onnx", "script"))
    assert spec.validate(asked) == ()
    assert fields_of(RunSpec("export")) == ["run", "format"]
    assert fields_of(dataclasses.replace(asked, formats=("onnx", "tflite"))) == ["format"]


def test_a_closer_look_needs_a_run_and_something_to_look_at() -> None:
    asked = RunSpec(kind="explain", dataset="d", run="r", aspects=("looks", "map"), rows=(1,))
    assert spec.validate(asked) == ()
    assert spec.from_dict(RunSpec, spec.to_dict(asked)) == asked
    for wrong in ({"run": ""}, {"aspects": ()}, {"aspects": ("luck",)}):
        (issue,) = spec.validate(dataclasses.replace(asked, **wrong))
        assert issue.field == "aspects"
