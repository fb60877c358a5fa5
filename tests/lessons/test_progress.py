"""Progress: kept between visits, robust against a damaged file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.lessons import progress


def test_what_is_done_is_kept_and_nothing_else(thaw_home: Path) -> None:
    assert progress.read_done() == frozenset()
    progress.mark_done("portable")
    progress.mark_done("portable")
    progress.mark_done("lora")
    progress.mark_done("nonsense")
    assert progress.read_done() == {"portable", "lora"}


@pytest.mark.parametrize("content", ["{", "[]", '{"done": 3}', '{"done": [["portable"]]}'])
def test_a_damaged_file_counts_as_nothing_done(thaw_home: Path, content: str) -> None:
    thaw_home.mkdir()
    (thaw_home / progress.FILE).write_text(content)
    assert progress.read_done() == frozenset()
    progress.mark_done("lora")
    assert progress.read_done() == {"lora"}
