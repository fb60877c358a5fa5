"""Answers in words and as a table."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tl_core.report import answers

LIKE = {"score": 0.5, "flag": False, "farther_than": 0.34}
UNLIKE = {"score": 1.4, "flag": True, "farther_than": 0.97}


def answer(found: dict[str, Any] | None, label: str = "bee", name: str = "a.png") -> dict[str, Any]:
    top = [{"label": label, "probability": 0.94}, {"label": "ant", "probability": 0.06}]
    return {"file": name, "top": top, "unlike_training": found}


BAD = {"file": "b.png", "issue": {"field": "b.png", "message": "It is damaged.", "fix": "Fix it."}}


def test_the_headline_names_the_class_unless_there_is_something_to_warn_of() -> None:
    like = answers.headline(answer(LIKE), "picture")
    assert like == "bee, 94 % sure; it looks like your training pictures."
    assert answers.headline(answer(UNLIKE), "picture").startswith("Not like your training pictures")
    assert answers.headline(answer(UNLIKE), "text").startswith("Not like your training texts")
    assert answers.headline(answer(None), "text") == "bee, 94 % sure."


def test_how_far_it_lies_is_counted_in_held_out_examples() -> None:
    assert "than 97 of 100 of your own held-out pictures" in answers.likeness(UNLIKE, "picture")
    assert "than 34 of 100 of your own held-out texts" in answers.likeness(LIKE, "text")
    assert "train again" in answers.warning("text")


def test_the_table_has_a_row_for_what_could_not_be_used() -> None:
    first, odd, bad = answers.table([answer(LIKE), answer(UNLIKE), BAD])
    assert list(first.values()) == ["a.png", "bee", "94 %", "yes", ""]
    assert odd["Like training"] == "no"
    assert list(bad.values()) == ["b.png", "–", "–", "–", "It is damaged."]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_holds_every_number() -> None:
    first, bad = read(answers.csv_text([answer(UNLIKE), BAD]))
    assert first == {
        "file": "a.png",
        "label_1": "bee",
        "probability_1": "0.94",
        "label_2": "ant",
        "probability_2": "0.06",
        "label_3": "",
        "probability_3": "",
        "unlike_training": "yes",
        "score": "1.4",
        "farther_than": "0.97",
        "problem": "",
    }
    assert (bad["file"], bad["label_1"], bad["problem"]) == ("b.png", "", "It is damaged.")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_cell_of_the_csv_is_a_formula(start: str) -> None:
    hostile = f"{start}cmd|' /C calc'!A0"
    (row,) = read(answers.csv_text([answer(LIKE, label=hostile, name=hostile)]))
    assert row["file"] == row["label_1"] == f"'{hostile}"
