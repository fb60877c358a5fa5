"""What is kept of flights: the first ending of each, and nothing a damaged file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.lessons.flown import FILE, note, read_flown
from tl_core.lessons.scoring import Score


def test_the_first_ending_counts(thaw_home: Path) -> None:
    assert read_flown() == {}
    note("heron", Score("late", 40))
    note("heron", Score("early", 100))
    note("wren", Score("sound", 100))
    assert read_flown() == {"heron": 40, "wren": 100}


@pytest.mark.parametrize(
    "damaged",
    ["", "[]", "{", '{"points": 3}', '{"points": {"heron": "x", "dodo": 5, "wren": 900}}'],
)
def test_a_damaged_file_counts_as_none(thaw_home: Path, damaged: str) -> None:
    thaw_home.mkdir(parents=True, exist_ok=True)
    (thaw_home / FILE).write_text(damaged)
    assert read_flown() == {}
    note("heron", Score("early", 90))
    assert read_flown() == {"heron": 90}
