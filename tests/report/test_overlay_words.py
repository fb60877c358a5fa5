"""Curves of several runs in words and as a table."""

from __future__ import annotations

from tests.pages.handmade import best_of, epoch
from tl_core.report.overlay_scale import Curve, View
from tl_core.report.overlay_words import overlay_alt, overlay_table

TOLD = [
    Curve("r", "A", "one", [epoch(n) for n in range(4)], best_of(epoch(2))),
    Curve("s", "B", "other", [], None, is_active=True),
]


def test_the_picture_in_words() -> None:
    said = overlay_alt(TOLD, View())
    assert said == (
        "Accuracy of 2 runs over one another. A, one: 59 % after epoch 3 and 6 s of training. Its "
        "best is epoch 2 with 56 % (46 to 66). B, other: no epoch yet."
    )
    assert "A, one: 0.35 after epoch 3" in overlay_alt(TOLD, View(measure="loss"))
    assert "with 0.47." in overlay_alt(TOLD, View(measure="loss"))
    assert "A, one: 62 % after" in overlay_alt(TOLD, View(shown="training"))


def test_the_picture_as_a_table() -> None:
    table = overlay_table([*TOLD, Curve("t", "C", "bare", [{"epoch": 1}], None)])
    assert list(table["run"]) == ["A"] * 4 + ["C"]
    assert list(table["validation accuracy, %"])[:4] == [50.0, 53.0, 56.0, 59.0]
    assert list(table["seconds"])[:4] == [0.0, 2.0, 4.0, 6.0]
    assert table["validation loss"].isna().tolist() == [False] * 4 + [True]
