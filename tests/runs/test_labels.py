"""Labels: what people say of runs, kept apart from what was asked for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tl_core.errors import InputError
from tl_core.runs import labels, store
from tl_core.runs.labels import Label
from tl_core.spec import RunSpec


@pytest.fixture
def folder(thaw_home: Path) -> Path:
    return store.run_dir(store.new_run(RunSpec(kind="train", dataset="d")))


def test_nothing_is_said_of_a_new_run(folder: Path) -> None:
    assert labels.read(folder) == Label()
    assert store.read_run(folder.name).name == ""


def test_what_is_said_is_read_with_the_run_and_leaves_its_request_alone(folder: Path) -> None:
    request = (folder / "spec.json").read_bytes()
    log = (folder / "events.jsonl").read_bytes()
    labels.rename(folder, "  the\nbig   one ")
    labels.note(folder, "\nfirst line  \nsecond\n\n")
    labels.tag(folder, ["Paper", "  for  Anna "])
    state = store.read_run(folder.name)
    assert (state.name, state.note) == ("the big one", "first line\nsecond")
    assert state.tags == ("for Anna", "Paper")
    assert (folder / "spec.json").read_bytes() == request
    assert (folder / "events.jsonl").read_bytes() == log


def test_tags_that_differ_in_capitals_alone_are_one(folder: Path) -> None:
    labels.tag(folder, ["paper", "x"])
    assert labels.tag(folder, ["Paper"]).tags == ("Paper", "x")
    assert labels.tag(folder, remove=["PAPER", "unknown"]).tags == ("x",)


def test_everything_can_be_taken_back(folder: Path) -> None:
    labels.rename(folder, "a")
    labels.note(folder, "b")
    assert labels.rename(folder, "") == Label(note="b")
    assert labels.note(folder, " ") == Label()


@pytest.mark.parametrize(
    ("tags", "found"),
    [(["", "a,b", "x" * 31], 3), (["ok", "bad\x07"], 1), ([f"tag {n}" for n in range(21)], 1)],
)
def test_every_tag_that_cannot_be_one_is_told_at_once(
    folder: Path, tags: list[str], found: int
) -> None:
    with pytest.raises(InputError) as raised:
        labels.tag(folder, tags)
    assert len(raised.value.issues) == found
    assert labels.read(folder).tags == ()


def test_what_is_too_long_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="too long"):
        labels.rename(folder, "x" * 81)
    with pytest.raises(InputError, match="too long"):
        labels.note(folder, "x" * 4001)
    assert labels.read(folder) == Label()


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"name": "a"}', '{"name":1,"note":2,"tags":3}'])
def test_a_damaged_label_says_nothing(folder: Path, damage: str) -> None:
    (folder / labels.FILE).write_text(damage)
    assert labels.read(folder) == Label()
    assert store.read_run(folder.name).status == "queued"


def test_no_tag_is_lost_between_two_who_write_at_once(folder: Path) -> None:
    names = [f"t{n}" for n in range(12)]
    threads = [threading.Thread(target=labels.tag, args=(folder, [name])) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(labels.read(folder).tags) == set(names)
