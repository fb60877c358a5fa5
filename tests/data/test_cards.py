"""Class cards: named with care, deleted and brought back, and imported with their groups."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tl_core import data, files
from tl_core.data import cards, collection
from tl_core.data.card_pictures import add_pictures
from tl_core.data.collection import Card
from tl_core.errors import Cancelled, InputError
from tl_core.spec import DEFAULT_VAL_FRACTION

pytestmark = pytest.mark.usefixtures("thaw_home")

Draw = Callable[..., Path]


@pytest.fixture
def fill(draw: Draw, tmp_path: Path) -> Callable[..., Card]:
    """Put pictures into a card, each drawn from its own seed."""

    def fill_(made: str, card: str, seeds: range, group: str = "") -> Card:
        paths = [draw(tmp_path / f"{seed}.png", seed) for seed in seeds]
        named = [(path.name, io.BytesIO(path.read_bytes())) for path in paths]
        return add_pictures(made, card, named, group=group)

    return fill_


Fill = Callable[..., Card]


def names(made: str) -> list[str]:
    return [card.name for card in collection.read(made).shown]


def test_cards_are_made_in_order_and_keep_their_names() -> None:
    made = cards.create(["Cats", "Dogs"])
    added = cards.add_class(made, "  Cafe\u0301s\n ")
    assert added.id == "c3"
    assert names(made) == ["Cats", "Dogs", "Caf\u00e9s"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "needs a name"),
        (" \t\n", "needs a name"),
        ("\u200b\u200d", "needs a name"),
        ("x" * 201, "longer than 200"),
        ("cats", "There is a class Cats already"),
        (" C a T s ", "There is a class Cats already"),
    ],
)
def test_bad_names_are_told_with_a_fix_and_nothing_is_lost(name: str, words: str) -> None:
    made = cards.create(["Cats", "Dogs"])
    before = collection.read(made)
    for attempt in (
        lambda: cards.add_class(made, name),
        lambda: cards.rename_class(made, "c2", name),
    ):
        with pytest.raises(InputError, match=words) as told:
            attempt()
        assert all(issue.fix for issue in told.value.issues)
    assert collection.read(made) == before


HOSTILE = [
    "../../etc",
    "![x](http://evil.example)",
    ":red[boo] `a` <b>",
    "=1+1",
    'a,"b";\tc',
    "CON",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_words(name: str, fill: Fill, thaw_home: Path) -> None:
    made = cards.create([name, "Dogs"])
    fill(made, "c1", range(6))
    fill(made, "c2", range(6, 12))
    folder = collection.folder_of(made)
    assert {p.name for p in folder.iterdir() if p.is_dir()} == {"c1", "c2"}
    dataset = data.import_data(cards.source(made))
    assert set(dataset.classes) == {" ".join(name.split("\t")), "Dogs"}
    outside = [p for p in thaw_home.parent.rglob("*") if "etc" in p.name or "evil" in p.name]
    assert not outside


def test_a_class_can_be_renamed_also_in_its_capitals_only() -> None:
    made = cards.create(["Cats", "Dogs"])
    assert cards.rename_class(made, "c1", "CATS").name == "CATS"
    assert cards.rename_class(made, "c1", "Lions").name == "Lions"
    assert names(made) == ["Lions", "Dogs"]


def test_a_deleted_class_is_brought_back_with_its_pictures(fill: Fill) -> None:
    made = cards.create(["Cats", "Dogs"])
    fill(made, "c1", range(4))
    cards.delete_class(made, "c1")
    assert names(made) == ["Dogs"]
    assert [card.name for card in collection.read(made).deleted] == ["Cats"]
    assert cards.add_class(made, "cats").id == "c3", "its name is free, its folder is not"
    back = cards.restore_class(made, "c1")
    assert back.name == "Cats 2"
    assert len(back.pictures) == 4
    assert names(made) == ["Cats 2", "Dogs", "cats"]


def test_what_was_put_elsewhere_meanwhile_does_not_come_back_twice(fill: Fill) -> None:
    made = cards.create(["Cats", "Dogs"])
    fill(made, "c1", range(4))
    cards.delete_class(made, "c1")
    fill(made, "c2", range(2))
    back = cards.restore_class(made, "c1")
    assert len(back.pictures) == 2
    assert back.left_out == {"elsewhere": 2}


def test_a_card_that_is_not_there_is_told() -> None:
    made = cards.create(["Cats"])
    for attempt in (
        lambda: cards.delete_class(made, "c9"),
        lambda: cards.restore_class(made, "../c1"),
        lambda: cards.rename_class(made, "c9", "x"),
    ):
        with pytest.raises(InputError, match="no such card"):
            attempt()


def test_there_is_a_most_of_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MAX_CARDS", 2)
    made = cards.create(["Cats", "Dogs"])
    with pytest.raises(InputError, match="2 classes already"):
        cards.add_class(made, "Birds")


def test_a_new_class_gets_a_name_that_is_free() -> None:
    made = cards.create(["class2", "Class 1"])
    assert cards.free_name(collection.read(made)) == "Class 3"
    cards.delete_class(made, "c1")
    assert cards.free_name(collection.read(made)) == "Class 3", "a deleted class may come back"


def test_the_data_are_called_after_their_classes_until_they_have_a_name() -> None:
    made = cards.create(["Cats", "Dogs"])
    assert cards.title(collection.read(made)) == "Cats, Dogs"
    assert cards.title(cards.call(made, " My pets\n")) == "My pets"
    assert cards.title(cards.call(made, "")) == "Cats, Dogs"


def test_what_is_missing_is_said_of_each_class(fill: Fill) -> None:
    made = cards.create(["Cats"])
    assert cards.missing(collection.read(made)) == [
        "Cats needs 5 pictures more.",
        "1 more class is needed.",
    ]
    fill(made, "c1", range(4))
    cards.add_class(made, "Dogs")
    fill(made, "c2", range(10, 16), "hold-1")
    lacking = cards.missing(collection.read(made))
    assert lacking[0] == "Cats needs 1 picture more."
    assert "Dogs needs a second hold" in lacking[1]
    with pytest.raises(InputError, match="1 picture more") as told:
        cards.source(made)
    assert len(told.value.issues) == 2
    fill(made, "c1", range(4, 5))
    fill(made, "c2", range(20, 21))
    assert cards.missing(collection.read(made)) == []
    cards.delete_class(made, "c2")
    assert cards.missing(collection.read(made)) == ["1 more class is needed."]


def test_an_import_gives_the_classes_their_pictures_and_their_groups(fill: Fill) -> None:
    made = cards.create(["Cats", "Dogs", "Birds"])
    fill(made, "c1", range(7))
    fill(made, "c2", range(10, 16), "hold-1")
    fill(made, "c2", range(20, 26), "hold-2")
    fill(made, "c3", range(30, 36))
    cards.delete_class(made, "c3")
    cards.rename_class(made, "c1", "Lions")
    source = cards.source(made)
    dataset = data.import_data(source, name=cards.title(collection.read(made)))
    assert dataset.name == "Lions, Dogs"
    assert dataset.classes == ("Dogs", "Lions")
    assert Counter(e.label for e in dataset.examples) == {0: 12, 1: 7}
    groups = Counter(e.group for e in dataset.examples)
    assert groups == {"hold-1": 6, "hold-2": 6, "": 7}
    parts = data.split(dataset, val_fraction=DEFAULT_VAL_FRACTION, seed=0)
    sides = [{dataset.examples[i].group for i in part} - {""} for part in (parts.train, parts.val)]
    assert not sides[0] & sides[1], "one hold never stands on both sides"
    assert sides[1], "each class is checked"


def test_a_collection_is_gone_once_it_is_discarded_as_an_upload(fill: Fill) -> None:
    made, other = cards.create(["Cats", "Dogs"]), cards.create(["Cats", "Dogs"])
    for card, seeds in (("c1", range(5)), ("c2", range(5, 10))):
        fill(made, card, seeds)
    data.discard_upload(cards.source(made))
    assert not collection.exists(made)
    assert collection.exists(other)


def test_an_import_that_ends_early_keeps_the_cards(fill: Fill) -> None:
    made = cards.create(["Cats", "Dogs"])
    for card, seeds in (("c1", range(5)), ("c2", range(5, 10))):
        fill(made, card, seeds)
    before = collection.read(made)
    with pytest.raises(Cancelled):
        data.import_data(cards.source(made), should_stop=lambda: True)
    assert collection.read(made) == before
    assert len(list(files.uploads_dir().rglob("*.png"))) == 10
