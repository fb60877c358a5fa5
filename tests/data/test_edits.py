"""The edit log: replayed in order, every entry can be taken back, nothing torn is followed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.data import edits
from tl_core.data.dataset import Dataset
from tl_core.data.edits import Edit, replay
from tl_core.errors import InputError

Record = Callable[..., Dataset]


@pytest.fixture
def imported(record: Record) -> Dataset:
    made = record([0] * 8 + [1] * 8 + [2] * 8, splits=["train"] * 18 + ["val"] * 4 + ["test"] * 2)
    examples = tuple(replace(e, row=row) for row, e in enumerate(made.examples))
    return replace(made, examples=examples)


def rows(dataset: Dataset) -> set[int]:
    return {e.row for e in dataset.examples}


def label_of(dataset: Dataset, row: int) -> str:
    return next(dataset.classes[e.label] for e in dataset.examples if e.row == row)


def test_an_empty_log_changes_nothing(imported: Dataset) -> None:
    assert replay(imported, []).fingerprint == imported.fingerprint
    assert set(replay(imported, []).examples) == set(imported.examples)


def test_examples_are_left_out(imported: Dataset) -> None:
    after = replay(imported, [Edit("drop", rows=(0, 3, 99))])
    assert rows(after) == set(range(24)) - {0, 3}
    assert after.revision == 1


def test_examples_get_another_or_a_new_class(imported: Dataset) -> None:
    log = [Edit("relabel", rows=(0,), label="class 1"), Edit("relabel", rows=(1,), label=" new ")]
    after = replay(imported, log)
    assert label_of(after, 0) == "class 1"
    assert after.classes == imported.classes  # one example makes no class: it is set aside
    assert 1 not in rows(after)
    many = replay(imported, [Edit("relabel", rows=(0, 1, 2, 8, 9), label="new")])
    assert "new" in many.classes
    assert label_of(many, 8) == "new"


def test_a_class_goes_up_in_another(imported: Dataset) -> None:
    after = replay(imported, [Edit("merge", label="class 2", into="class 0")])
    assert after.classes == ("class 0", "class 1")
    assert sum(e.label == 0 for e in after.examples) == 16


def test_examples_are_kept_together_with_what_they_belonged_to(imported: Dataset) -> None:
    walk = replace(imported.examples[5], group="walk")
    imported = replace(imported, examples=(*imported.examples[:5], walk, *imported.examples[6:]))
    after = replay(imported, [Edit("regroup", groups=((1, 2), (2, 5), (9, 10)))])
    group = {e.row: e.group for e in after.examples}
    assert group[1] == group[2] == group[5] == "walk"
    assert group[9] == group[10] != ""
    assert group[0] == ""


def test_the_given_parts_are_forgotten_except_the_test(imported: Dataset) -> None:
    after = replay(imported, [Edit("resplit")])
    assert {e.split for e in after.examples} == {"", "test"}


def test_examples_are_put_into_a_part(imported: Dataset) -> None:
    after = replay(imported, [Edit("part", rows=(0, 1, 99), into="test")])
    assert {e.row for e in after.examples if e.split == "test"} == {0, 1, 22, 23}
    for wrong in (
        Edit("part", rows=(0,)),
        Edit("part", rows=(0,), into="x"),
        Edit("part", into="val"),
    ):
        with pytest.raises(InputError):
            replay(imported, [wrong])


def test_order_matters_and_undo_takes_one_entry_back(imported: Dataset) -> None:
    log = [
        Edit("relabel", rows=(0,), label="class 1"),
        Edit("merge", label="class 1", into="class 2"),
        Edit("undo", entry=1),
    ]
    assert label_of(replay(imported, log[:2]), 0) == "class 2"
    assert label_of(replay(imported, log), 0) == "class 0"
    again = replay(imported, [*log, Edit("undo", entry=1)])
    assert label_of(again, 0) == "class 2"
    assert edits.in_force(log) == {2}


def test_what_a_person_keeps_is_known(tmp_path: Path, imported: Dataset) -> None:
    for edit in (Edit("keep", rows=(3, 4), check="flat"), Edit("undo", entry=1)):
        edits.append(tmp_path, edit, imported)
    assert edits.kept(tmp_path, "flat", 1) == {3, 4}
    assert edits.kept(tmp_path, "grey", 1) == frozenset()
    assert edits.kept(tmp_path, "flat", 2) == frozenset()


@pytest.mark.parametrize(
    "edit",
    [
        Edit("explode"),
        Edit("drop"),
        Edit("keep", rows=(1,)),
        Edit("relabel", rows=(1,), label="  "),
        Edit("merge", label="class 1"),
        Edit("regroup"),
        Edit("undo", entry=0),
        Edit("undo", entry=1),
    ],
)
def test_entries_without_sense_are_refused(imported: Dataset, edit: Edit) -> None:
    with pytest.raises(InputError, match="Entry 1 of the edit log cannot be followed"):
        replay(imported, [edit])


def test_two_classes_have_to_be_left(imported: Dataset) -> None:
    with pytest.raises(InputError, match="fewer than two classes"):
        replay(imported, [Edit("drop", rows=tuple(range(12)))])


def test_entries_are_stored_and_read_back(tmp_path: Path, imported: Dataset) -> None:
    log = [
        Edit("drop", rows=(1, 2), check="flat", at=5.0),
        Edit("merge", label="a|b\n", into="ç", at=6.0),
        Edit("regroup", groups=((1, 2), (3, 4)), by="thaw", at=7.0),
        Edit("undo", entry=1, at=8.0),
    ]
    for edit in log:
        edits.append(tmp_path, edit, imported)
    assert edits.read_log(tmp_path) == tuple(log)
    assert edits.count(tmp_path) == 4
    assert edits.sizes(tmp_path) == (24, 3)


def test_no_log_is_an_empty_one(tmp_path: Path) -> None:
    assert (edits.read_log(tmp_path), edits.count(tmp_path), edits.sizes(tmp_path)) == ((), 0, None)


def test_a_torn_last_line_is_passed_over_and_cut_off(tmp_path: Path, imported: Dataset) -> None:
    edits.append(tmp_path, Edit("drop", rows=(1,)), imported)
    with (tmp_path / edits.EDITS_FILE).open("a") as file:
        file.write('{"do": "drop", "ro')
    assert edits.count(tmp_path) == len(edits.read_log(tmp_path)) == 1
    edits.append(tmp_path, Edit("resplit"), imported)
    assert [e.do for e in edits.read_log(tmp_path)] == ["drop", "resplit"]


def test_one_writes_at_a_time(tmp_path: Path) -> None:
    told: list[str] = []

    def other() -> None:
        with edits.writing(tmp_path):
            told.append("other")

    thread = threading.Thread(target=other)
    with edits.writing(tmp_path):
        thread.start()
        thread.join(0.2)
        told.append("first")
    thread.join()
    assert told == ["first", "other"]
