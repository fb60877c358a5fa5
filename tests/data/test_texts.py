"""Texts from tables and files: tidied, twins known, what holds no text left out and named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tl_core.data import audit, limits, texts
from tl_core.data.columns import Columns
from tl_core.data.ingest import findings, import_data
from tl_core.data.split import split
from tl_core.errors import InputError

pytestmark = pytest.mark.usefixtures("thaw_home")

GOOD = [f"a fine film, number {n}, and well acted" for n in range(8)]
BAD = [f"a dull film, number {n}, and badly cut" for n in range(8)]


def table(path: Path, header: str = "text,label", extra: str = "") -> Path:
    rows = [f'"{text}",good' for text in GOOD] + [f'"{text}",bad' for text in BAD]
    path.write_text("\n".join([header, *rows]) + "\n" + extra, encoding="utf-8")
    return path


def told(dataset_id: str) -> dict[str, int]:
    return {f.check: f.count for f in findings(dataset_id)}


def test_a_table_becomes_a_set_of_texts(tmp_path: Path) -> None:
    made = import_data(table(tmp_path / "films.csv"))
    assert made.modality == "text"
    assert made.classes == ("bad", "good")
    assert sorted(e.text for e in made.examples) == sorted(GOOD + BAD)
    assert told(made.id) == {}
    assert import_data(tmp_path / "films.csv") is made
    facts = audit.facts(made, val_fraction=0.25, seed=0)
    assert (facts.modality, facts.n) == ("text", 16)
    assert facts.sizes == {"min": 8, "median": 8, "max": 8}


@pytest.mark.parametrize("zipped", [False, True])
def test_folders_of_text_files_become_a_set_of_texts(tmp_path: Path, zipped: bool) -> None:
    root = tmp_path / "films"
    for label, own in (("good", GOOD), ("bad", BAD)):
        (root / label).mkdir(parents=True)
        for n, text in enumerate(own):
            (root / label / f"{n}.txt").write_bytes(text.encode("utf-16" if n == 0 else "utf-8"))
    (root / "good" / "blank.txt").write_text(" \n ")
    (root / "good" / "notes.md").write_text("not a text of the set")
    (root / "bad" / "binary.txt").write_bytes(b"\0\1\2")
    (root / "bad" / "old.txt").write_bytes("naïve".encode("cp1252"))
    source = root
    if zipped:
        source = tmp_path / "films.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for path in sorted(root.rglob("*.*")):
                archive.write(path, path.relative_to(tmp_path))
    made = import_data(source)
    assert sorted(e.text for e in made.examples) == sorted([*GOOD, *BAD, "naïve"])
    assert told(made.id) == {"empty_texts": 1, "unreadable": 1, "stray": 1, "other_encoding": 1}


def test_bad_rows_are_named_and_left_out(tmp_path: Path) -> None:
    long = "x" * (limits.MAX_TEXT_CHARS + 5)
    extra = f",good\n  ,bad\nno label,\n{long},good\nnull\x01sign,bad\n"
    made = import_data(table(tmp_path / "films.csv", extra=extra))
    assert told(made.id) == {"empty_texts": 2, "bad_rows": 1, "long_texts": 1}
    by_length = sorted((e.text for e in made.examples), key=len)
    assert len(by_length[-1]) == limits.MAX_TEXT_CHARS
    assert "null sign" in by_length


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\n" + "nice,good\n" * 9, "Only the class 'good' is left"),
        ("text,label\n" + ",good\n,bad\n" * 9, "No class with enough usable texts"),
        ("words,kind\nnice,good\n", "lacks the column"),
        ("", "lacks the column"),
        (b"\x7fELF\0\0\0", "holds no text"),
    ],
)
def test_unusable_tables_are_refused_in_plain_words(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = tmp_path / "films.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError, match=message) as caught:
        import_data(path)
    assert all(issue.fix for issue in caught.value.issues[:1])


def test_columns_can_be_named_and_wrong_names_are_told(tmp_path: Path) -> None:
    path = table(tmp_path / "films.csv", header="what was said,verdict")
    with pytest.raises(InputError, match="what was said, verdict"):
        import_data(path)
    made = import_data(path, columns=Columns("what was said", "verdict"))
    assert len(made.examples) == 16
    with pytest.raises(InputError, match="lacks the column nothing"):
        import_data(path, columns=Columns("nothing", "verdict"))


def test_twins_never_straddle_a_split(tmp_path: Path) -> None:
    shouted = "\n".join(f'"{text.upper()} !!",good' for text in GOOD)
    made = import_data(table(tmp_path / "films.csv", extra=shouted))
    assert len(made.examples) == 24
    parts = split(made, val_fraction=0.3, seed=1)
    looks = [{made.examples[row].pixels for row in part} for part in (parts.train, parts.val)]
    assert not looks[0] & looks[1]
    assert {f.check: f.count for f in audit.findings(made)} == {"duplicates": 8}
    assert "same words" in audit.findings(made)[0].effect


def test_hostile_letters_are_made_harmless() -> None:
    assert texts.tidied("a\r\nb\tc\x00\x1b[31m\ud800") == "a\nb\tc  [31m?"
    assert texts.tidied("e\u0301") == "\u00e9"
    assert texts.look("Fine, FILM!") == texts.look("fine film")
    assert texts.look("!!!") != texts.look("???")


def test_near_twins_are_noted_and_kept_on_one_side(tmp_path: Path) -> None:
    twin = "the plot is a mess but the actors save what can be saved of this long evening"
    more = f'"{twin}",good\n"Well, {twin}!",good\n'
    made = import_data(table(tmp_path / "films.csv", extra=more))
    assert told(made.id) == {"near_twins": 1}
    groups = {e.group for e in made.examples if twin in e.text}
    assert len(groups) == 1
    assert groups != {""}
    for seed in range(5):
        parts = split(made, val_fraction=0.25, seed=seed)
        assert sum(twin in made.examples[i].text for i in parts.val) in (0, 2)


def test_a_held_out_text_with_a_near_twin_in_training_is_named(tmp_path: Path) -> None:
    twin = "the plot is a mess but the actors save what can be saved of this long evening"
    rows = [f'"{text}",{label},train' for label, some in (("good", GOOD), ("bad", BAD))
            for text in some]  # fmt: skip
    rows += [f'"{twin}",good,train', f'"Well, {twin}!",good,val', '"a fine day",bad,val']
    path = tmp_path / "films.csv"
    path.write_text("\n".join(["text,label,split", *rows]) + "\n", encoding="utf-8")
    made = import_data(path)
    assert told(made.id) == {"near_leak": 1, "near_twins": 1}


def test_a_class_of_near_twins_can_still_be_divided(tmp_path: Path) -> None:
    lines = ["text,label"]
    for label, wing in (("up", "east"), ("down", "west")):
        way = f"the lift in the {wing} wing goes {label} to the floor with the number"
        lines += [f"{way} {n},{label}" for n in range(10)]
    path = tmp_path / "lifts.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = import_data(path)
    assert told(made.id)["near_twins"] >= 16
    parts = split(made, val_fraction=0.2, seed=0)
    assert {made.examples[i].label for i in parts.val} == {0, 1}
