"""Single pictures: usable ones become examples, and every other one is named with its fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tl_core.data.loose import MIN_IN_FOLDER, open_folder, open_loose
from tl_core.errors import InputError


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "one.png"
    Image.new("RGB", (32, 24), (200, 10, 10)).save(path)
    return path


def test_a_picture_becomes_an_example_that_nothing_is_kept_of(picture: Path) -> None:
    (example,) = open_loose([picture])
    assert (example.key, example.path, example.name) == ("", picture.resolve(), str(picture))


def test_a_relative_path_is_told_as_given(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(picture.parent)
    (example,) = open_loose([Path("one.png")])
    assert (example.name, example.path) == ("one.png", picture.resolve())


def test_every_file_that_cannot_be_used_is_named(picture: Path) -> None:
    folder = picture.parent
    (folder / "broken.png").write_bytes(picture.read_bytes()[:40])
    (folder / "words.txt").write_text("no picture")
    (folder / "drawing.svg").write_text("<svg></svg>")
    Image.new("RGB", (2, 2)).save(folder / "dot.png")
    names = ["broken.png", "words.txt", "drawing.svg", "dot.png", "gone.png", "a\0b.png"]
    with pytest.raises(InputError) as caught:
        open_loose([picture, *(folder / name for name in names), folder])
    issues = caught.value.issues
    assert [issue.field for issue in issues] == [*(str(folder / n) for n in names), str(folder)]
    assert [issue.message.split()[-1] for issue in issues] == [
        "opened.", "picture.", "read.", "high.", "file.", "file.", "folder."
    ]  # fmt: skip
    assert all(issue.fix for issue in issues)


def test_a_bomb_is_refused_before_it_is_read(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tl_core.data.limits.MAX_PICTURE_BYTES", 10)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(InputError, match="larger than 64 MB"):
        open_loose([picture])


def test_no_file_at_all() -> None:
    with pytest.raises(InputError, match="No file was named"):
        open_loose([])


def test_a_name_that_is_no_text_can_still_be_told(picture: Path) -> None:
    odd = Path(str(picture.parent / "\udcff.png"))
    picture.rename(odd)
    (example,) = open_loose([odd])
    assert example.name.encode()


def test_texts_are_opened_and_others_explained(tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text(" a fine film \n")
    (opened,) = open_loose([tmp_path / "said.txt"], "text")
    assert (opened.text, opened.key, opened.label) == ("a fine film", "", 0)
    (tmp_path / "blank.txt").write_text(" ")
    (tmp_path / "other.md").write_text("text")
    (tmp_path / "binary.txt").write_bytes(b"\0\1")
    bad = [tmp_path / n for n in ("blank.txt", "other.md", "binary.txt", "none.txt")]
    with pytest.raises(InputError) as caught:
        open_loose([*bad, tmp_path], "text")
    told = [issue.message for issue in caught.value.issues]
    assert "empty" in told[0]
    assert ".txt" in told[1]
    assert "damaged" in told[2]
    assert "no such file" in told[3]
    assert "folder" in told[4]
    assert all(issue.fix for issue in caught.value.issues)


def folder_of(tmp_path: Path, count: int) -> Path:
    folder = tmp_path / "source"
    (folder / "deep").mkdir(parents=True)
    for number in range(count):
        place = folder / "deep" if number % 2 else folder
        Image.new("RGB", (16, 12), (number, 0, 0)).save(place / f"{number}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "notes.doc").write_bytes(b"words")
    return folder


def test_a_folder_gives_some_of_its_pictures_the_same_each_time(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 30)
    found = open_folder(folder, most=20)
    assert found == open_folder(folder, most=20)
    assert len(found) == len({example.key for example in found}) == 20
    assert len(open_folder(folder, most=100)) == 30


def test_a_folder_is_not_left_by_links(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, MIN_IN_FOLDER)
    Image.new("RGB", (16, 12)).save(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    assert len(open_folder(folder, most=100)) == MIN_IN_FOLDER


def test_texts_of_a_folder(tmp_path: Path) -> None:
    for number in range(MIN_IN_FOLDER):
        (tmp_path / f"{number}.txt").write_text(f"text number {number}")
    found = open_folder(tmp_path, "text", most=100)
    assert {example.text for example in found} >= {"text number 3"}
    assert len({example.key for example in found}) == MIN_IN_FOLDER


def test_too_little_or_no_folder_is_told_with_its_fix(tmp_path: Path) -> None:
    for folder in (folder_of(tmp_path, MIN_IN_FOLDER - 1), tmp_path / "nowhere"):
        with pytest.raises(InputError) as caught:
            open_folder(folder, most=50)
        (issue,) = caught.value.issues
        assert issue.field == "source"
        assert issue.fix
