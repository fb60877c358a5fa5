"""Tables: read as people save them, and never trusted with a path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tl_core.data import limits
from tl_core.data.columns import Columns
from tl_core.data.finding import Notes
from tl_core.data.labels import plain_name
from tl_core.data.manifest import find_below, plain_path, read_table
from tl_core.errors import InputError

Row = tuple[str, str, str, str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "set"
    (root / "images").mkdir(parents=True)
    for name in ("1.png", "2.png", "3.png"):
        (root / "images" / name).write_text(name)
    return root


def read(
    root: Path, text: str | bytes, **options: Any
) -> tuple[list[Row], dict[str, tuple[str, ...]]]:
    table = root / "table.csv"
    table.write_bytes(text.encode() if isinstance(text, str) else text)
    notes = Notes()
    found = read_table(table, find_below(root), notes, **options)
    rows = [(c.path.name, c.label, c.split, c.group) for c in found]
    return rows, {f.check: f.examples for f in notes.findings()}


def test_the_four_columns_are_read(root: Path) -> None:
    text = "path,label,split,group\nimages/1.png,cat,train,w1\nimages/2.png,dog,valid,\n"
    rows, noted = read(root, text)
    assert rows == [("1.png", "cat", "train", "w1"), ("2.png", "dog", "val", "")]
    assert noted == {}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffpath,label\nimages/1.png,cat\n",
        "path;label\r\nimages/1.png;cat\r\n",
        "Path \tLABEL\nimages\\1.png\t cat \n",
        'label,extra,path\n"cat",x,"./images//1.png"\n\n,,\n',
        "path,label\nimages/1.png,cat,too,many\n",
    ],
)
def test_tables_are_read_as_programs_save_them(root: Path, text: str) -> None:
    assert read(root, text) == ([("1.png", "cat", "", "")], {})


def test_a_table_for_one_part_sets_the_part(root: Path) -> None:
    rows, _noted = read(root, "path,label,split\nimages/1.png,cat,train\n", split="test")
    assert rows == [("1.png", "cat", "test", "")]


@pytest.mark.parametrize(
    "path",
    ["../secret.png", "/etc/passwd", "images/../../secret.png", "C:/x.png", "..\\x.png"],
)
def test_paths_that_lead_outside_are_refused(root: Path, path: str) -> None:
    (root.parent / "secret.png").write_text("secret")
    rows, noted = read(root, f"path,label\n{path},cat\n")
    assert rows == []
    assert noted == {"outside": (path,)}


def test_links_that_lead_outside_are_refused(root: Path) -> None:
    (root.parent / "secret.png").write_text("secret")
    (root / "images" / "link.png").symlink_to(root.parent / "secret.png")
    (root / "images" / "fine.png").symlink_to(root / "images" / "1.png")
    rows, noted = read(root, "path,label\nimages/link.png,cat\nimages/fine.png,cat\n")
    assert [name for name, *_rest in rows] == ["1.png"]
    assert noted == {"links": ("images/link.png",)}


def test_files_that_are_not_there_are_listed(root: Path) -> None:
    long_name = "x" * 5000
    lines = ["path,label", "none.png,cat", "images,cat", f"{long_name},cat", "images/1.png,cat"]
    rows, noted = read(root, "\n".join(lines))
    assert [name for name, *_rest in rows] == ["1.png"]
    assert noted == {"missing_files": ("none.png", "images", plain_name(long_name))}


def test_rows_that_say_too_little_are_listed_with_their_line(root: Path) -> None:
    text = "path,label,split\nimages/1.png,,\n,cat,\nimages/2.png,cat,holdout\nimages/3.png\n"
    rows, noted = read(root, text)
    assert rows == []
    assert noted["bad_rows"] == (
        "table.csv, line 2: images/1.png",
        "table.csv, line 3",
        "table.csv, line 4: images/2.png",
        "table.csv, line 5: images/3.png",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks the column path / text, label"),
        ("where,label\nx,y\n", "lacks the column path / text; its columns are: where, label"),
        ("text,kind\nfine film,1\n", "lacks the column label; its columns are: text, kind"),
        ("images/1.png,cat\n", "lacks the column"),
        (b"\x89PNG\r\n\x1a\n\0\0", "holds no text"),
    ],
)
def test_other_tables_are_refused_in_plain_words(
    root: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(root, text)


def test_too_many_rows_or_bytes_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "path,label\n" + "images/1.png,cat\n" * 3
    monkeypatch.setattr(limits, "MAX_FILES", 2)
    with pytest.raises(InputError, match="more than 2 files"):
        read(root, text)
    monkeypatch.setattr(limits, "MAX_FILES", 3)
    assert len(read(root, text)[0]) == 3
    monkeypatch.setattr(limits, "MAX_MANIFEST_BYTES", 10)
    with pytest.raises(InputError, match="more than"):
        read(root, text)


@pytest.mark.parametrize(
    ("path", "plain"),
    [("a/b.png", "a/b.png"), ("./a//b.png", "a/b.png"), ("", None), (".", None), ("..", None)],
)
def test_paths_are_made_plain(path: str, plain: str | None) -> None:
    assert plain_path(path) == plain


def test_columns_of_any_name_can_be_asked_for(root: Path) -> None:
    text = "nr,where,kind,half,pair\n1,images/1.png,cat,test,w\n2,images/2.png,dog,train,w\n"
    asked = Columns(path="where", label="kind", split="half", group="pair")
    rows, noted = read(root, text, columns=asked)
    assert rows == [("1.png", "cat", "test", "w"), ("2.png", "dog", "train", "w")]
    assert noted == {}


def test_a_path_column_is_known_by_its_values(root: Path) -> None:
    text = "img_name,category\nimages/1.png,cat\nimages/2.png,dog\n"
    assert read(root, text)[0] == [("1.png", "cat", "", ""), ("2.png", "dog", "", "")]
    text = "img_name,species\nimages/1.png,cat\n"
    assert read(root, text)[0] == [("1.png", "cat", "", "")]
    with pytest.raises(InputError, match="lacks the column label; its columns are: a, b, c"):
        read(root, "a,b,c\nimages/1.png,cat,2\n")


def test_parts_and_groups_may_be_left_unread(root: Path) -> None:
    text = "path,label,split,group\nimages/1.png,cat,nonsense,w\n"
    rows, _noted = read(root, text, columns=Columns(split="-", group="-"))
    assert rows == [("1.png", "cat", "", "")]


@pytest.mark.parametrize(
    ("asked", "message", "fix"),
    [
        (Columns(path="nothing"), "lacks the column nothing", "--path-column"),
        (Columns(label="-"), "lacks the column -", "--label-column"),
        (Columns(path="img", text="kind"), "both columns were named", "not both"),
        (Columns(path="kind", label="img"), "'kind' names was found", "column 'img' seems to"),
        (Columns(path="img", label="nr"), "another value in the column 'nr'", "nr, img, kind"),
        (Columns(label="kind", split="nr"), "'nr' names no parts; it begins with '0'", "or none"),
    ],
)
def test_a_wrong_choice_says_what_was_found_and_what_to_choose(
    root: Path, asked: Columns, message: str, fix: str
) -> None:
    rows = [f"{n},images/{1 + n % 3}.png,{'cat' if n % 2 else 'dog'}" for n in range(12)]
    with pytest.raises(InputError) as caught:
        read(root, "\n".join(["nr,img,kind", *rows]), columns=asked)
    (issue,) = caught.value.issues
    assert message in issue.message
    assert fix in issue.fix


def test_a_table_whose_files_are_nowhere_says_how_to_bring_them(root: Path) -> None:
    with pytest.raises(InputError, match="None of the files that the column 'path' names") as told:
        read(root, "path,label\nphotos/1.png,cat\nphotos/2.png,dog\n")
    assert "Bring that folder, or a zip of it" in told.value.issues[0].fix


def test_paths_that_no_file_system_can_hold_are_missing(root: Path) -> None:
    table = root / "table.jsonl"
    table.write_text(
        '{"path": "\\ud800.png", "label": "cat"}\n{"path": "images/1.png", "label": "cat"}\n'
    )
    notes = Notes()
    found = read_table(table, find_below(root), notes)
    assert [candidate.path.name for candidate in found] == ["1.png"]
    assert notes.findings()[0].examples == ("?.png",)
