"""Collections of cards on disk: found by id, read with suspicion, changed by one at a time."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core import files
from tl_core.data import collection
from tl_core.data.collection import Card, Collection, Kept
from tl_core.data.uploads import discard_old_uploads
from tl_core.errors import InputError

pytestmark = pytest.mark.usefixtures("thaw_home")

DAY = 24 * 3600
STRAY = {"file": "../x.png", "name": "", "key": "", "size_bytes": 1}


def with_card(made: Collection, card: Card) -> Collection:
    return replace(made, cards=(*made.cards, card))


def spoil(made: Collection, content: str) -> None:
    (collection.folder_of(made.id) / "cards.json").write_text(content)


def test_a_collection_is_read_as_it_was_written() -> None:
    made = collection.open_new()
    kept = Kept("000001.png", "![x](y)/../cat.png", "ab" * 32, 12, "hold-1")
    card = Card("c1", "Cats & <dogs>", (kept,), 2, {"unreadable": 3})
    changed = collection.change(made.id, lambda old: with_card(old, card))
    assert collection.read(made.id) == changed
    assert changed.card("c1") == card
    assert collection.exists(made.id)
    assert collection.list_ids() == [made.id]


@pytest.mark.parametrize(
    "name", ["", "..", "cards-1", "../runs", "cards-" + "g" * 16, "cards-0123456789abcdef\n"]
)
def test_other_ids_than_ours_are_told_and_touch_no_file(name: str) -> None:
    assert not collection.exists(name)
    with pytest.raises(InputError, match="no cards under this address"):
        collection.read(name)
    with pytest.raises(InputError, match="no cards under this address"):
        collection.change(name, lambda old: old)


def test_a_collection_that_is_gone_is_not_made_again() -> None:
    name = "cards-0123456789abcdef"
    with pytest.raises(InputError, match="no cards under this address"):
        collection.change(name, lambda old: old)
    assert not collection.folder_of(name).exists()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"id": "x"}', '{"id": 3, "cards": 4}', "\x00\x01", '{"cards": [7]}'],
)
def test_a_torn_file_is_told_and_its_pictures_stay(content: str) -> None:
    made = collection.open_new()
    picture = collection.folder_of(made.id) / "c1" / "000001.png"
    files.write_atomically(picture, b"a picture")
    spoil(made, content)
    with pytest.raises(InputError, match="damaged") as told:
        collection.read(made.id)
    assert str(collection.folder_of(made.id)) in told.value.issues[0].fix
    with pytest.raises(InputError, match="damaged"):
        collection.change(made.id, lambda old: old)
    assert picture.exists()


@pytest.mark.parametrize(
    "card",
    [
        {"id": "../..", "name": "x", "pictures": []},
        {"id": "c1", "name": 5, "pictures": []},
        {"id": "c1", "name": "x", "pictures": [STRAY]},
        {"id": "c1", "name": "x", "pictures": [], "next_number": "1"},
        {"id": "c1", "name": "x", "pictures": [], "left_out": {"a": "b"}},
        {"id": "c1", "name": "x", "pictures": [], "left_out": [3]},
        {"id": "c1"},
    ],
)
def test_a_file_that_names_other_files_than_ours_is_refused(card: dict[str, object]) -> None:
    made = collection.open_new()
    spoil(made, json.dumps({"id": made.id, "version": 1, "cards": [card]}))
    with pytest.raises(InputError, match="damaged"):
        collection.read(made.id)


def test_what_is_forgotten_is_swept_and_what_is_used_is_not() -> None:
    forgotten, used, changed = (collection.open_new() for _n in range(3))
    long_ago = time.time() - 30 * DAY
    for made in (forgotten, used, changed):
        os.utime(collection.folder_of(made.id), (long_ago, long_ago))
    collection.use(used.id)
    collection.read(forgotten.id)
    collection.change(changed.id, lambda old: replace(old, name="x"))
    discard_old_uploads()
    assert not collection.exists(forgotten.id)
    assert collection.exists(used.id)
    assert collection.exists(changed.id)


def test_a_change_that_is_refused_changes_nothing() -> None:
    made = collection.open_new()

    def refuse(old: Collection) -> Collection:
        raise InputError([])

    with pytest.raises(InputError):
        collection.change(made.id, refuse)
    assert collection.read(made.id) == made


def _count_up(collection_id: str, times: int) -> None:
    for _n in range(times):
        collection.change(collection_id, lambda old: replace(old, name=str(int(old.name) + 1)))


def test_threads_and_processes_lose_no_change() -> None:
    made = collection.change(collection.open_new().id, lambda old: replace(old, name="0"))
    code = (
        "import sys; from tests.data.test_collection import _count_up; _count_up(sys.argv[1], 20)"
    )
    root = Path(__file__).parents[2]
    others = [subprocess.Popen([sys.executable, "-c", code, made.id], cwd=root) for _n in range(2)]
    threads = [threading.Thread(target=_count_up, args=(made.id, 20)) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait() for other in others] == [0, 0]
    assert collection.read(made.id).name == "120"


def test_a_path_is_known_by_the_collection_it_lies_in(tmp_path: Path) -> None:
    made = collection.open_new()
    folder = collection.folder_of(made.id)
    assert collection.id_of(folder / "cards.csv") == made.id
    assert collection.id_of(str(folder / "c1" / "000001.png")) == made.id
    assert collection.id_of(folder / ".." / ".." / "x.csv") == ""
    assert collection.id_of(files.uploads_dir()) == ""
    assert collection.id_of(tmp_path / made.id / "cards.csv") == ""
    assert collection.id_of("sample:shapes") == ""


def test_a_full_disk_is_told_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    made = collection.open_new()

    def full(path: Path, value: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_json", full)
        with pytest.raises(InputError, match="disk is full"):
            collection.change(made.id, lambda old: replace(old, name="x"))
    assert collection.read(made.id) == made
