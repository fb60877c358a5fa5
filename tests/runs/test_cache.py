"""The cache of what was read: one entry a run, the oldest dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tl_core.runs import cache, events


def test_an_entry_is_shared_and_reads_only_what_is_new(tmp_path: Path) -> None:
    entry = cache.entry_of(tmp_path)
    assert cache.entry_of(tmp_path) is entry
    assert not entry.update()
    with events.EventWriter(tmp_path / events.FILE) as writer:
        writer.emit("created")
        assert entry.update()
        assert not entry.update()
        writer.emit("launched")
        assert entry.update()
    assert entry.fold.life == "launched"
    assert entry.fold.last_seq == 2


def test_a_torn_line_is_no_news(tmp_path: Path) -> None:
    entry = cache.entry_of(tmp_path)
    (tmp_path / events.FILE).write_text('{"kind":')
    assert not entry.update()
    assert entry.bad_lines == 0


def test_what_is_known_stays_when_the_log_is_gone(tmp_path: Path) -> None:
    entry = cache.entry_of(tmp_path)
    with events.EventWriter(tmp_path / events.FILE) as writer:
        writer.emit("created")
    assert entry.update()
    (tmp_path / events.FILE).unlink()
    assert not entry.update()
    assert entry.fold.life == "created"


def test_the_entry_unused_for_longest_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MOST_ENTRIES", 2)
    first = cache.entry_of(tmp_path / "a")
    second = cache.entry_of(tmp_path / "b")
    assert cache.entry_of(tmp_path / "a") is first
    cache.entry_of(tmp_path / "c")
    assert cache.entry_of(tmp_path / "a") is first
    assert cache.entry_of(tmp_path / "b") is not second
