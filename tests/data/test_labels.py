"""Class names: tidied, never changed in meaning; twins noticed."""

from __future__ import annotations

import pytest

from tl_core.data.labels import plain_name, tidy_text, twins


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("cats", "cats"),
        ("  cats \t", "cats"),
        ("red  cats", "red  cats"),
        ("a\nb", "a b"),
        ("\x00", ""),
        ("cafe\u0301", "caf\u00e9"),
        ("猫", "猫"),
        ("bad\udcff", "bad?"),
        ("<b>", "<b>"),
        ("ev\u202eil\u2066", "evil"),
        ("a\u2028b", "a b"),
        ("\u0645\u06cc\u200c\u0634\u0648\u062f", "\u0645\u06cc\u200c\u0634\u0648\u062f"),
    ],
)
def test_names_are_tidied(written: str, tidy: str) -> None:
    assert tidy_text(written) == tidy


def test_long_names_are_cut() -> None:
    assert tidy_text("a" * 9 + " " + "b" * 500, max_chars=10) == "a" * 9


def test_twins_differ_only_by_capitals_or_spaces() -> None:
    assert twins(["Cat", "cat", "dog", "hot dog", "Hotdog", "cow"]) == (
        "Cat",
        "Hotdog",
        "cat",
        "hot dog",
    )
    assert twins(["cat", "cats"]) == ()


def test_names_of_files_are_shown_on_one_line_and_in_one_direction() -> None:
    assert plain_name("cats/1 ä 猫.png") == "cats/1 ä 猫.png"
    assert plain_name("a\nb\x1b[2J\u202egnp.exe\udcff") == "a?b?[2J?gnp.exe?"
    long = plain_name("a" * 9999 + ".png")
    assert len(long) < 500
    assert long.startswith("aaa")
    assert long.endswith("a.png")
