"""Where a model looked: kept, added to, and told with how far it can be trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tl_core.analysis import looks
from tl_core.analysis.looks import Looked, Looks

FIRST = Looks("grad_cam", (Looked(3, "bee", 0, 2, 0.2), Looked(5, "ant")), 0.1, -0.2, 2, 7)


def test_what_is_looked_at_later_is_added(tmp_path: Path) -> None:
    assert looks.read(tmp_path) is None
    looks.add(tmp_path, FIRST)
    looks.add(tmp_path, Looks("grad_cam", (Looked(5, "bee"), Looked(9, "ant")), edge=7))
    found = looks.read(tmp_path)
    assert found is not None
    assert [(one.row, one.given) for one in found.looked] == [(3, "bee"), (5, "bee"), (9, "ant")]
    assert (found.head, found.last, found.n) == (0.1, -0.2, 2), "measured once"
    assert found.of(3) == FIRST.looked[0]
    assert found.of(4) is None


def test_words_are_kept(tmp_path: Path) -> None:
    words = ({"text": "good", "weight": 1.5},)
    looks.add(tmp_path, Looks("words", (Looked(1, "spam", words=words, rest="and on"),)))
    found = looks.read(tmp_path)
    assert found is not None
    assert found.looked[0].words == words


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"how": "x", "looked": [], "version": 9}'])
def test_damaged_looks_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "artifacts").mkdir()
    (tmp_path / looks.FILE).write_text(content)
    assert looks.read(tmp_path) is None


def test_where_is_told_in_words() -> None:
    assert looks.where(FIRST.looked[0]).startswith("It looked mostly here: top right; half of it")
    assert "in the middle" in looks.where(Looked(1, "a", 1, 1, 0.3))
    assert "No place spoke" in looks.where(Looked(1, "a", 1, 1, 1.0))
    assert "nearly the whole picture" in looks.where(Looked(1, "a", 1, 1, 0.47))


def test_trust_rests_on_random_networks() -> None:
    told = looks.trust(FIRST)
    assert "rank correlation 0.10" in told
    assert "−0.20 (2 pictures)" in told
    assert "do depend on what was learned" in told
    assert "more about the pictures" in looks.trust(replace(FIRST, last=0.8))
    assert "not measured" in looks.trust(replace(FIRST, head=None))
    assert "2 × 2 places" in looks.trust(replace(FIRST, edge=2))


def test_an_answer_may_say_where_it_looked() -> None:
    top = [{"label": "bee", "probability": 0.9}]
    told = {"how": "grad_cam", "down": 2, "across": 0, "area": 0.1}
    found = looks.in_answer({"top": top, "looks": told})
    assert found is not None
    assert "bottom left; half of it lies on 10 %" in looks.where(found)
    assert looks.in_answer({"top": top}) is None
    assert told["how"] in looks.HOW


def test_a_map_has_its_own_file(tmp_path: Path) -> None:
    assert looks.picture(tmp_path, 7) == tmp_path / "artifacts" / "looks" / "7.jpg"
