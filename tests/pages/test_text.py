"""Words on the screen: nothing untrusted is taken for markup."""

from __future__ import annotations

import pytest

from pages.ui import text


@pytest.mark.parametrize(
    "hostile",
    [
        "**bold** _it_ ~gone~ `code`",
        "[link](http://evil.example) ![image](http://evil.example/x.png)",
        ":red[boo] :material/home: :smile:",
        "<b>html</b> &amp; $x^2$ | a # b",
        "a\\*b",
    ],
)
def test_every_sign_with_a_meaning_is_disarmed(hostile: str) -> None:
    shown = text.escape(hostile)
    for sign in "*_~`[]()<>$|#:&!":
        assert shown.count(sign) == shown.count("\\" + sign)
    assert shown.replace("\\", "").replace("\u2060", "") == hostile.replace("\\", "")


@pytest.mark.parametrize("late", ["http://evil.example", "www.evil.example", "a@evil.example"])
def test_bare_addresses_are_broken_up(late: str) -> None:
    assert "\u2060" in text.escape(late)


def test_lines_become_one_line() -> None:
    assert text.escape("a\n\n# b") == "a \\# b"


def test_counts_have_their_words() -> None:
    assert text.classes(2) == "2 classes"


def test_auto_is_not_shown_as_an_id() -> None:
    assert text.strategy("auto") == "Thaw chooses"
    assert text.strategy("linear_probe") == "Feature extraction"
