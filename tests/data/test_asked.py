"""Files to ask a model about: listed from folders and zips, and gone when answered."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tl_core import files
from tl_core.data import asked
from tl_core.errors import InputError


def zipped(names: list[str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return buffer.getvalue()


def test_an_upload_is_listed_and_then_deleted(thaw_home: Path) -> None:
    given = [("a.png", io.BytesIO(b"1")), ("set/b.png", io.BytesIO(b"2"))]
    with asked.uploaded(given) as entries:
        assert [entry.name for entry in entries] == ["a.png", "set/b.png"]
        assert [entry.path.read_bytes() for entry in entries] == [b"1", b"2"]
    assert not list(files.uploads_dir().iterdir())


@pytest.mark.parametrize("name", ["one.png", "table.csv"])
def test_a_single_file_is_called_as_it_was(thaw_home: Path, name: str) -> None:
    with asked.uploaded([(name, io.BytesIO(b"1"))]) as entries:
        assert [entry.name for entry in entries] == [name]


def test_a_zip_is_unpacked_without_what_leads_out_of_it(thaw_home: Path) -> None:
    content = zipped(["a.png", "in/b.png", "../c.png", "/d.png"])
    with asked.uploaded([("all.zip", io.BytesIO(content))]) as entries:
        assert [entry.name for entry in entries] == ["a.png", "in/b.png"]
        room = entries[0].path.parent
        assert entries[1].path.read_text() == "in/b.png"
    assert not room.exists()
    with (
        pytest.raises(InputError, match="not a zip"),
        asked.uploaded([("bad.zip", io.BytesIO(b"PK"))]),
    ):
        pass
    assert not list(files.uploads_dir().iterdir())


def test_folders_and_files_on_this_computer(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("a")
    gone = tmp_path / "gone.txt"
    with asked.listed([tmp_path / "in", gone]) as entries:
        assert [entry.name for entry in entries] == ["a.txt", str(gone)]
    assert (tmp_path / "in" / "a.txt").exists()


def test_nothing_and_too_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thaw_home: Path
) -> None:
    with pytest.raises(InputError, match="no file"), asked.listed([tmp_path]):
        pass
    monkeypatch.setattr(asked, "MOST_FILES", 1)
    given = [(f"{n}.png", io.BytesIO(b"1")) for n in range(2)]
    with pytest.raises(InputError, match="more than 1 files"), asked.uploaded(given):
        pass
    assert not list(files.uploads_dir().iterdir())
