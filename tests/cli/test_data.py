from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEYS = {"n", "classes", "per_class_min", "duplicates", "leak"}


def test_add_imports_under_the_name_given(
    thaw: Callable[..., Any], thaw_home: Path, tiny_pictures: Path
) -> None:
    told = thaw("data", "add", tiny_pictures, "--name", "light and dark", "--json").json
    assert told["dataset"]["name"] == "light and dark"
    assert told["dataset"]["n"] == 16
    assert (thaw_home / "datasets" / told["dataset"]["id"]).is_dir()
    again = thaw("data", "check", "light and dark", "--json").json
    assert again["dataset"]["id"] == told["dataset"]["id"]


def test_add_tells_people_what_was_found(thaw: Callable[..., Any], tiny_pictures: Path) -> None:
    (tiny_pictures / "dark" / "broken.png").write_bytes(b"not a picture")
    shutil.copy(tiny_pictures / "dark" / "0.png", tiny_pictures / "dark" / "copy.png")
    outcome = thaw("data", "add", tiny_pictures)
    assert outcome.code == 0
    assert "17 pictures in 2 classes" in outcome.out
    assert "broken.png" in outcome.out
    assert "copy.png" in outcome.out


def test_check_has_the_keys_of_the_contract(thaw: Callable[..., Any], tiny_pictures: Path) -> None:
    shutil.copy(tiny_pictures / "dark" / "0.png", tiny_pictures / "dark" / "copy.png")
    told = thaw("data", "check", tiny_pictures, "--json").json
    assert set(told["dataset"]) >= KEYS
    assert told["dataset"]["duplicates"] == 1
    assert set(told["dataset"]["leak"]) == {"suspected", "pairs"}
    finding = told["findings"][0]
    assert set(finding) == {"check", "severity", "count", "effect", "fix", "examples", "pairs"}
    assert finding["check"] == "duplicates"
    assert finding["pairs"] == [["dark/0.png", "dark/copy.png"]]


def test_sound_data_are_called_sound(thaw: Callable[..., Any], tiny_pictures: Path) -> None:
    assert "No faults" in thaw("data", "check", tiny_pictures).out


def test_data_that_are_not_there(thaw: Callable[..., Any]) -> None:
    for command in ("add", "check"):
        outcome = thaw("data", command, "nowhere", "--json")
        assert outcome.code == 2
        assert outcome.json["issues"][0]["field"] == "data"


def test_a_dataset_that_has_a_name_keeps_it(thaw: Callable[..., Any], tiny_pictures: Path) -> None:
    thaw("data", "add", tiny_pictures, "--name", "first")
    outcome = thaw("data", "add", "first", "--name", "second", "--json")
    assert outcome.code == 2
    assert outcome.json["issues"][0]["field"] == "name"
