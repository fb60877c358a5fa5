"""Uploads: streamed to disk under safe names, within limits, and gone when discarded."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from tl_core import files
from tl_core.data import limits
from tl_core.data.uploads import discard_old_uploads, discard_upload, refused_names, save_upload
from tl_core.errors import InputError

pytestmark = pytest.mark.usefixtures("thaw_home")


def save(*named: tuple[str, bytes]) -> Path:
    return save_upload((name, io.BytesIO(content)) for name, content in named)


def stored(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def uploads() -> list[Path]:
    return list(files.uploads_dir().iterdir())


def test_a_zip_is_stored_as_it_is() -> None:
    path = save(("My cats.zip", b"PK..."))
    assert path.name == "My cats.zip"
    assert path.read_bytes() == b"PK..."
    assert path.is_relative_to(files.uploads_dir())


def test_a_folder_keeps_its_shape_and_name() -> None:
    path = save(("set/cats/1.png", b"1"), ("set/dogs/deep/2.png", b"2"))
    assert path.name == "set"
    assert stored(path) == {"cats/1.png": b"1", "dogs/deep/2.png": b"2"}
    assert refused_names(path) == ()


def test_files_without_a_common_folder_get_one() -> None:
    path = save(("cats/1.png", b"1"), ("dogs/2.png", b"2"))
    assert path.name == "upload"
    assert stored(path) == {"cats/1.png": b"1", "dogs/2.png": b"2"}
    assert save(("1.png", b"1")).is_dir()
    assert refused_names(path) == ()


@pytest.mark.parametrize(
    "name",
    [
        "../evil.png",
        "set/../../evil.png",
        "/tmp/evil.png",
        "C:\\evil.png",
        "..\\evil.png",
        "a\0b.png",
        "",
        ".",
        "set/" + "x" * 300 + ".png",
        "set/cats/1.png",
        "set/cats/1.png/2.png",
        "set/cats",
        "set/\ud800.png",
    ],
)
def test_names_that_cannot_be_used_are_listed(tmp_path: Path, name: str) -> None:
    path = save(("set/cats/1.png", b"1"), (name, b"evil"), ("set/dogs/2.png", b"2"))
    assert stored(path) == {"cats/1.png": b"1", "dogs/2.png": b"2"}
    assert len(refused_names(path)) == 1
    assert not list(tmp_path.rglob("evil*"))


def test_too_much_is_refused_and_nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UPLOAD_BYTES", 10)
    assert save(("a/1.png", b"x" * 6), ("a/2.png", b"x" * 4)).is_dir()
    before = uploads()
    with pytest.raises(InputError, match="holds more"):
        save(("a/1.png", b"x" * 6), ("a/2.png", b"x" * 5))
    monkeypatch.setattr(limits, "MAX_UPLOAD_FILES", 1)
    with pytest.raises(InputError, match="holds more"):
        save(("a/1.png", b"x"), ("a/2.png", b"x"))
    assert uploads() == before


def test_nothing_usable_is_refused() -> None:
    for named in ([], [("..", b"x")]):
        with pytest.raises(InputError, match="Nothing usable"):
            save(*named)
    assert uploads() == []


def test_several_zips_are_refused() -> None:
    with pytest.raises(InputError, match="2 zip files"):
        save(("a.zip", b"x"), ("b.zip", b"x"))
    assert uploads() == []


def test_an_interrupted_or_full_disk_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="The disk is full"):
        save_upload([("a/1.png", io.BytesIO(b"1")), ("a/2.png", Torn())])
    assert uploads() == []


def test_content_is_streamed() -> None:
    sizes: list[int] = []

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sizes.append(size or -1)
            return super().read(size)

    content: BinaryIO = Counting(b"x" * (3 << 20))
    assert save_upload([("a.zip", content)]).stat().st_size == 3 << 20
    assert all(0 < size <= 1 << 20 for size in sizes)


def test_discarding_removes_exactly_the_upload(tmp_path: Path) -> None:
    one, other = save(("a.zip", b"1")), save(("set/cats/1.png", b"2"))
    for foreign in (tmp_path, files.uploads_dir(), files.uploads_dir() / "..", Path("/")):
        discard_upload(foreign)
    assert one.exists()
    assert other.exists()
    discard_upload(one)
    assert len(uploads()) == 1
    discard_upload(other)
    assert uploads() == []
    discard_upload(other)


def test_forgotten_uploads_go_after_a_while() -> None:
    old, new = save(("a.zip", b"1")), save(("b.zip", b"1"))
    home = files.uploads_dir() / old.relative_to(files.uploads_dir()).parts[0]
    os.utime(home, (1, 1))
    discard_old_uploads()
    assert not old.exists()
    assert new.exists()


def test_other_sources_have_no_refused_names(tmp_path: Path) -> None:
    assert refused_names(tmp_path) == ()
