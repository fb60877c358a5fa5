"""Zips from anywhere: what is sound is unpacked, what is hostile is noted and left out."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from tl_core.data import limits
from tl_core.data.archive import unpack
from tl_core.data.finding import Notes
from tl_core.errors import Cancelled, InputError

Noted = dict[str, tuple[str, ...]]


def nothing() -> None:
    """Never asks to stop."""


def unpacked(archive: Path) -> tuple[dict[str, bytes], Noted]:
    notes = Notes()
    into = archive.parent / "unpacked"
    found = {e.name: e.path.read_bytes() for e in unpack(archive, into, notes, nothing)}
    assert all(path.name.isdigit() for path in into.iterdir())
    return found, {f.check: f.examples for f in notes.findings()}


def packed(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def test_files_come_out_as_they_went_in(tmp_path: Path) -> None:
    content = {"cats/1.png": b"one" * 1000, "cats/deep/2.png": b"two", "dogs/": b""}
    found, noted = unpacked(packed(tmp_path / "a.zip", content))
    assert found == {"cats/1.png": b"one" * 1000, "cats/deep/2.png": b"two"}
    assert noted == {}


@pytest.mark.parametrize(
    "name",
    ["../evil.png", "a/../../evil.png", "/etc/evil.png", "C:\\evil.png", "..\\evil.png", "//x/y"],
)
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    archive = packed(tmp_path / "a.zip", {name: b"x"})
    found, noted = unpacked(archive)
    assert found == {}
    assert noted == {"outside": (name.replace("\\", "/"),)}
    assert not list(tmp_path.parent.glob("evil*"))


def test_harmless_oddities_in_names_are_accepted(tmp_path: Path) -> None:
    content = {"./cats//1.png": b"1", "dogs\\2.png": b"2", "..cats/3.png..": b"3"}
    found, noted = unpacked(packed(tmp_path / "a.zip", content))
    assert found.keys() == {"cats/1.png", "dogs/2.png"}
    assert noted == {"hidden": ("..cats/3.png..",)}


def test_links_are_never_made(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("cats/link.png")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert unpacked(path) == ({}, {"links": ("cats/link.png",)})


def test_locked_files_are_left_out(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"cats/1.png": b"x", "cats/2.png": b"y"})
    content = bytearray(path.read_bytes())
    content[content.find(b"PK\x03\x04") + 6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    found, noted = unpacked(path)
    assert found == {"cats/2.png": b"y"}
    assert noted == {"encrypted": ("cats/1.png",)}


def test_system_litter_is_passed_over(tmp_path: Path) -> None:
    content = {"__MACOSX/cats/._1.png": b"x", "cats/.DS_Store": b"x", "cats/1.png": b"1"}
    found, noted = unpacked(packed(tmp_path / "a.zip", content))
    assert found == {"cats/1.png": b"1"}
    assert len(noted["hidden"]) == 2


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = b"\0" * (2 << 20)
    found, noted = unpacked(packed(tmp_path / "a.zip", {"cats/b.png": bomb, "cats/1.png": b"1"}))
    assert found == {"cats/1.png": b"1"}
    assert noted == {"overpacked": ("cats/b.png",)}


def test_a_lie_about_the_size_gives_no_more_than_promised(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"cats/b.png": b"\0" * (2 << 20)})
    content = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", content, content.find(signature) + at, 100)
    path.write_bytes(content)
    assert unpacked(path) == ({}, {"unreadable": ("cats/b.png",)})
    assert list((tmp_path / "unpacked").iterdir()) == []


def lying_over_one_another(path: Path, *, files: int) -> Path:
    """Write a zip whose entries all mean the same packed bytes: a small file with much in it."""
    packed(path, {"cats/b.png": b"\0" * (1 << 20)})
    content = path.read_bytes()
    at = content.find(b"PK\x01\x02")
    entry = content[at : content.find(b"PK\x05\x06")]
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, files, files, files * len(entry), at, 0)
    path.write_bytes(content[:at] + entry * files + end)
    return path


def test_files_that_lie_over_one_another_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lie over one another"):
        unpacked(lying_over_one_another(tmp_path / "a.zip", files=400))
    assert not (tmp_path / "unpacked").exists()


def test_many_small_files_that_grow_too_much_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "a.zip", {f"cats/{i}.png": b"\0" * 900_000 for i in range(9)})
    with pytest.raises(InputError, match="grow more than 200 times"):
        unpacked(path)
    monkeypatch.setattr(limits, "MAX_ZIP_RATIO", 2000)
    assert len(unpacked(path)[0]) == 9


def test_a_zip_in_a_zip_stays_packed(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"1.png": b"1"}).read_bytes()
    found, noted = unpacked(packed(tmp_path / "a.zip", {"cats/inner.zip": inner}))
    assert (found, noted) == ({"cats/inner.zip": inner}, {})


def test_names_that_are_not_the_unicode_they_claim_to_be_are_told(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"kätzchen/1.png": b"1"})
    path.write_bytes(path.read_bytes().replace("kätzchen".encode(), b"k\xff\xfetzchen"))
    with pytest.raises(InputError, match="said to be Unicode"):
        unpacked(path)


def test_large_files_and_large_totals_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "a.zip", {"cats/1.png": b"1" * 50, "cats/2.png": b"2" * 200})
    monkeypatch.setattr(limits, "MAX_PICTURE_BYTES", 100)
    assert unpacked(path) == ({"cats/1.png": b"1" * 50}, {"too_large": ("cats/2.png",)})
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(InputError, match="would take more than"):
        unpacked(path)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", {f"cats/{i}.png": b"" for i in range(4)})
    monkeypatch.setattr(limits, "MAX_FILES", 3)
    with pytest.raises(InputError, match="more than 3 files"):
        unpacked(path)


def test_a_huge_table_of_contents_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "a.zip", {f"cats/{i}.png": b"" for i in range(4)})
    monkeypatch.setattr(limits, "MAX_ZIP_DIRECTORY_BYTES", 100)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(InputError, match="more than"):
        unpacked(path)
    monkeypatch.setattr(limits, "MAX_ZIP_DIRECTORY_BYTES", 10_000)
    monkeypatch.setattr(limits, "MAX_FILES", 1)
    with pytest.raises(InputError, match="more than 1 file"):
        unpacked(path)


@pytest.mark.parametrize(("directory_bytes", "is_refused"), [(60, False), (2**60, True)])
def test_the_table_of_contents_of_a_zip64_is_judged_too(
    tmp_path: Path, directory_bytes: int, is_refused: bool
) -> None:
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, directory_bytes, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (tmp_path / "a.zip").write_bytes(record + locator + end)
    with pytest.raises(InputError, match="more than" if is_refused else "not a zip file"):
        unpacked(tmp_path / "a.zip")


def test_a_zip64_without_its_record_is_refused(tmp_path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (tmp_path / "a.zip").write_bytes(b"x" * 40 + end)
    with pytest.raises(InputError):
        unpacked(tmp_path / "a.zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"hello" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_refused_in_plain_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"not a zip file|more than"):
        unpacked(tmp_path / "a.zip")


def test_a_damaged_file_costs_only_itself(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"cats/1.png": bytes(range(256)) * 9, "cats/2.png": b"two"})
    content = bytearray(path.read_bytes())
    for i in range(60, 80):
        content[i] ^= 0xFF
    path.write_bytes(content)
    assert unpacked(path) == ({"cats/2.png": b"two"}, {"unreadable": ("cats/1.png",)})


def test_unusual_packing_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("cats/1.png", b"1")
    assert unpacked(path) == ({}, {"unreadable": ("cats/1.png",)})


def test_names_in_utf8_without_the_flag_are_read_right(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"kxxtzchen/1.png": b"1"})
    path.write_bytes(path.read_bytes().replace(b"kxxtzchen", "kätzchen".encode()))
    assert unpacked(path)[0].keys() == {"kätzchen/1.png"}


def test_the_same_name_twice_gives_both_files(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"cats/1.png": b"one", "cats/2.png": b"two"})
    path.write_bytes(path.read_bytes().replace(b"cats/2.png", b"cats/1.png"))
    notes = Notes()
    found = unpack(path, tmp_path / "unpacked", notes, nothing)
    assert sorted(e.path.read_bytes() for e in found) == [b"one", b"two"]


def test_it_can_be_stopped(tmp_path: Path) -> None:
    def stop() -> None:
        raise Cancelled

    path = packed(tmp_path / "a.zip", {"cats/1.png": b"1"})
    with pytest.raises(Cancelled):
        unpack(path, tmp_path / "unpacked", Notes(), stop)
