"""Findings: counted whole, named in part, told in order, stored without their words."""

from __future__ import annotations

from pathlib import Path

from tl_core import files
from tl_core.data import limits
from tl_core.data.finding import (
    FINDINGS_FILE,
    Notes,
    by_severity,
    finding,
    read_findings,
    write_findings,
)


def test_notes_count_everything_and_name_the_first() -> None:
    notes = Notes()
    names = [f"{i}.png" for i in range(limits.MAX_NAMES_KEPT + 5)]
    for name in names[:3]:
        notes.add("unreadable", name)
    notes.add("unreadable", *names[3:])
    (only,) = notes.findings()
    assert only.count == len(names)
    assert only.examples == tuple(names[: limits.MAX_NAMES_KEPT])
    assert str(len(names)) in only.effect


def test_noting_nothing_finds_nothing() -> None:
    notes = Notes()
    notes.add("stray")
    assert notes.findings() == ()


def test_the_most_pressing_comes_first() -> None:
    found = by_severity(finding(c, 1) for c in ("hidden", "links", "leak", "conflict", "stray"))
    assert [f.check for f in found] == ["conflict", "leak", "links", "hidden", "stray"]


def test_findings_are_stored_without_words_and_told_again(tmp_path: Path) -> None:
    found = (finding("links", 3, ["a", "b"]), finding("hidden", 1, [".x"]))
    write_findings(tmp_path, found)
    assert found[0].effect not in (tmp_path / FINDINGS_FILE).read_text()
    assert read_findings(tmp_path) == found


def test_no_file_and_unknown_checks_are_nothing(tmp_path: Path) -> None:
    assert read_findings(tmp_path) == ()
    rows = [{"check": "from the future", "count": 1, "examples": []}]
    files.write_json(tmp_path / FINDINGS_FILE, rows)
    assert read_findings(tmp_path) == ()


def test_large_counts_are_easy_to_read() -> None:
    assert finding("hidden", 1437).effect.startswith("1,437 ")
