"""`thaw storage`: what takes space, and cleaning up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tl_core import files


def test_an_empty_home_has_the_keys(thaw: Callable[..., Any]) -> None:
    told = thaw("storage", "--json").json
    assert told["bytes"] == 0
    assert set(told["removable"]) == {"cache", "checkpoints", "trash", "leftovers"}
    assert told["trash_days"] == 30
    assert "free on this disk" in thaw("storage").out


def test_cleaning_frees_what_was_asked_for_and_says_so(
    thaw: Callable[..., Any], jobs: dict[str, Any], tiny_pictures: Path
) -> None:
    run = thaw("train", tiny_pictures, "--json").json["run"]
    kept = files.runs_dir() / run / "checkpoints" / "best.safetensors"
    files.write_atomically(kept, b"x" * 1000)
    files.write_atomically(kept.with_name("last.pt"), b"x" * 4000)
    files.write_atomically(files.cache_dir() / "features" / "a.npy", b"x" * 9000)
    shown = thaw("storage").out
    assert "thaw storage --clean checkpoints" in shown
    assert run in shown
    told = thaw("storage", "--clean", "checkpoints", "--json").json
    assert (told["freed"], told["kept"]) == ({"checkpoints": 4000}, [])
    assert told["removable"]["cache"] > 9000
    assert kept.is_file()
    assert "Freed" in thaw("storage", "--clean", "cache", "--clean", "trash").out
    assert not (files.cache_dir() / "features").exists()


def test_an_unknown_way_is_a_problem_with_a_fix(thaw: Callable[..., Any]) -> None:
    outcome = thaw("storage", "--clean", "everything", "--json")
    assert (outcome.code, outcome.json["issues"][0]["field"]) == (2, "clean")
