"""`thaw data fix|changes|undo`: what is mended stays mended until it is taken back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Thaw = Callable[..., Any]


@pytest.fixture
def copied(tiny_pictures: Path) -> Path:
    shutil.copy(tiny_pictures / "dark" / "0.png", tiny_pictures / "dark" / "copy.png")
    return tiny_pictures


def test_a_finding_is_mended_and_the_change_listed(thaw: Thaw, copied: Path) -> None:
    told = thaw("data", "fix", copied, "duplicates", "--json").json
    assert (told["n"], told["revision"]) == (16, 1)
    (change,) = told["changes"]
    assert (change["do"], change["check"], change["in_force"]) == ("drop", "duplicates", True)
    assert "1. Left out: 1 picture." in thaw("data", "changes", copied).out
    after = thaw("data", "check", copied, "--json").json
    assert "duplicates" not in {f["check"] for f in after["findings"]}
    assert (copied / "dark" / "copy.png").exists()


def test_a_change_is_taken_back(thaw: Thaw, copied: Path) -> None:
    thaw("data", "fix", copied, "duplicates")
    out = thaw("data", "undo", copied).out
    assert "17 pictures" in out
    assert "Nothing was changed" in out
    outcome = thaw("data", "undo", copied)
    assert outcome.code == 2
    assert "no change 1 to take back" in outcome.err
    assert thaw("data", "undo", copied, "7", "--json").code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("leak",), "Nothing of the kind 'leak' was found"),
        (("duplicates", "--way", "pray"), "'pray' is no way to mend 'duplicates'"),
    ],
)
def test_what_cannot_be_mended_is_told_with_what_can(
    thaw: Thaw, copied: Path, words: tuple[str, ...], said: str
) -> None:
    outcome = thaw("data", "fix", copied, *words)
    assert outcome.code == 2
    assert said in outcome.err
    assert "duplicates (drop)" in outcome.err


def test_a_finding_without_a_fix_is_called_so(thaw: Thaw, tiny_pictures: Path) -> None:
    (tiny_pictures / "dark" / "broken.png").write_bytes(b"nothing")
    outcome = thaw("data", "fix", tiny_pictures, "unreadable", "--json")
    assert outcome.code == 2
    assert "cannot be mended by Thaw" in outcome.json["issues"][0]["message"]


def test_texts_are_mended_too(thaw: Thaw, tmp_path: Path) -> None:
    rows = [f"{word} thing number {n} of them,{word}" for word in ("good", "bad") for n in range(8)]
    path = tmp_path / "said.csv"
    path.write_text("text,label\n" + "\n".join([*rows, rows[0]]) + "\n")
    out = thaw("data", "fix", path, "duplicates").out
    assert "16 texts" in out
    assert "Left out: 1 text." in out
