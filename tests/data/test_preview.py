"""What a table seems to hold is guessed by names first, then by values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.data.preview import ROWS, files_found, preview
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
    assert (found.path, found.text, found.label) == ("path", "", "label")


def test_picture_files_parts_and_groups_are_known_by_what_they_hold(tmp_path: Path) -> None:
    lines = [f"{n},p{n % 3},img/{n}.JPG,{'ab'[n % 2]},{'train' if n else 'val'}" for n in range(9)]
    found = shown(tmp_path, "\n".join(["nr,group,img_name,category,fold", *lines]))
    assert (found.path, found.label, found.text) == ("img_name", "category", "")
    assert (found.split, found.group) == ("fold", "group")
    assert len(found.rows) == ROWS
    found = shown(tmp_path, "split,text,label\ntrain,see a.png,train\nval,b.png,test\n")
    assert (found.path, found.text, found.label, found.split) == ("", "text", "label", "split")


def test_files_are_looked_for_beside_the_table(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("")
    (tmp_path.parent / "b.png").write_text("")
    shown(tmp_path, "img,label\na.png,cat\n../b.png,dog\nc.png,dog\n,dog\n")
    assert files_found(tmp_path / "table.csv", "img") == (1, 3)


def test_what_is_shown_is_text_on_one_line(tmp_path: Path) -> None:
    content = '{"said\\ud800": "a\\ud800\\u202eb\\nc", "mood": "x"}\n'
    found = shown(tmp_path, content, "table.jsonl")
    assert (found.columns, found.rows) == (("said?", "mood"), (("a?b c", "x"),))


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
