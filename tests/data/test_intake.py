"""Intake: files hashed, decoded and stored, a few at a time, without a second copy of our own."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tl_core.data import limits
from tl_core.data.dataset import image_path
from tl_core.data.finding import Notes
from tl_core.data.intake import decode_all, hash_all
from tl_core.data.layout import Candidate
from tl_core.errors import Cancelled

Draw = Callable[..., Path]


def nothing() -> None:
    """Never asks to stop."""


@pytest.fixture
def pictures(tmp_path: Path, draw: Draw) -> list[Candidate]:
    paths = [draw(tmp_path / "source" / f"{i}.png", seed=i) for i in range(20)]
    return [Candidate(f"cats/{p.name}", p, "cats", "train", " walk ") for p in paths]


def test_pictures_are_stored_by_content(tmp_path: Path, pictures: list[Candidate]) -> None:
    notes, seen = Notes(), list[tuple[int, int]]()
    hashed = hash_all(pictures, notes, nothing)
    folder = tmp_path / "made"
    drafts = decode_all(
        hashed, folder, notes, progress=lambda *p: seen.append(p), tick=nothing
    )  # fmt: skip
    assert [d.label for d in drafts] == ["cats"] * 20
    for candidate, draft in zip(pictures, drafts, strict=True):
        e = draft.example
        content = candidate.path.read_bytes()
        assert e.key == hashlib.sha256(content).hexdigest()
        assert e.path == image_path(folder, e.key, ".png")
        assert e.path.read_bytes() == content
        assert (e.split, e.group, e.name) == ("train", "walk", candidate.name)
        assert (e.width, e.height) == (8, 6)
    assert seen == [(16, 20), (20, 20)]
    assert notes.findings() == ()


def test_files_unpacked_by_us_are_linked_and_not_copied(
    tmp_path: Path, pictures: list[Candidate]
) -> None:
    hashed = hash_all([*pictures, pictures[0]], Notes(), nothing)
    drafts = decode_all(hashed, tmp_path, Notes(), progress=None, tick=nothing)
    assert len(drafts) == 21
    assert drafts[0].example.path.samefile(pictures[0].path)


def test_without_links_files_are_copied(
    tmp_path: Path, pictures: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr("os.link", refuse)
    hashed = hash_all(pictures[:1], Notes(), nothing)
    (draft,) = decode_all(hashed, tmp_path, Notes(), progress=None, tick=nothing)
    assert draft.example.path.read_bytes() == pictures[0].path.read_bytes()
    assert not draft.example.path.samefile(pictures[0].path)


def test_what_cannot_be_used_is_noted(
    tmp_path: Path, pictures: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures[1].path.unlink()
    pictures[2].path.write_bytes(b"x" * 5000)
    pictures[3].path.write_bytes(b"no picture")
    monkeypatch.setattr(limits, "MAX_PICTURE_BYTES", 4000)
    notes = Notes()
    hashed = hash_all(pictures, notes, nothing)
    pictures[4].path.write_bytes(b"changed meanwhile")
    pictures[5].path.unlink()
    drafts = decode_all(hashed, tmp_path / "made", notes, progress=None, tick=nothing)
    assert len(drafts) == 15
    assert {f.check: set(f.examples) for f in notes.findings()} == {
        "unreadable": {f"cats/{i}.png" for i in (1, 3, 4, 5)},
        "too_large": {"cats/2.png"},
    }


def test_further_frames_are_noted(tmp_path: Path, draw: Draw) -> None:
    from PIL import Image

    first = Image.open(draw(tmp_path / "a.png", seed=0)).convert("P")
    second = Image.open(draw(tmp_path / "b.png", seed=1)).convert("P")
    path = tmp_path / "moving.gif"
    first.save(path, save_all=True, append_images=[second])
    notes = Notes()
    hashed = hash_all([Candidate("moving.gif", path, "a")], notes, nothing)
    decode_all(hashed, tmp_path / "made", notes, progress=None, tick=nothing)
    assert [f.check for f in notes.findings()] == ["first_frame"]


def test_it_can_be_stopped_between_batches(tmp_path: Path, pictures: list[Candidate]) -> None:
    asked: list[int] = []

    def stop_at_the_second_look() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        hash_all(pictures, Notes(), stop_at_the_second_look)
