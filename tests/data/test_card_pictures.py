"""Pictures of cards: only usable ones count, the others are told, nothing is taken by halves."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from PIL import Image

from tl_core.data import cards, collection, limits
from tl_core.data.card_pictures import add_pictures, delete_picture, left_out_told, new_group
from tl_core.data.collection import Card
from tl_core.errors import InputError

pytestmark = pytest.mark.usefixtures("thaw_home")


def png(number: int, edge: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (edge, edge), (number % 256, number // 256, 7)).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), (number, 0, 200)).save(buffer, "JPEG")
    return buffer.getvalue()


def add(made: str, card: str, *named: tuple[str, bytes], group: str = "") -> Card:
    streams = ((name, io.BytesIO(content)) for name, content in named)
    return add_pictures(made, card, streams, group=group)


def stored(made: str) -> list[str]:
    folder = collection.folder_of(made)
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def made() -> str:
    return cards.create(["Cats", "Dogs"])


def test_pictures_are_stored_under_numbers_of_our_own(made: str) -> None:
    card = add(made, "c1", ("a/b/cat.png", png(1)), ("../../evil.PNG", jpeg(2)), group="hold-1")
    assert [p.file for p in card.pictures] == ["000001.png", "000002.jpg"]
    assert [p.name for p in card.pictures] == ["a/b/cat.png", "../../evil.PNG"]
    assert {p.group for p in card.pictures} == {"hold-1"}
    assert stored(made) == ["c1/000001.png", "c1/000002.jpg", "cards.json", "cards.lock"]
    picture = card.pictures[1]
    assert collection.picture_path(made, card, picture).read_bytes() == jpeg(2)
    assert picture.size_bytes == len(jpeg(2))


def test_files_that_are_no_use_are_left_out_and_told(made: str) -> None:
    card = add(
        made,
        "c1",
        ("good.png", png(1)),
        ("torn.png", png(2, edge=64)[:60]),
        ("notes.txt", b"hello"),
        ("phone.heic", b"\0\0\0\x18ftypheic"),
        ("dot.png", png(3, edge=2)),
        (".DS_Store", b"x"),
        ("__MACOSX/._good.png", b"x"),
    )
    assert len(card.pictures) == 1
    assert card.left_out == {
        "unreadable": 1,
        "not_pictures": 1,
        "refused_format": 1,
        "too_small": 1,
    }
    told = "\n".join(left_out_told(card))
    assert "1 file is damaged" in told
    assert "Save them as JPEG" in told
    assert "Project-Id-Version" not in told
    assert add(made, "c1", ("more.png", png(9))).left_out == {}, "it is about the last upload"


def test_the_same_bytes_are_taken_once(made: str) -> None:
    add(made, "c1", ("a.png", png(1)), ("b.png", png(2)))
    again = add(made, "c1", ("c.png", png(1)), ("d.png", png(3)), ("e.png", png(3)))
    assert len(again.pictures) == 3
    assert again.left_out == {"here": 2}
    other = add(made, "c2", ("f.png", png(1)))
    assert other.pictures == ()
    assert "1 picture is in another class already" in left_out_told(other)[0]


def test_too_much_is_refused_whole(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add(made, "c1", ("a.png", png(1)))
    before, on_disk = collection.read(made), stored(made)
    monkeypatch.setattr(limits, "MAX_UPLOAD_FILES", 2)
    with pytest.raises(InputError, match="None of the files was taken"):
        add(made, "c1", ("b.png", png(2)), ("c.png", png(3)))
    monkeypatch.setattr(limits, "MAX_UPLOAD_FILES", 50)
    monkeypatch.setattr(limits, "MAX_UPLOAD_BYTES", len(png(1)) + 10)
    with pytest.raises(InputError, match="None of the files was taken"):
        add(made, "c2", ("b.png", png(2)))
    assert collection.read(made) == before
    assert stored(made) == on_disk


def test_one_huge_file_is_not_read_into_memory(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PICTURE_BYTES", 10)
    card = add(made, "c1", ("big.png", png(1)))
    assert card.left_out == {"too_large": 1}
    assert stored(made) == ["cards.json", "cards.lock"]


def test_numbers_are_never_given_twice(made: str) -> None:
    card = add(made, "c1", ("a.png", png(1)), ("b.png", png(2)))
    card = delete_picture(made, "c1", card.pictures[1].file)
    assert [p.name for p in card.pictures] == ["a.png"]
    assert "c1/000002.png" not in stored(made)
    card = add(made, "c1", ("b.png", png(2)))
    assert [p.file for p in card.pictures] == ["000001.png", "000003.png"]
    assert delete_picture(made, "c1", "../cards.json") == card
    assert "cards.json" in stored(made)


def test_pictures_for_a_card_that_is_not_there_are_refused(made: str) -> None:
    with pytest.raises(InputError, match="no such card"):
        add(made, "c7", ("a.png", png(1)))
    with pytest.raises(InputError, match="no cards under this address"):
        add("cards-0123456789abcdef", "c1", ("a.png", png(1)))


def test_how_far_it_is_is_told(made: str) -> None:
    told: list[int] = []
    named = ((f"{n}.png", io.BytesIO(png(n))) for n in range(3))
    add_pictures(made, "c1", named, progress=told.append)
    assert told == [1, 2, 3]


def test_many_tabs_at_once_lose_nothing(made: str) -> None:
    def upload(tab: int) -> None:
        for n in range(5):
            add(made, f"c{1 + tab % 2}", (f"{n}.png", png(100 * tab + n)))

    tabs: list[threading.Thread] = [
        threading.Thread(target=upload, args=(tab,)) for tab in range(6)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    now = collection.read(made)
    assert [len(card.pictures) for card in now.shown] == [15, 15]
    for card in now.shown:
        assert len({p.file for p in card.pictures}) == 15
        for picture in card.pictures:
            assert collection.picture_path(made, card, picture).is_file()


@pytest.mark.parametrize("name", ["\ud800.png", "a" * 5000, "", "/", "a\0b.png"])
def test_odd_file_names_are_kept_as_text(made: str, name: str, tmp_path: Path) -> None:
    card = add(made, "c1", (name, png(1)))
    assert len(card.pictures) == 1
    assert collection.read(made).card("c1") == card


def test_groups_of_our_own_differ() -> None:
    assert len({new_group() for _n in range(100)}) == 100
