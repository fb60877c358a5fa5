"""Columns: asked for by name, usual by name, else known by what they hold."""

from __future__ import annotations

import pytest

from tl_core.data.columns import (
    NONE,
    Columns,
    Found,
    fewest,
    find_columns,
    longest,
    parted,
    pictured,
    usual_columns,
)

PICTURES = [{"nr": str(n), "img": f"a/{n}.JPG", "kind": "ab"[n % 2]} for n in range(9)]


def test_usual_names_count_whatever_their_capitals() -> None:
    found = usual_columns(["Filename", "Class", "x", "SPLIT", "group", "Text", ""])
    assert found == Found("Filename", "Text", "Class", "SPLIT", "group")


def test_what_is_asked_for_goes_before_what_is_usual() -> None:
    names = ["path", "label", "split", "group", "said", "mood"]
    assert find_columns(names, [], Columns()) == Found("path", "", "label", "split", "group")
    asked = Columns(text="said", label="mood", split=NONE, group=NONE)
    assert find_columns(names, [], asked) == Found("", "said", "mood", "", "")
    assert find_columns(["text", "img", "label"], [], Columns(path="img")).text == ""


def test_pictures_are_known_by_values_and_texts_are_not() -> None:
    assert find_columns(["nr", "img", "kind"], PICTURES, Columns()).path == "img"
    assert find_columns(["nr", "img", "kind"], PICTURES, Columns()).label == "kind"
    assert find_columns(["nr", "img"], PICTURES, Columns()).label == "nr"
    both = [{**row, "hue": row["kind"]} for row in PICTURES]
    assert find_columns(["nr", "img", "kind", "hue"], both, Columns()).label == ""
    assert find_columns(["img", "kind"], PICTURES, Columns()).label == "kind"
    assert find_columns(["nr", "kind"], PICTURES, Columns()) == Found("", "", "", "", "")
    assert find_columns(["text", "img", "label"], PICTURES, Columns()).path == ""


@pytest.mark.parametrize("values", [["a.png", "b.txt"], ["", ""], [], ["see.png", "no", "no"]])
def test_half_of_the_values_do_not_make_paths(values: list[str]) -> None:
    assert pictured(["x"], [{"x": value} for value in values]) == ""


def test_parts_are_known_where_nothing_else_is_said() -> None:
    rows = [{"a": "train", "b": "TRAIN", "c": ""}, {"a": "held", "b": "valid", "c": ""}]
    assert parted(["a", "c", "b"], rows) == "b"
    assert parted(["a", "c"], rows) == ""


def test_the_longest_and_the_least_varied_columns_are_found() -> None:
    rows = [{"n": str(n), "t": "some words", "k": "ab"[n % 2], "s": "same"} for n in range(6)]
    assert longest(["n", "t", "k"], rows) == "t"
    assert fewest(["n", "t", "k", "s"], rows) == "k"
    assert (longest([], rows), fewest([], rows)) == ("", "")


def test_parts_are_guessed_only_where_the_class_is() -> None:
    rows = [{**row, "fold": "train"} for row in PICTURES]
    names = ["nr", "img", "kind", "fold"]
    assert find_columns(names, rows, Columns()) == Found("img", "", "kind", "fold", "")
    assert find_columns(names, rows, Columns(split=NONE)).split == ""
    assert find_columns(names, rows, Columns(label="kind")).split == ""
