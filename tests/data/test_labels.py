"""Class names: tidied, never changed in meaning; twins noticed."""

from __future__ import annotations

import pytest

from tl_core.data.labels import tidy_text, twins


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
