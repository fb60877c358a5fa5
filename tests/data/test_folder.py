"""Folders on this computer: everything visible is found, no link leads out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tl_core.data import limits
from tl_core.data.finding import Notes
from tl_core.data.folder import walk
from tl_core.errors import Cancelled, InputError


def listed(root: Path) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    notes = Notes()
    names = [e.name for e in walk(root, notes, lambda: None)]
    return names, {f.check: f.examples for f in notes.findings()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "set"
    for name in ("cats/1.png", "cats/deep/2.png", "dogs/3.png", "notes.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_files_are_found_in_order_with_their_names(root: Path) -> None:
    names, noted = listed(root)
    assert names == ["cats/1.png", "cats/deep/2.png", "dogs/3.png", "notes.txt"]
    assert noted == {}


def test_hidden_names_are_noted_and_not_entered(root: Path) -> None:
    (root / ".DS_Store").write_text("")
    (root / "cats" / ".ipynb_checkpoints").mkdir()
    (root / "cats" / ".ipynb_checkpoints" / "1.png").write_text("")
    names, noted = listed(root)
    assert len(names) == 4
    assert noted == {"hidden": (".DS_Store", "cats/.ipynb_checkpoints")}


def test_links_that_lead_out_to_folders_or_nowhere_are_skipped(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_text("secret")
    (root / "cats" / "out.png").symlink_to(tmp_path / "secret.png")
    (root / "cats" / "gone.png").symlink_to(root / "nothing")
    (root / "cats" / "self.png").symlink_to(root / "cats" / "self.png")
    (root / "loop").symlink_to(root)
    (root / "elsewhere").symlink_to(tmp_path)
    (root / "cats" / "inside.png").symlink_to(root / "dogs" / "3.png")
    names, noted = listed(root)
    assert "cats/inside.png" in names
    assert len(names) == 5
    assert set(noted["links"]) == {
        "cats/gone.png",
        "cats/out.png",
        "cats/self.png",
        "elsewhere",
        "loop",
    }


def test_the_folder_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert len(listed(tmp_path / "link")[0]) == 4


def test_pipes_and_the_like_are_never_opened(root: Path) -> None:
    os.mkfifo(root / "cats" / "pipe.png")
    names, noted = listed(root)
    assert len(names) == 4
    assert noted == {"stray": ("cats/pipe.png",)}


def test_names_that_are_no_text_are_made_readable(root: Path) -> None:
    (root / "cats" / os.fsdecode(b"\xff.png")).write_text("")
    assert "cats/?.png" in listed(root)[0]


def test_a_folder_that_cannot_be_opened_is_noted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "cats":
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    names, noted = listed(root)
    assert names == ["dogs/3.png", "notes.txt"]
    assert noted == {"unreadable": ("cats/",)}


def test_too_many_and_too_deep_are_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FOLDER_DEPTH", 2)
    names, noted = listed(root)
    assert len(names) == 3
    assert noted == {"ignored_folders": ("cats/deep",)}
    monkeypatch.setattr(limits, "MAX_FILES", 2)
    with pytest.raises(InputError, match="more than 2 files"):
        listed(root)


def test_of_a_huge_folder_not_even_the_list_is_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        (root / f"{number}.png").write_text("")
    scandir, seen = os.scandir, []

    class Counting:
        def __init__(self, path: Path) -> None:
            self.items = scandir(path)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return (seen.append(item.name) or item for item in self.items)

        def __exit__(self, *_error: object) -> None:
            self.items.close()

    monkeypatch.setattr(os, "scandir", Counting)
    monkeypatch.setattr(limits, "MAX_FILES", 2)
    with pytest.raises(InputError, match="more than 2 files"):
        listed(root)
    assert len(seen) < 9


def test_it_can_be_stopped(root: Path) -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        walk(root, Notes(), stop)
