from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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


def test_the_columns_of_a_table_of_pictures_can_be_named(
    thaw: Callable[..., Any], tiny_pictures: Path
) -> None:
    pictures = sorted(tiny_pictures.rglob("*.png"))
    table = tiny_pictures / "labels.csv"
    rows = [
        f"{n},{p.relative_to(tiny_pictures)},{p.parent.name},{'val' if p.stem < '2' else 'train'}"
        for n, p in enumerate(pictures)
    ]
    table.write_text("\n".join(["nr,img,kind,half", *rows]))
    named = ("--path-column", "img", "--label-column", "kind")
    told = thaw("data", "add", table, *named, "--json").json
    assert told["dataset"]["counts"] == {"dark": 8, "light": 8}
    parts = ("--split-column", "half", "--group-column", "nr")
    told = thaw("data", "add", table, *named, *parts, "--name", "parts", "--json").json
    assert told["dataset"]["splits"] == {"train": 12, "val": 4}
    wrong = thaw("data", "add", table, "--path-column", "kind", "--label-column", "img", "--json")
    assert wrong.code == 2
    (issue,) = wrong.json["issues"]
    assert issue["field"] == "labels.csv"
    assert "column 'kind'" in issue["message"]
    assert "'img' seems to name them" in issue["fix"]


def test_names_that_would_steer_a_terminal_are_shown_as_text(
    thaw: Callable[..., Any], tiny_pictures: Path
) -> None:
    (tiny_pictures / "dark" / "a\x1b[2J\u202eb.png").write_bytes(b"no picture")
    (tiny_pictures / "dark" / os.fsdecode(b"c\xff.png")).write_bytes(b"no picture")
    outcome = thaw("data", "add", tiny_pictures)
    assert outcome.code == 0
    assert "a?[2J?b.png" in outcome.out
    assert "c?.png" in outcome.out
    assert thaw("data", "add", tiny_pictures / os.fsdecode(b"\xff"), "--json").code == 2


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of texts in two classes, one text of it twice."""
    rows = [f"{word} thing number {n} of them,{word}" for word in ("good", "bad") for n in range(8)]
    path = tmp_path / "said.csv"
    path.write_text("text,label\n" + "\n".join([*rows, rows[0]]) + "\n")
    return path


def test_texts_are_checked_too(thaw: Callable[..., Any], table: Path) -> None:
    told = thaw("data", "check", table, "--json").json
    assert told["dataset"]["modality"] == "text"
    assert "duplicates" in {finding["check"] for finding in told["findings"]}
