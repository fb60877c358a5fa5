"""The record of doubts: kept by the state of the data, nothing of it when damaged or outdated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.data import suspicions
from tl_core.data.suspicions import (
    LeakScores,
    Suspect,
    Suspicions,
    doubt_sentence,
    leak_sentence,
)
from tl_core.spec import Accuracy

ACC = Accuracy(0.9, 0.8, 0.95, 100)
FOUND = Suspicions(
    100, ACC, (Suspect(3, "cat", "dog", 0.01),), LeakScores(ACC, replace(ACC, value=0.8))
)


def test_what_is_written_is_read_under_its_fingerprint_only(tmp_path: Path) -> None:
    suspicions.write(tmp_path, "a" * 64, FOUND)
    assert suspicions.read(tmp_path, "a" * 64) == FOUND
    assert suspicions.read(tmp_path, "b" * 64) is None


def test_no_leak_scores_are_kept_as_none(tmp_path: Path) -> None:
    suspicions.write(tmp_path, "a", replace(FOUND, leak=None, wrong=()))
    assert suspicions.read(tmp_path, "a") == replace(FOUND, leak=None, wrong=())


def test_what_a_leak_is_worth_is_told() -> None:
    told = leak_sentence(LeakScores(ACC, replace(ACC, value=0.8, low=0.7, high=0.88)))
    assert told.startswith("A quick classifier gets 90 % (80 to 95) of the held-out ones right;")
    assert "80 % (70 to 88)" in told
    assert "Everything" in leak_sentence(LeakScores(ACC, None))


def test_who_doubts_is_told_with_how_far_to_trust_it() -> None:
    told = doubt_sentence(FOUND, "picture")
    assert "looked at 100 pictures and agrees with 90 % of the labels" in told


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}'])
def test_damaged_records_are_looked_for_again(tmp_path: Path, content: str) -> None:
    path = suspicions.path_of(tmp_path, "a")
    path.parent.mkdir()
    path.write_text(content)
    assert suspicions.read(tmp_path, "a") is None


def test_another_version_is_looked_for_again(tmp_path: Path) -> None:
    suspicions.write(tmp_path, "a", replace(FOUND, version=99))
    assert suspicions.read(tmp_path, "a") is None
