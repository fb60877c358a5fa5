"""Tables as people save them: separators, encodings, JSON lines; what is no table is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.data import limits
from tl_core.data.finding import Notes
from tl_core.data.table import is_table, open_table
from tl_core.errors import InputError

ROWS = [{"text": "fine film", "label": "good"}, {"text": "naïve", "label": "bad"}]


def read(path: Path, content: str | bytes) -> tuple[list[dict[str, str]], dict[str, int]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    notes = Notes()
    table = open_table(path, notes)
    rows = [values for _line, values in table.rows]
    return rows, {f.check: f.count for f in notes.findings()}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_separators_and_encodings_are_found_out(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    lines = [delimiter.join(row) for row in (("text", "label"), *(r.values() for r in ROWS))]
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    content = (mark + "\n".join(lines)).encode(encoding)
    assert read(tmp_path / "a.csv", content) == (ROWS, {})


def test_lines_in_another_encoding_are_read_and_noted(tmp_path: Path) -> None:
    content = b"text,label\nfine film,good\n" + "naïve,bad\n".encode("cp1252")
    assert read(tmp_path / "a.csv", content) == (ROWS, {"other_encoding": 1})


def test_a_text_may_hold_separators_quotes_and_line_breaks(tmp_path: Path) -> None:
    said = 'so, "great"\nreally'
    long = "x" * 200_000
    content = f'text,label\n"so, ""great""\nreally",good\n{long},bad\n'
    rows, noted = read(tmp_path / "a.csv", content)
    assert [row["text"] for row in rows] == [said, long]
    assert noted == {}


def test_json_lines_are_read_and_what_is_none_is_noted(tmp_path: Path) -> None:
    content = (
        '{"text": "fine film", "label": "good"}\n\n{"label": 3, "text": " two "}\n'
        '[1]\nno json\n{"text": ["x"], "label": null}\n' + "[" * 100_000 + "\n"
    )
    rows, noted = read(tmp_path / "a.jsonl", content)
    assert rows == [
        {"text": "fine film", "label": "good"},
        {"label": "3", "text": "two"},
        {"text": "", "label": ""},
    ]
    assert noted == {"bad_rows": 3}


@pytest.mark.parametrize(("first_bytes", "n"), [(20, 0), (21, 1), (29, 1), (30, 2), (99, 2)])
def test_the_beginning_of_a_table_ends_with_a_whole_line(
    tmp_path: Path, first_bytes: int, n: int
) -> None:
    (tmp_path / "a.csv").write_text("text,label\nfine,good\ndull,bad\n")
    opened = open_table(tmp_path / "a.csv", Notes(), first_bytes=first_bytes)
    assert [row["text"] for _line, row in opened.rows] == ["fine", "dull"][:n]


def test_only_line_ends_divide_json_lines(tmp_path: Path) -> None:
    rows, noted = read(tmp_path / "a.jsonl", '{"text": "a\u2028b\x85c"}\r\n{"text": "d"}')
    assert rows == [{"text": "a\u2028b\x85c"}, {"text": "d"}]
    assert noted == {}


def test_columns_are_named_in_plain_text(tmp_path: Path) -> None:
    rows, _noted = read(tmp_path / "a.jsonl", '{"a\\ud800\\u202e\\n": "b"}\n')
    assert rows == [{"a?": "b"}]
    rows, _noted = read(tmp_path / "a.csv", "a\u202e,b\x1b[2J\n1,2\n")
    assert rows == [{"a": "1", "b [2J": "2"}]


def test_too_many_rows_or_columns_are_refused_while_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_FILES", 3)
    for line in ("{}\n", "no json\n"):
        with pytest.raises(InputError, match="more than 3 files"):
            read(tmp_path / "a.jsonl", line * 4)
    monkeypatch.setattr(limits, "MAX_LINES", 3)
    with pytest.raises(InputError, match="more than 3 files"):
        read(tmp_path / "a.csv", b"text,label\n\xff,a\n\xff,b\n\n")
    monkeypatch.setattr(limits, "MAX_COLUMNS", 3)
    with pytest.raises(InputError, match="more than 3 columns"):
        read(tmp_path / "a.csv", ",,,\n")
    with pytest.raises(InputError, match="more than 3 columns"):
        read(tmp_path / "a.jsonl", '{"a": 1, "b": 2, "c": 3, "d": 4}\n')


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"text,label\nfine\0film,1\n"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match="holds no text"):
        read(tmp_path / "a.csv", content)


def test_a_table_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_MANIFEST_BYTES", 10)
    with pytest.raises(InputError):
        read(tmp_path / "a.csv", "text,label\nfine film,good\n")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("a.csv", True), ("A.TSV", True), ("x.jsonl", True), ("x.ndjson", True), ("a.txt", False)],
)
def test_tables_are_known_by_name(name: str, is_one: bool) -> None:
    assert is_table(name) is is_one
