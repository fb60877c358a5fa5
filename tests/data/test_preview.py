"""What a table seems to hold is guessed by names first, then by values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.data.preview import ROWS, preview
from tl_core.errors import InputError


def shown(folder: Path, content: str, name: str = "table.csv"):  # type: ignore[no-untyped-def]
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return preview(path)


def test_usual_names_count(tmp_path: Path) -> None:
    found = shown(tmp_path, "label,id,text\ngood,1,nice\nbad,2,awful\n")
    assert found.columns == ("label", "id", "text")
    assert (found.text, found.label) == ("text", "label")
    assert found.rows == (("good", "1", "nice"), ("bad", "2", "awful"))


def test_other_names_are_guessed_by_their_values(tmp_path: Path) -> None:
    lines = [f"{n},it was number {n} of many,{'up' if n % 2 else 'down'},same" for n in range(20)]
    found = shown(tmp_path, "\n".join(["nr,words,kind,all", *lines]))
    assert (found.text, found.label) == ("words", "kind")
    assert len(found.rows) == ROWS


def test_tables_of_picture_files_hold_no_text(tmp_path: Path) -> None:
    found = shown(tmp_path, "path,label\na.png,cat\nb.png,dog\n")
    assert (found.text, found.label) == ("", "label")


def test_a_single_column_leaves_no_class(tmp_path: Path) -> None:
    found = shown(tmp_path, "words\nnice\n")
    assert (found.text, found.label) == ("words", "")


def test_json_lines_are_tables_too(tmp_path: Path) -> None:
    content = (
        '{"said": "a long sentence", "mood": "glad"}\n{"said": "another one", "mood": "sad"}\n'
    )
    found = shown(tmp_path, content, "table.jsonl")
    assert (found.text, found.label) == ("said", "mood")


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\x7fELF\0\0")
    with pytest.raises(InputError, match="holds no text"):
        preview(path)
