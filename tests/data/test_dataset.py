"""The record of a dataset: what is written is what is read, and its fingerprint follows content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.data.dataset import EXAMPLES_FILE, Dataset, fingerprint_of, image_path, read, write
from tl_core.errors import InputError

Record = Callable[..., Dataset]


def test_what_is_written_is_what_is_read(tmp_path: Path, record: Record) -> None:
    made = record([0, 1, 1], groups=["", "walk", "walk"], splits=["train", "val", ""])
    examples = tuple(
        replace(e, path=image_path(tmp_path, e.key, ".png"), row=row)
        for row, e in enumerate(made.examples)
    )
    made = replace(made, examples=examples)
    write(tmp_path, made)
    assert read(tmp_path) == made
    assert [e.row for e in read(tmp_path).examples] == [0, 1, 2]


@pytest.mark.parametrize("content", ["", "{", "[[1]]", '[["a"]]'])
def test_damaged_files_are_told_in_plain_words(
    tmp_path: Path, record: Record, content: str
) -> None:
    write(tmp_path, record([0, 1]))
    (tmp_path / EXAMPLES_FILE).write_text(content)
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path)


def test_the_fingerprint_follows_content_and_not_names(record: Record) -> None:
    base = record([0, 1, 1])
    renamed = [replace(e, name="other", path=Path("/x")) for e in reversed(base.examples)]
    assert fingerprint_of(base.classes, renamed) == base.fingerprint
    for change in ({"label": 1}, {"split": "val"}, {"group": "g"}, {"key": "f" * 64}):
        changed = [replace(base.examples[0], **change), *base.examples[1:]]
        assert fingerprint_of(base.classes, changed) != base.fingerprint
    assert fingerprint_of(("x", "y"), base.examples) != base.fingerprint
